import { isObject } from '../records/json.ts';

/** What tells whether a run of a series repeats another one. */
export interface RepeatableRun {
  readonly seed: number | null;
  /** Last step reached. */
  readonly step: number;
  /** Config snapshot, plain JSON; null where there is none. */
  readonly config: unknown;
}

/** A run that was made again, and the one that stands for both. */
export interface Repeat<Run> {
  readonly run: Run;
  readonly of: Run;
}

/**
 * The runs of a series that count: of the same config and seed one, because such runs are the same, bit for bit, and tell nothing new.
 * The one that got furthest stands for all, so that a run that was stopped hides none that was finished. Only a config of the built-in
 * trainer settles all that a run depends on; runs of other programs, and those whose seed is not known, each count.
 *
 * @param series runs that differ in nothing that matters but their seed
 */
export function countedOnce<Run>(
  series: readonly Run[],
  describe: (run: Run) => RepeatableRun,
): { readonly runs: readonly Run[]; readonly repeats: readonly Repeat<Run>[] } {
  const furthest = new Map<number, Run>();
  for (const run of series) {
    const seed = settledSeed(describe(run));
    if (seed === undefined) continue;
    const before = furthest.get(seed);
    if (before === undefined || describe(run).step > describe(before).step) furthest.set(seed, run);
  }
  const runs: Run[] = [];
  const repeats: Repeat<Run>[] = [];
  for (const run of series) {
    const seed = settledSeed(describe(run));
    const of = seed === undefined ? run : (furthest.get(seed) ?? run);
    if (of === run) runs.push(run);
    else repeats.push({ run, of });
  }
  return { runs, repeats };
}

/** That some runs are left out of the statistics, as a sentence; undefined: none is. */
export function repeatSentence(repeats: number): string | undefined {
  if (repeats === 0) return undefined;
  return repeats === 1
    ? '1 run is a repeat of the same config and seed as another; the two count once.'
    : `${repeats} runs are repeats of the same config and seed and count once.`;
}

/** The seed that, with the config, settles a run; undefined: something else may play a part. */
function settledSeed({ seed, config }: RepeatableRun): number | undefined {
  if (seed === null || !Number.isFinite(seed) || !isObject(config)) return undefined;
  const { trainer } = config;
  return trainer === undefined || trainer === 'builtin' ? seed : undefined;
}
