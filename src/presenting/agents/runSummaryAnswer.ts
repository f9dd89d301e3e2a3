import { summarizeRun } from '../../core/comparison/runSummary.ts';
import { tableCurve } from '../../core/comparison/tableCurve.ts';
import { collapseCall, isLifecycleEvent } from '../../core/records/events.ts';
import type { CollapseEvent, RunEvent } from '../../core/records/events.ts';
import type { MetricTable } from '../../core/records/metricTable.ts';
import { comparedAs, expectedKeys } from '../../core/records/runIdentity.ts';
import { medianInPlace } from '../../core/statistics/selection.ts';
import type { RunOverview } from '../../runs/catalog/runOverview.ts';
import type { RunRead } from './agentRuns.ts';
import { dropLast, measured } from './answer.ts';
import type { Cut } from './answer.ts';
import { noiseRatios } from './noiseRatios.ts';
import { identityKeys, knownEstimator, nameKeys, progressKeys } from './runRow.ts';
import { plainReference } from './runReferences.ts';
import type { ReferredRun } from './runReferences.ts';
import { tellingConfig } from './tellingConfig.ts';
import { cutText, plainLine } from './untrustedText.ts';

/** Characters of sentences and notes at first, and when there is no room. */
const longest = { sentence: 300, shortSentence: 120, note: 160, shortNote: 40, metric: 80 } as const;
const mostNotes = 5;
const mostEvents = 8;
const mostRatios = 10;

/** One kind of event, condensed. */
interface EventCount {
  readonly type: RunEvent['type'];
  readonly count: number;
  readonly first_step: number;
  readonly last_step: number;
}

/** The summary of a run, and what of it can be cut where it is too long, in that order. */
export class RunSummaryAnswer {
  readonly cuts: readonly Cut[];
  /** What is never cut. */
  private readonly numbers: object;
  private readonly events: EventCount[];
  private readonly config: (readonly [string, unknown])[];
  private readonly ratios: (readonly [string, number])[];
  private readonly ratioSteps: readonly [number, number] | null;
  private readonly notes: { readonly step: number; text: string }[];
  /** Sentences by key. */
  private readonly sentences: Map<string, string>;

  constructor(
    private readonly referred: ReferredRun,
    read: RunRead,
  ) {
    const { run } = referred;
    const { identity, onsetStep } = run;
    this.numbers = numbersOf(referred, read.table);
    this.events = condensed([...read.events.filter(isLifecycleEvent), ...run.collapseEvents]).slice(0, mostEvents);
    this.config = [...tellingConfig(identity.config)];
    const noise = noiseRatios(read.table, knownEstimator(run), onsetStep);
    this.ratios = [...(noise?.ratios ?? [])].slice(0, mostRatios);
    this.ratioSteps = noise?.steps ?? null;
    this.notes = notesOf(run);
    this.sentences = sentencesOf(run, read.notes);
    this.cuts = this.allCuts();
  }

  build(): object {
    const { run } = this.referred;
    const { gradNorm, score } = run.identity.metricKeys;
    return {
      ...this.numbers,
      events: this.events.map(eventKeys),
      ...(this.ratioSteps !== null && { noise_ratio: { steps: this.ratioSteps, ...this.ratioKeys() } }),
      untrusted_text: {
        ...nameKeys(run),
        metrics: {
          ...(gradNorm !== undefined && { grad_norm: plainLine(gradNorm, longest.metric) }),
          ...(score !== undefined && { score: plainLine(score, longest.metric) }),
        },
        ...(this.config.length > 0 && { config: Object.fromEntries(this.config) }),
        ...Object.fromEntries(this.sentences),
        ...(this.notes.length > 0 && { notes: this.notes }),
      },
    };
  }

  private ratioKeys(): Readonly<Record<string, number | null>> {
    return Object.fromEntries(
      this.ratios.map(([estimator, ratio]) => [estimator, ratio >= 1e4 ? measured(ratio) : Number(ratio.toPrecision(3))]),
    );
  }

  /** What is told least loses first. */
  private allCuts(): readonly Cut[] {
    const { notes, config, ratios, events, sentences } = this;
    return [
      dropLast('config', config, 6),
      { of: 'notes', cut: () => shortenNote(notes, longest.note / 2) },
      dropLast('events', events, 4),
      dropLast('noise_ratio', ratios, 6),
      this.shortened(longest.sentence / 2),
      dropLast('noise_ratio', ratios, 4),
      dropLast('notes', notes, 2),
      this.shortened(longest.shortSentence),
      dropLast('config', config, 3),
      { of: 'notes', cut: () => shortenNote(notes, longest.shortNote) },
      dropLast('events', events, 2),
      dropLast('config', config),
      dropLast('notes', notes),
      this.shortened(longest.shortNote),
      dropLast('events', events),
      dropLast('noise_ratio', ratios),
      { of: 'sentences', cut: () => dropOne(sentences) },
    ];
  }

  private shortened(most: number): Cut {
    return {
      of: 'sentences',
      cut: () => {
        const [key, text] = [...this.sentences].find(([, sentence]) => [...sentence].length > most) ?? [];
        if (key === undefined || text === undefined) return false;
        this.sentences.set(key, cutText(text, most));
        return true;
      },
    };
  }
}

