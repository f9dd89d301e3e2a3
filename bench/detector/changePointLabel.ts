import { metricNames } from '../../src/core/records/metricNames.ts';
import { segmentsOf } from './changePoints.ts';
import type { LabelledRun, LoggedStep } from './labelledRun.ts';

/** When the score of a run is lost, by the levels of the whole curve. */
export interface Loss {
  /** First step of the lower level. */
  readonly step: number;
  /** Whether no later level is high again. */
  readonly forGood: boolean;
}

/** A level this short is none that a run has stayed at. */
const shortestLoss = 20;

/**
 * The first level of at least 20 scores whose mean is at most `share` of the best level before it, of a reward that is worth nothing at 0. Made
 * apart from how the runs were labelled at first: no window that follows the score, no best of noisy means, and the step is the change itself.
 * null: there is none.
 */
export function lossOf(steps: readonly LoggedStep[], share = 0.5): Loss | null {
  const scored = steps.filter(({ data }) => Number.isFinite(data[metricNames.score]));
  const segments = segmentsOf(scored.map(({ data }) => data[metricNames.score] ?? 0));
  let best = -Infinity;
  for (const [i, { start, mean }] of segments.entries()) {
    if (mean <= share * best) {
      const later = segments.slice(i);
      const back = later.findIndex((segment) => segment.mean > share * best);
      const until = back < 0 ? scored.length : (later[back]?.start ?? scored.length);
      if (until - start >= shortestLoss) return { step: scored[start]?.step ?? 0, forGood: back < 0 };
    }
    best = Math.max(best, mean);
  }
  return null;
}

/** The run with this label instead of its own. An onset is what it was, where the collapse has stayed one. */
export function relabelled(run: LabelledRun): LabelledRun {
  const loss = lossOf(run.steps);
  return {
    ...run,
    collapse: loss === null ? null : { step: loss.step, onset: run.collapse?.onset ?? null },
    finalState: loss === null ? 'healthy' : loss.forGood ? 'collapsed' : null,
  };
}
