import type { CollapseState } from '../records/events.ts';
import { lowerBound } from '../panel/search.ts';
import { medianInPlace } from '../statistics/selection.ts';

/** Steps over whose mean the score of a run that is under way is taken: that of one step is too noisy to read. */
export const currentScoreSteps = 20;
/** Steps over whose mean the final score is taken. */
export const finalScoreSteps = 50;
/** Steps of the trailing mean whose best value is the best score. */
export const bestScoreSteps = 20;

/**
 * A run's curve, as columns of equal length in ascending order of step. Steps may be missing. NaN: not logged at that step; an
 * infinite gradient norm: it overflowed.
 */
export interface RunCurve {
  readonly steps: ArrayLike<number>;
  readonly gradNorm: ArrayLike<number>;
  readonly score: ArrayLike<number>;
}

/** What the collapse detector concluded about a run. */
export interface CollapseOutcome {
  readonly state: CollapseState;
  readonly onsetStep: number | null;
  readonly detectedStep: number | null;
}

/** A run in one line. Null: the run logged nothing to compute it from. */
export interface RunSummary extends CollapseOutcome {
  /** Where it is not known, what the run is called. */
  readonly estimator: string;
  /** Null: not known. */
  readonly seed: number | null;
  /** Last step reached. */
  readonly steps: number;
  /** See `finalScore`. */
  readonly finalScore: number | null;
  /** Best mean score over 20 consecutive steps. */
  readonly bestScore: number | null;
  readonly medianGradNorm: number | null;
  /** Infinity when the gradient norm overflowed or was no number at some step. */
  readonly maxGradNorm: number | null;
}

export function summarizeRun(run: {
  readonly estimator: string;
  readonly seed: number | null;
  readonly curve: RunCurve;
  readonly outcome: CollapseOutcome;
  /** Last step that is not the run's own, of a branch. */
  readonly after?: number | null;
}): RunSummary {
  const { after = null } = run;
  const curve = after === null ? run.curve : curveFrom(run.curve, after + 1);
  const { gradNorm } = curve;
  const { steps } = run.curve;
  const norms = numbersOf(gradNorm);
  return {
    estimator: run.estimator,
    seed: run.seed,
    steps: steps[steps.length - 1] ?? 0,
    state: run.outcome.state,
    onsetStep: run.outcome.onsetStep,
    detectedStep: run.outcome.detectedStep,
    finalScore: finalScore(curve),
    bestScore: bestScore(curve),
    maxGradNorm: norms.length === 0 ? null : norms.reduce((max, norm) => Math.max(max, norm), -Infinity),
    // Rearranges them.
    medianGradNorm: norms.length === 0 ? null : medianInPlace(norms),
  };
}

/** Those that are numbers, infinite ones too. */
function numbersOf(values: ArrayLike<number>): Float64Array {
  const numbers = new Float64Array(values.length);
  let count = 0;
  for (let i = 0; i < values.length; i++) if (!Number.isNaN(values[i])) numbers[count++] = values[i] as number;
  return numbers.subarray(0, count);
}

/** What comes from a step on. */
export function curveFrom({ steps, gradNorm, score }: RunCurve, step: number): RunCurve {
  const first = lowerBound(steps, step);
  const rest = (values: ArrayLike<number>): ArrayLike<number> => (first === 0 ? values : Array.from(values).slice(first));
  return { steps: rest(steps), gradNorm: rest(gradNorm), score: rest(score) };
}

/** Mean score over the last 50 steps; where none of them was scored, the last score there is; null: none is. */
export function finalScore({ steps, score }: Pick<RunCurve, 'steps' | 'score'>): number | null {
  const after = (steps[steps.length - 1] ?? 0) - finalScoreSteps;
  let sum = 0;
  let count = 0;
  for (let i = steps.length - 1; i >= 0; i--) {
    if ((steps[i] as number) <= after && count > 0) break;
    const value = score[i] as number;
    if (!Number.isFinite(value)) continue;
    sum += value;
    count++;
    if ((steps[i] as number) <= after) break;
  }
  return count === 0 ? null : sum / count;
}

/** Best mean score over 20 consecutive steps: a window counts once it is full; a run shorter than one window counts as a whole. */
function bestScore({ steps, score }: Pick<RunCurve, 'steps' | 'score'>): number | null {
  const first = steps[0] ?? 0;
  let best = -Infinity;
  let sum = 0;
  let count = 0;
  let start = 0;
  for (let i = 0; i < steps.length; i++) {
    const step = steps[i] as number;
    if (Number.isFinite(score[i])) {
      sum += score[i] as number;
      count++;
    }
    for (; (steps[start] as number) <= step - bestScoreSteps; start++) {
      if (!Number.isFinite(score[start])) continue;
      sum -= score[start] as number;
      count--;
    }
    const full = step - first >= bestScoreSteps - 1 || i === steps.length - 1;
    if (full && count > 0) best = Math.max(best, sum / count);
  }
  return best === -Infinity ? null : best;
}
