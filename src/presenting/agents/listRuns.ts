import { collapseStates } from '../../core/records/events.ts';
import { isArchived, isLive } from '../../core/records/runState.ts';
import { agentTool } from './agentTool.ts';
import { dropLast } from './answer.ts';
import { runsOfGroup } from './runReferences.ts';
import type { ReferredRun } from './runReferences.ts';
import { identityKeys, nameKeys, numberOrNull, progressKeys } from './runRow.ts';

const usualLimit = 20;
/** States of the process that can be asked for; "active" is one that is at work. */
const processWords = ['active', 'starting', 'running', 'finished', 'stopped', 'failed', 'lost', 'idle'] as const;
const stateWords = [...processWords, ...collapseStates] as const;

export const listRuns = agentTool(
  {
    name: 'otb_list_runs',
    title: 'List training runs',
    description:
      'Lists reinforcement-learning training runs of language models, newest first: what each is, whether its process is at work, whether its ' +
      'gradient norm shows a collapse, how far it is, its score and gradient norm. Start here; the other tools take the "run" or "group" of a row. ' +
      '"matching" is how many runs the filters let through, "left_out" how many of those are not in the answer.',
    userDescription: 'Lists training runs with their state, step, score and gradient norm.',
    reference: 'otbRuns',
    icon: '$(list-unordered)',
    mostBytes: 16_000,
    progress: 'Listing training runs',
    input: {
      type: 'object',
      properties: {
        state: {
          type: 'string',
          enum: stateWords,
          maxLength: 20,
          description: `Only runs in this state, of the process (${processWords.join(', ')}; active: starting or running) or of the training (${collapseStates.join(', ')}).`,
        },
        name: {
          type: 'string',
          maxLength: 200,
          description:
            'Only runs with all these words in their name, reference, estimator, group or tags; upper and lower case are the same.',
        },
        group: { type: 'string', maxLength: 200, description: 'Only the runs of this group: the "group" of a row.' },
        limit: { type: 'integer', minimum: 1, maximum: 50, description: `Runs in the answer at most; ${usualLimit} where it is left out.` },
      },
      required: [],
      additionalProperties: false,
    },
  },
  async ({ state, name, group, limit = usualLimit }, runs, signal) => {
    const all = await runs.all(signal);
    const among = group === undefined ? all : runsOfGroup(group, all);
    const words = (name ?? '').toLowerCase().split(/\s+/).filter(Boolean);
    const matching = among.filter((one) => isInState(one, state) && words.every((word) => searched(one).includes(word)));
    const rows = matching.slice(0, limit).map(row);
    return {
      build: () => ({ matching: matching.length, left_out: matching.length - rows.length, runs: rows }),
      cuts: [dropLast('runs', rows)],
    };
  },
);

function isInState({ run }: ReferredRun, state: (typeof stateWords)[number] | undefined): boolean {
  if (state === undefined) return true;
  return state === 'active' ? isLive(run) : run.process === state || run.collapse === state;
}

function searched({ run, reference, group }: ReferredRun): string {
  const { name, estimator, label } = run.identity;
  return [reference, group, name, estimator ?? '', label?.name ?? '', run.group?.title ?? '', ...(label?.tags ?? [])]
    .join(' ')
    .toLowerCase();
}

function row(referred: ReferredRun): object {
  const { run } = referred;
  return {
    ...identityKeys(referred),
    ...(isArchived(run) && { archived: true }),
    created_at: run.identity.createdAt === '' ? null : run.identity.createdAt.slice(0, 25),
    ...progressKeys(run),
    onset_step: run.onsetStep,
    score: numberOrNull(run.score),
    grad_norm: numberOrNull(run.gradNorm),
    untrusted_text: nameKeys(run),
  };
}
