/** Stable: agents, their prompts and people's settings name them. */
export const agentToolNames = [
  'otb_list_runs',
  'otb_summarize_run',
  'otb_compare_runs',
  'otb_metrics_around_step',
  'otb_rollouts_at_step',
] as const;
export type AgentToolName = (typeof agentToolNames)[number];
