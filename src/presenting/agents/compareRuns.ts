import { compareRuns as compare } from '../../core/comparison/comparison.ts';
import type { ComparedRun, GroupSummary, RunGroup } from '../../core/comparison/groups.ts';
import type { PairedTest } from '../../core/comparison/pairedTests.ts';
import { isEstimatorName } from '../../core/estimators/registry.ts';
import { listedRuns } from '../../core/records/runState.ts';
import { comparedRun } from '../../runs/inspection/comparedRun.ts';
import { AgentError } from './agentError.ts';
import type { AgentRuns } from './agentRuns.ts';
import { agentTool } from './agentTool.ts';
import { dropLast, measured } from './answer.ts';
import type { ReferredRun } from './runReferences.ts';
import { plainValue } from './tellingConfig.ts';
import { plainLine } from './untrustedText.ts';

const mostRuns = 40;
const longest = { label: 120, sentence: 400, path: 60 } as const;

export const compareRuns = agentTool(
  {
    name: 'otb_compare_runs',
    title: 'Compare training runs',
    description:
      'Compares training runs by advantage estimator (and by config values that differ): how many collapsed and when, final and best score as mean and ' +
      'standard deviation over seeds, gradient norms, paired tests against the strongest method, and a verdict that also says what the numbers do not ' +
      'show. Give either "runs" or "group".',
    userDescription: 'Compares training runs by estimator: collapses, scores, gradient norms, with tests.',
    reference: 'otbCompare',
    icon: '$(compare-changes)',
    mostBytes: 8_000,
    progress: 'Comparing training runs',
    input: {
      type: 'object',
      properties: {
        runs: {
          type: 'array',
          items: { type: 'string', maxLength: 500 },
          minItems: 2,
          maxItems: mostRuns,
          description: 'The runs, as otb_list_runs calls them.',
        },
        group: { type: 'string', maxLength: 200, description: 'All runs of this group, instead: the "group" of a row of otb_list_runs.' },
      },
      required: [],
      additionalProperties: false,
    },
  },
  async ({ runs: asked, group }, runs, signal) => {
    const chosen = await chosenRuns(asked, group, runs, signal);
    const compared: ComparedRun[] = [];
    const unread: object[] = [];
    for (const one of chosen.slice(0, mostRuns)) {
      const read = await readCompared(one, runs, signal);
      if (read instanceof AgentError) unread.push({ run: one.reference, untrusted_text: { problem: plainLine(read.message, 200) } });
      else compared.push(read);
    }
    const { groups, reference, tests, verdict, repeats } = compare(compared);
    const referenceOf = new Map(chosen.map(({ run, reference: name }) => [run.dir, name]));
    const rows = groups.map((one) => groupRow(one, referenceOf));
    const testRows = tests.map(testRow);
    const sentences = verdict.map((sentence) => plainLine(sentence, longest.sentence));
    return {
      build: () => ({
        runs: compared.length,
        left_out: Math.max(0, chosen.length - mostRuns),
        repeats: repeats.length,
        groups: rows,
        tests: testRows,
        ...(unread.length > 0 && { unread }),
        untrusted_text: { ...(reference && { reference: plainLine(reference.label, longest.label) }), verdict: sentences },
      }),
      cuts: [
        dropLast('unread', unread, 3),
        { of: 'groups.runs', cut: () => dropRunNames(rows) },
        dropLast('tests', testRows, 4),
        dropLast('groups', rows, 6),
        dropLast('verdict', sentences, 3),
        dropLast('tests', testRows),
        dropLast('groups', rows, 1),
        dropLast('unread', unread),
        dropLast('verdict', sentences, 1),
      ],
    };
  },
);

async function chosenRuns(
  asked: readonly string[] | undefined,
  group: string | undefined,
  runs: AgentRuns,
  signal: AbortSignal,
): Promise<readonly ReferredRun[]> {
  if ((asked === undefined) === (group === undefined)) throw new AgentError('bad_input', 'Give either "runs" or "group".');
  if (group !== undefined) {
    const all = await runs.group(group, signal);
    const listed = new Set(listedRuns(all.map(({ run }) => run)));
    return all.filter(({ run }) => listed.has(run));
  }
  const found = new Map<string, ReferredRun>();
  for (const reference of asked ?? []) {
    const one = await runs.find(reference, signal);
    found.set(one.run.dir, one);
  }
  if (found.size < 2) throw new AgentError('bad_input', 'Two or more different runs are needed for a comparison.');
  return [...found.values()];
}

/** What cannot be read does not keep the others from being compared. */
async function readCompared(one: ReferredRun, runs: AgentRuns, signal: AbortSignal): Promise<ComparedRun | AgentError> {
  try {
    const place = await runs.placeOf(one);
    const { table } = await runs.read(one, signal);
    return { ...comparedRun({ place, identity: one.run.identity, metrics: table }), source: one.run.dir };
  } catch (error) {
    if (error instanceof AgentError) return error;
    throw error;
  }
}

interface GroupRow {
  runs: readonly string[];
  readonly [key: string]: unknown;
}

function groupRow({ summary, runs }: RunGroup, references: ReadonlyMap<string, string>): GroupRow {
  const { estimator, label, parameters, count, seeds, collapsed, recovered, onsetStep, medianGradNorm, worstGradNorm } = summary;
  return {
    estimator: isEstimatorName(estimator) ? estimator : null,
    count,
    seeds: seeds.slice(0, 20),
    collapsed,
    recovered,
    onset_step: onsetStep,
    final_score: spread(summary.finalScore),
    best_score: spread(summary.bestScore),
    median_grad_norm: measured(medianGradNorm),
    max_grad_norm: measured(worstGradNorm),
    runs: runs.map(({ source }) => references.get(source) ?? ''),
    untrusted_text: {
      label: plainLine(label, longest.label),
      ...(Object.keys(parameters).length > 0 && { parameters: parametersOf(parameters) }),
    },
  };
}

const mostParameters = 8;

function parametersOf(parameters: GroupSummary['parameters']): object {
  const entries = Object.entries(parameters).slice(0, mostParameters);
  return Object.fromEntries(entries.map(([path, value]) => [plainLine(path, longest.path), plainValue(value)]));
}

function spread(value: GroupSummary['finalScore']): object | null {
  return value === null ? null : { mean: measured(value.mean), std: measured(value.std) };
}

/** Of the reference against another group; p two-sided. */
function testRow({ other, pairs, collapse, finalScore }: PairedTest): object {
  const interval = finalScore?.tInterval;
  return {
    pairs,
    collapse_p: measured(collapse.fisher.adjusted),
    final_score_difference: measured(finalScore?.meanDifference),
    final_score_interval: interval ? [measured(interval.low), measured(interval.high)] : null,
    final_score_p: measured(finalScore?.wilcoxon),
    untrusted_text: { other: plainLine(other, longest.label) },
  };
}

/** Takes the names of runs out of the group that has most of them. */
function dropRunNames(rows: readonly GroupRow[]): boolean {
  const most = rows.toSorted((a, b) => b.runs.length - a.runs.length)[0];
  if (most === undefined || most.runs.length === 0) return false;
  most.runs = [];
  return true;
}
