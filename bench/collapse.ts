import { fileURLToPath } from 'node:url';
import { measure } from './detector/measures.ts';
import type { Measures } from './detector/measures.ts';
import { recordedRuns } from './detector/packedRuns.ts';
import { medianMultiple } from './detector/rules/thresholds.ts';
import { detectorJudge, ruleJudge } from './detector/verdict.ts';
import type { BenchResult } from './report.ts';
import type { BenchRow } from './row.ts';

/** The collapse detector against the rule of thumb, on the recorded runs that it was not tuned on. `npm run bench:detector` measures all else. */
export function benchCollapse(): BenchResult {
  const runs = recordedRuns(fileURLToPath(new URL('../bench/detector/data', import.meta.url))).filter(({ half }) => half === 'reporting');
  const [ours, theirs] = [detectorJudge('otb', {}), ruleJudge(medianMultiple)].map((judge) => measure('plain', runs, judge));
  if (ours === undefined || theirs === undefined) throw new Error('two judges have two measures');
  const row = (name: string, unit: string, of: (measures: Measures) => number): BenchRow => ({
    name,
    ours: of(ours),
    peer: `gradient norm > ${medianMultiple.name} of 60`,
    theirs: of(theirs),
    ratio: of(ours) / of(theirs),
    unit,
  });
  return {
    rows: [
      row('collapses called, from 100 steps before to 50 after', 'share, more is better', ({ caught }) => caught.count / caught.of),
      row('healthy runs called collapsed', 'share, less is better', ({ flagged }) => flagged.count / flagged.of),
    ],
    notes: [
      `Collapse: ${ours.caught.of} collapsed and ${ours.flagged.of} healthy recorded runs; the median alarm comes ${-ours.delay[1]} steps before the labelled step.`,
    ],
  };
}
