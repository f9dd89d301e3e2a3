import { declineThresholds } from '../../src/core/collapse/options.ts';
import type { CollapseDetectorOptions } from '../../src/core/collapse/options.ts';
import { metricNames } from '../../src/core/records/metricNames.ts';
import type { Proportion } from '../../src/core/statistics/fisherExact.ts';
import { lossOf, relabelled } from './changePointLabel.ts';
import type { Loss } from './changePointLabel.ts';
import type { LabelledRun } from './labelledRun.ts';
import { measure, measureGroups } from './measures.ts';
import type { Measures } from './measures.ts';
import type { PublicLog, RecordedRun } from './packedRuns.ts';
import { alarmRules } from './rules.ts';
import { updateTimes } from './speed.ts';
import { syntheticRuns } from './synthetic.ts';
import { countText, quartilesText, rateText, shareText, shortText, tableOf } from './table.ts';
import type { Column, Table } from './table.ts';
import { variants } from './variants.ts';
import type { Variant } from './variants.ts';
import { detectorJudge, ruleJudge } from './verdict.ts';
import type { Judge, Verdict } from './verdict.ts';

/** A part of what is measured: what is told of it, and what that was made of. */
export interface Section {
  /** Tables by name. */
  readonly tables: Readonly<Record<string, Table>>;
  readonly measures: readonly Measures[];
}

/** The runs that everything is measured on. */
export interface Runs {
  readonly half: LabelledRun['half'];
  readonly recorded: readonly RecordedRun[];
  readonly logs: readonly PublicLog[];
}

/** The detector with some of its options. */
interface DetectorVariant {
  readonly name: string;
  readonly options: CollapseDetectorOptions;
}

/** Names that no run logs. */
const unlogged = { entropy: '', responseLength: '', clipRatio: '' };
const { supported, alone } = declineThresholds;

/** The levels of sensitivity, and the rule without one of its parts, or with another number in its place. */
const detectorVariants: readonly DetectorVariant[] = [
  { name: 'the rule, at the level normal', options: {} },
  { name: 'level low', options: { sensitivity: 'low' } },
  { name: 'level high', options: { sensitivity: 'high' } },
  { name: 'no share of the gain', options: { decline: { gainShare: 0 } } },
  { name: 'all of the gain must be lost', options: { decline: { gainShare: 1 } } },
  { name: 'no errors of the level', options: { decline: { levelErrors: 0 } } },
  { name: 'no allowance for scores mostly at their least', options: { decline: { slack: Number.NEGATIVE_INFINITY } } },
  { name: 'other metrics do not help the score', options: { decline: { supported: alone, rarely: 1 } } },
  { name: 'they always do', options: { decline: { alone: supported } } },
  { name: 'rare scores need as much as others', options: { decline: { rarely: 1 } } },
  { name: 'wandering norms need no more', options: { rise: { wandering: 0 } } },
  { name: 'a gradient that vanishes tells nothing', options: { rise: { aftermath: Number.NEGATIVE_INFINITY } } },
  { name: 'gradient norm and score only', options: { keys: unlogged } },
  { name: 'and entropy', options: { keys: { ...unlogged, entropy: metricNames.entropy } } },
  { name: 'and response length', options: { keys: { ...unlogged, responseLength: metricNames.responseLength } } },
];

/** The detector as it is used. */
const ours: Judge = detectorJudge('otb', {});

