import type { AgentTool } from './agentTool.ts';
import { agentToolNames } from './agentToolNames.ts';
import type { AgentToolName } from './agentToolNames.ts';
import { compareRuns } from './compareRuns.ts';
import { listRuns } from './listRuns.ts';
import { metricsAroundStep } from './metricsAroundStep.ts';
import { rolloutsAtStep } from './rolloutsAtStep.ts';
import { summarizeRun } from './summarizeRun.ts';

/** What agents may ask, by name: the one source of names, descriptions and schemas. Every door to it is thin. */
export const agentTools: Readonly<Record<AgentToolName, AgentTool>> = {
  otb_list_runs: listRuns,
  otb_summarize_run: summarizeRun,
  otb_compare_runs: compareRuns,
  otb_metrics_around_step: metricsAroundStep,
  otb_rollouts_at_step: rolloutsAtStep,
};

/** Undefined: there is none of that name. */
export function agentToolNamed(name: string): AgentTool | undefined {
  const known = agentToolNames.find((one) => one === name);
  return known === undefined ? undefined : agentTools[known];
}
