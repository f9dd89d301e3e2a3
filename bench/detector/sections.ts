import type { CollapseDetectorOptions } from '../../src/core/collapse/options.ts';
import type { LabelledRun } from './labelledRun.ts';
import { measure, measureGroups } from './measures.ts';
import type { Measures } from './measures.ts';
import type { PublicLog, RecordedRun } from './packedRuns.ts';
import { countText, quartilesText, rateText, shareText } from './table.ts';
import type { Column } from './table.ts';
import { syntheticRuns } from './synthetic.ts';
import { variants } from './variants.ts';
import { detectorJudge } from './verdict.ts';
import type { Judge, Verdict } from './verdict.ts';

/** The detector as it is used. */
export const ours: Judge = detectorJudge('otb', {});

/** The detector with some of its options, for the tables of levels and parts. */
export interface DetectorVariant {
  readonly name: string;
  readonly options: CollapseDetectorOptions;
}

/** What its parts and levels are worth is measured with these, on the plain runs. */
export const detectorVariants: readonly DetectorVariant[] = [
  { name: 'the whole rule', options: {} },
  { name: 'sensitivity low', options: { sensitivity: 'low' } },
  { name: 'sensitivity normal', options: { sensitivity: 'normal' } },
  { name: 'sensitivity high', options: { sensitivity: 'high' } },
];

/** The runs as other trainers would have logged them; `wanted` chooses variants by name. */
export function variantMeasures(runs: readonly LabelledRun[], wanted: (variant: string) => boolean): Measures[] {
  const chosen = variants.filter(({ name }) => wanted(name));
  const plain = new Map<string, Verdict>();
  if (chosen.some(({ sameAsPlain }) => sameAsPlain)) for (const run of runs) plain.set(run.name, ours.judge(run));
  return chosen.map((variant) =>
    measure(
      variant.name,
      each(runs, (run) => variant.of(run)),
      ours,
      variant.sameAsPlain ? plain : undefined,
    ),
  );
}

export function logMeasures(logs: readonly PublicLog[], judge: Judge): Measures[] {
  return [
    measure(
      'public logs',
      logs.filter(({ label }) => label !== 'unclear'),
      judge,
    ),
    measure(
      'public logs without a clear label',
      logs.filter(({ label }) => label === 'unclear'),
      judge,
    ),
  ];
}

/** `wanted` chooses runs by name. */
export function syntheticMeasures(half: LabelledRun['half'], judge: Judge, wanted: (run: string) => boolean): Measures[] {
  return measureGroups('all', chosenOf(syntheticRuns(half), wanted), judge);
}

function* chosenOf(runs: Iterable<LabelledRun>, wanted: (run: string) => boolean): Iterable<LabelledRun> {
  for (const run of runs) if (wanted(run.name)) yield run;
}

export function detectorVariantMeasures(runs: readonly RecordedRun[]): Measures[] {
  return detectorVariants.map(({ name, options }) => measure('plain', runs, detectorJudge(name, options)));
}

/** One at a time, so that only one is in memory. */
function* each<Run>(runs: readonly Run[], change: (run: Run) => Run): Iterable<Run> {
  for (const run of runs) yield change(run);
}

/** What is said of each set, in this order. */
export const setColumns: readonly Column<Measures>[] = [
  { title: 'runs', cell: ({ set }) => set },
  { title: 'collapses caught', cell: ({ caught }) => shareText(caught) },
  { title: 'flagged early', cell: ({ early }) => countText(early) },
  { title: 'healthy flagged', cell: ({ flagged }) => shareText(flagged) },
  { title: 'delay, steps', cell: ({ delay }) => quartilesText(delay) },
  { title: 'onset within 10', cell: ({ onsetRight }) => shareText(onsetRight) },
  { title: 'warnings per 1,000', cell: ({ warnings, healthySteps }) => rateText(warnings, healthySteps) },
  { title: 'healthy warned', cell: ({ warned }) => countText(warned) },
  { title: 'spikes per 1,000', cell: ({ spikes, healthySteps }) => rateText(spikes, healthySteps) },
  { title: 'wrong state', cell: ({ wrongState }) => countText(wrongState) },
  { title: 'unlike plain', cell: ({ unlikePlain }) => countText(unlikePlain) },
];

export const syntheticColumns: readonly Column<Measures>[] = [{ title: 'group', cell: ({ set }) => set }, ...setColumns.slice(1, -1)];

/** The same columns, of several judges on one set. */
export const judgeColumns: readonly Column<Measures>[] = [{ title: 'rule', cell: ({ judge }) => judge }, ...setColumns.slice(1, -1)];