const columns = {
  set: { title: 'runs', cell: ({ set }) => set },
  judge: { title: 'rule', cell: ({ judge }) => judge },
  caught: { title: 'collapses caught', cell: ({ caught }) => shareText(caught) },
  inWindow: { title: 'with any alarm near the collapse', cell: ({ inWindow }) => countText(inWindow) },
  late: { title: 'called later', cell: ({ late }) => countText(late) },
  early: { title: 'flagged early', cell: ({ early }) => countText(early) },
  flagged: { title: 'healthy flagged', cell: ({ flagged }) => shareText(flagged) },
  delay: { title: 'delay, steps', cell: ({ delay }) => quartilesText(delay) },
  onset: { title: 'onset within 10', cell: ({ onsetRight }) => shareText(onsetRight) },
  surges: { title: 'caught of those with a surge', cell: ({ caughtOfSurges }) => countText(caughtOfSurges) },
  warnings: { title: 'warnings per 1,000', cell: ({ warnings, healthySteps }) => rateText(warnings, healthySteps) },
  warned: { title: 'healthy warned', cell: ({ warned }) => countText(warned) },
  spikes: { title: 'spikes per 1,000', cell: ({ spikes, healthySteps }) => rateText(spikes, healthySteps) },
  state: { title: 'wrong state', cell: ({ wrongState }) => countText(wrongState) },
  unlike: { title: 'unlike plain', cell: ({ unlikePlain }) => countText(unlikePlain) },
} satisfies Record<string, Column<Measures>>;

const alarms = [columns.caught, columns.late, columns.early, columns.flagged, columns.delay, columns.onset];
const others = [columns.warnings, columns.warned, columns.spikes, columns.state];

/** The recorded runs as other trainers would have logged them; `wanted` chooses variants by name. */
export function variantSection({ recorded }: Runs, wanted: (variant: string) => boolean): Section {
  const chosen = variants.filter(({ name }) => wanted(name));
  const plain = new Map<string, Verdict>();
  if (chosen.some(({ sameAsPlain }) => sameAsPlain)) for (const run of recorded) plain.set(run.name, ours.judge(run));
  const measures = chosen.map((variant) =>
    measure(
      variant.name,
      each(recorded, (run) => variant.of(run)),
      ours,
      variant.sameAsPlain ? plain : undefined,
    ),
  );
  return { tables: { recorded: tableOf(measures, [columns.set, ...alarms, columns.surges, ...others, columns.unlike]) }, measures };
}

export function logSection({ logs }: Runs): Section {
  const measures = [measure('public logs', labelled(logs), ours), measure('public logs without a clear label', unclear(logs), ours)];
  return { tables: { logs: tableOf(measures, [columns.set, ...alarms, ...others]) }, measures };
}

/** Runs that were made, all and by group; `wanted` chooses them by name. */
export function syntheticSection({ half }: Runs, wanted: (run: string) => boolean): Section {
  const measures = measureGroups('all', chosenOf(syntheticRuns(half), wanted), ours);
  return { tables: { synthetic: tableOf(measures, [columns.set, ...alarms, ...others]) }, measures };
}

/** Which runs show what a part of the rule is for, besides public logs and made ones. Rewards of other kinds give what plain ones give. */
const variantsForParts = ['plain', 'score every 10 steps', 'gradient norm only'];

/** Levels of sensitivity, and the rule without one of its parts, on runs of several kinds. */
export function partSection({ half, recorded, logs }: Runs): Section {
  const rows = detectorVariants.map(({ name, options }) => {
    const judge = detectorJudge(name, options);
    const asVariant = (variant: Variant) => measure(variant.name, each(recorded, variant.of), judge);
    const [made] = measureGroups('made', syntheticRuns(half), judge);
    return [
      ...variants.filter((variant) => variantsForParts.includes(variant.name)).map(asVariant),
      measure('public logs', labelled(logs), judge),
      ...(made === undefined ? [] : [made]),
    ];
  });
  const column = (title: string, set: string, text: (measures: Measures) => string): Column<readonly Measures[]> => ({
    title,
    cell: (row) => row.filter((measures) => measures.set === set).map(text)[0] ?? '',
  });
  const table = tableOf(rows, [
    { title: 'rule', cell: ([first]) => first?.judge ?? '' },
    ...(rows[0] ?? []).map(({ set, caught, early, flagged }) =>
      column(
        `${set}: caught of ${caught.of}, false of ${early.of + flagged.of}`,
        set,
        (row) => `${row.caught.count}, ${row.early.count + row.flagged.count}`,
      ),
    ),
    column('plain: onset within 10', 'plain', ({ onsetRight }) => countText(onsetRight)),
    column('plain: warnings per 1,000', 'plain', ({ warnings, healthySteps }) => rateText(warnings, healthySteps)),
    column('plain: healthy warned', 'plain', ({ warned }) => countText(warned)),
    column('made: wrong state', 'made', ({ wrongState }) => countText(wrongState)),
  ]);
  return { tables: { parts: table }, measures: rows.flat() };
}

