import type { CollapseDetector } from '../../../src/core/collapse/detector.ts';
import { Random } from '../../../src/core/random.ts';
import { metricNames } from '../../../src/core/records/metricNames.ts';
import type { CollapseEvent } from '../../../src/core/records/events.ts';

export interface Shape {
  readonly steps: number;
  readonly seed?: number;
  /** Healthy gradient norm at a step, before noise. */
  readonly gradNorm: (step: number) => number;
  /** Score at a step before noise; undefined: none is logged at this step. */
  readonly score?: (step: number) => number | undefined;
  /** Standard deviation of the noise: of the logarithm of the gradient norm, and of the score. */
  readonly gradNoise?: number;
  readonly scoreNoise?: number;
  /** Other metrics, by name. */
  readonly others?: (step: number) => Readonly<Record<string, number>>;
  /** The gradient norm is logged after clipping to this. */
  readonly clippedTo?: number;
}

/** A log that looks like a training run of the given shape; the same shape and seed give the same log. */
export function* syntheticRun(shape: Shape): Generator<{ step: number; data: Record<string, number> }> {
  const random = new Random(shape.seed ?? 1, 0x5e7);
  for (let step = 1; step <= shape.steps; step++) {
    const norm = shape.gradNorm(step) * Math.exp((shape.gradNoise ?? 0.3) * normal(random));
    const data: Record<string, number> = { [metricNames.gradNorm]: Math.min(norm, shape.clippedTo ?? Infinity), ...shape.others?.(step) };
    const score = shape.score?.(step);
    const noise = (shape.scoreNoise ?? 0.05) * normal(random);
    if (score !== undefined) data[metricNames.score] = Math.max(0, score + noise);
    yield { step, data };
  }
}

/** All events of a run. */
export function eventsOf(
  detector: CollapseDetector,
  run: Iterable<{ step: number; data: Readonly<Record<string, number>> }>,
): CollapseEvent[] {
  return Array.from(run).flatMap(({ step, data }) => detector.update(step, data));
}

export function count(events: readonly CollapseEvent[], type: CollapseEvent['type']): number {
  return events.filter((event) => event.type === type).length;
}

/** Box and Muller. */
export function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random.uniform())) * Math.cos(2 * Math.PI * random.uniform());
}
