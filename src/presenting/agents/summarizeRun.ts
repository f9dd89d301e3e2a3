import { finalScoreSteps, bestScoreSteps } from '../../core/comparison/runSummary.ts';
import { agentTool } from './agentTool.ts';
import { RunSummaryAnswer } from './runSummaryAnswer.ts';

export const summarizeRun = agentTool(
  {
    name: 'otb_summarize_run',
    title: 'Summarize a training run',
    description:
      'Summarizes one training run in under 2 kB: what it is, the config values that matter, where it stands, gradient norm and score (first, last, ' +
      `median, extremes; score "best" is the best mean of ${bestScoreSteps} consecutive steps, "final" the mean of the last ${finalScoreSteps}), whether it collapsed, ` +
      'since which step and by which rule, what happened to it, what to do, notes of people, and how noisy its gradient would have been under other ' +
      'advantage baselines (noise_ratio: below 1 is less noise than with the estimator in use).',
    userDescription: 'Summarizes one training run: state, gradient norm, score, collapse, advice.',
    reference: 'otbRun',
    icon: '$(graph-line)',
    mostBytes: 2_000,
    progress: 'Summarizing a training run',
    input: {
      type: 'object',
      properties: {
        run: {
          type: 'string',
          maxLength: 500,
          description: 'Which run: the "run" of otb_list_runs, the unique beginning of one, its directory, or its name.',
        },
      },
      required: ['run'],
      additionalProperties: false,
    },
  },
  async ({ run }, runs, signal) => {
    const referred = await runs.find(run, signal);
    const answer = new RunSummaryAnswer(referred, await runs.read(referred, signal));
    return { build: () => answer.build(), cuts: answer.cuts };
  },
);