/** The rules of others on the same runs, and what a step costs each. */
export function ruleSection({ half, recorded, logs }: Runs): Section {
  const judges = [ours, ...alarmRules.map(ruleJudge)];
  const measures = [
    ...judges.map((judge) => measure('plain', recorded, judge)),
    ...judges.map((judge) => measure('public logs', labelled(logs), judge)),
    ...judges.map((judge) => measure('made, up to 3,000 steps', shortOf(syntheticRuns(half)), judge)),
  ];
  const { set, judge, caught, inWindow, early, flagged, delay } = columns;
  const sources = new Map(alarmRules.map(({ name, source }) => [name, source]));
  return {
    tables: {
      rules: tableOf(measures, [set, judge, caught, inWindow, early, flagged, delay]),
      speed: tableOf(updateTimes(recorded.slice(0, 30), judges), [
        { title: 'rule', cell: (time) => time.judge },
        { title: 'µs a step', cell: ({ microseconds }) => shortText(microseconds) },
        { title: '× the cheapest', cell: ({ timesCheapest }) => shortText(timesCheapest) },
        { title: 'source', cell: (time) => sources.get(time.judge) ?? '' },
      ]),
    },
    measures,
  };
}

/** The same runs, with labels made in two ways. */
export function labelSection({ recorded }: Runs): Section {
  const measures = [
    measure('mean of 20 under half of its best', recorded, ours),
    measure('level of the whole curve at most half of the best', each(recorded, relabelled), ours),
  ];
  const losses = [1 / 3, 1 / 2, 2 / 3].map((share) => ({ share, of: new Map(recorded.map((run) => [run, lossOf(run.steps, share)])) }));
  const states = ['healthy', 'collapsed', 'recovered'] as const;
  const agreement = losses.flatMap(({ share, of }) =>
    states.map((state) => ({
      share,
      state,
      losses: recorded.filter(({ finalState }) => finalState === state).map((run) => of.get(run) ?? null),
    })),
  );
  const count = (title: string, counts: (loss: Loss | null) => boolean): Column<(typeof agreement)[number]> => ({
    title,
    cell: (row) => countText(shareOf(row.losses, counts)),
  });
  return {
    tables: {
      labels: tableOf(measures, [{ ...columns.set, title: 'label' }, ...alarms, columns.state]),
      agreement: tableOf(agreement, [
        { title: 'lost is a level of at most', cell: ({ share }) => `${Math.round(100 * share)} % of the best` },
        { title: 'by the mean of 20', cell: ({ state }) => state },
        count('not lost', (loss) => loss === null),
        count('lost for a while', (loss) => loss?.forGood === false),
        count('lost for good', (loss) => loss?.forGood === true),
      ]),
    },
    measures,
  };
}

function shareOf<Item>(items: readonly Item[], counts: (item: Item) => boolean): Proportion {
  return { count: items.filter(counts).length, of: items.length };
}

function labelled(logs: readonly PublicLog[]): readonly PublicLog[] {
  return logs.filter(({ label }) => label !== 'unclear');
}

function unclear(logs: readonly PublicLog[]): readonly PublicLog[] {
  return logs.filter(({ label }) => label === 'unclear');
}

/** One at a time, so that only one is in memory. */
function* each<Run>(runs: readonly Run[], change: (run: Run) => LabelledRun): Iterable<LabelledRun> {
  for (const run of runs) yield change(run);
}

function* chosenOf(runs: Iterable<LabelledRun>, wanted: (run: string) => boolean): Iterable<LabelledRun> {
  for (const run of runs) if (wanted(run.name)) yield run;
}

/** Without the longest, on which some rules take minutes. */
function* shortOf(runs: Iterable<LabelledRun>): Iterable<LabelledRun> {
  for (const run of runs) if (run.steps.length <= 3000) yield run;
}
