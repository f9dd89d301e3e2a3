import type { ComparedRun } from '../../../src/core/comparison/groups.ts';
import { summarizeRun } from '../../../src/core/comparison/runSummary.ts';
import { Random } from '../../../src/core/random.ts';

export interface RunDescription {
  readonly estimator: string;
  readonly seed: number;
  readonly steps?: number;
  /** Score before the onset, and after it 0.1. */
  readonly score?: number;
  /** The gradient norm surges to this value for ten steps from the onset on. */
  readonly onsetStep?: number | null;
  readonly surge?: number;
  readonly config?: unknown;
}

/** A run with a noisy curve as the trainer would log it. */
export function makeRun({
  estimator,
  seed,
  steps = 100,
  score = 0.8,
  onsetStep = null,
  surge = 1e4,
  config = null,
}: RunDescription): ComparedRun {
  const random = new Random(seed, estimator.length);
  const numbers = Array.from({ length: steps }, (_, index) => index + 1);
  const curve = {
    steps: numbers,
    gradNorm: numbers.map((step) => (onsetStep !== null && step >= onsetStep && step < onsetStep + 10 ? surge : 0.5 + random.uniform())),
    score: numbers.map((step) => (onsetStep !== null && step >= onsetStep ? 0.1 : score)),
  };
  const outcome = {
    state: onsetStep === null ? ('healthy' as const) : ('collapsed' as const),
    onsetStep,
    detectedStep: onsetStep === null ? null : onsetStep + 7,
  };
  return {
    source: `runs/${estimator}-s${seed}`,
    summary: summarizeRun({ estimator, seed, curve, outcome }),
    curve,
    config,
    events: [],
    notJudged: '',
  };
}

/** Seeds 1 … count; those listed collapse at step 60 + seed. */
export function makeGroup(estimator: string, count: number, collapsing: readonly number[], score = 0.8): ComparedRun[] {
  return Array.from({ length: count }, (_, index) => {
    const seed = index + 1;
    return makeRun({ estimator, seed, steps: 150, score, onsetStep: collapsing.includes(seed) ? 60 + seed : null });
  });
}