function numbersOf(referred: ReferredRun, table: MetricTable): object {
  const { run } = referred;
  const { identity, collapse, onsetStep, detectedStep } = run;
  const { branchedFrom } = identity;
  const { gradNorm, score, entropy, responseLength } = identity.metricKeys;
  const curve = tableCurve(table, expectedKeys(identity));
  const outcome = { state: collapse, onsetStep, detectedStep };
  const summary = summarizeRun({ estimator: comparedAs(identity), seed: identity.seed, curve, outcome });
  return {
    ...identityKeys(referred),
    created_at: identity.createdAt === '' ? null : identity.createdAt.slice(0, 25),
    ...progressKeys(run),
    logged_steps: table.length,
    grad_norm: withNumbers(ends(table, gradNorm), {
      median: measured(summary.medianGradNorm),
      max: measured(summary.maxGradNorm),
      max_step: stepOfMost(table, gradNorm),
    }),
    score: withNumbers(ends(table, score), {
      median: middle(table, score),
      best: measured(summary.bestScore),
      final: measured(summary.finalScore),
    }),
    entropy: ends(table, entropy),
    response_length: ends(table, responseLength),
    onset_step: onsetStep,
    detected_step: detectedStep,
    ...(branchedFrom && { branched_from: { run: plainReference(branchedFrom.id), step: branchedFrom.step } }),
  };
}

/** An event that happened once has one step. */
function eventKeys({ type, count, first_step, last_step }: EventCount): object {
  return count === 1 ? { type, step: last_step } : { type, count, first_step, last_step };
}

/** Null where the metric is not logged. */
type Ends = { readonly first: number | null; readonly last: number | null } | null;

function withNumbers(of: Ends, numbers: Readonly<Record<string, number | null>>): object | null {
  return of === null ? null : { ...of, ...numbers };
}

/** The first and the last value of a metric. */
function ends(table: MetricTable, key: string | undefined): Ends {
  const column = key === undefined ? undefined : table.column(key);
  if (!column) return null;
  const { values, present } = column;
  const first = values.findIndex((_, row) => present?.[row] !== 0);
  const last = values.findLastIndex((_, row) => present?.[row] !== 0);
  return first < 0 ? null : { first: measured(values[first]), last: measured(values[last]) };
}

function middle(table: MetricTable, key: string | undefined): number | null {
  const values = key === undefined ? undefined : table.column(key)?.values.slice();
  if (values === undefined) return null;
  let count = 0;
  for (const value of values) if (Number.isFinite(value)) values[count++] = value;
  return count === 0 ? null : measured(medianInPlace(values, count));
}

function stepOfMost(table: MetricTable, key: string | undefined): number | null {
  const values = key === undefined ? undefined : table.column(key)?.values;
  if (values === undefined) return null;
  let most = -1;
  let highest = Number.NEGATIVE_INFINITY;
  for (let row = 0; row < values.length; row++) {
    if ((values[row] as number) > highest) [most, highest] = [row, values[row] as number];
  }
  return most < 0 ? null : (table.steps[most] ?? null);
}

/** Events by type, in the order of their last; what is told as notes is not among them. */
function condensed(events: readonly RunEvent[]): EventCount[] {
  const counts = new Map<RunEvent['type'], EventCount>();
  for (const { type, step } of events) {
    if (type === 'notice' || type === 'note') continue;
    const { count = 0, first_step = step, last_step = step } = counts.get(type) ?? {};
    counts.set(type, { type, count: count + 1, first_step: Math.min(first_step, step), last_step: Math.max(last_step, step) });
  }
  const isGrave = ({ type }: EventCount): boolean => type === 'collapse' || type === 'nan' || type === 'failed';
  return [...counts.values()].sort((a, b) => Number(isGrave(b)) - Number(isGrave(a)) || b.last_step - a.last_step);
}

/** What people noted, the latest steps first. */
function notesOf({ stepNotes }: RunOverview): { readonly step: number; text: string }[] {
  return stepNotes
    .toReversed()
    .slice(0, mostNotes)
    .map(({ step, text }) => ({ step, text: plainLine(text, longest.note) }));
}

/** What the detector says of the state that the run is in, and what its process said. */
function sentencesOf(run: RunOverview, notes: readonly string[]): Map<string, string> {
  const told = tellingEvent(run);
  const sentences: readonly (readonly [key: string, text: string | null | undefined])[] = [
    ['detector', told?.message],
    ['advice', told?.advice],
    ['not_judged', run.notJudged],
    ['ending', run.exit?.message ?? run.note],
    ['remark', notes[0]],
  ];
  return new Map(sentences.flatMap(([key, text]): [string, string][] => (text ? [[key, plainLine(text, longest.sentence)]] : [])));
}

/** The event that says most about how the run stands: the collapse, else the last one. */
function tellingEvent({ collapseEvents, detectedStep, collapse }: RunOverview): CollapseEvent | undefined {
  const call = collapseCall(collapseEvents, detectedStep);
  return collapse === 'collapsed' && call !== undefined ? call : (collapseEvents.at(-1) ?? call);
}

function shortenNote(notes: readonly { text: string }[], most: number): boolean {
  const long = notes.find(({ text }) => [...text].length > most);
  if (!long) return false;
  long.text = cutText(long.text, most);
  return true;
}

function dropOne(sentences: Map<string, string>): boolean {
  const key = [...sentences.keys()].at(-1);
  return key !== undefined && sentences.delete(key);
}
