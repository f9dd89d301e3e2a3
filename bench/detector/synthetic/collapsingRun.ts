import { change, learning, stepsToReach, surge } from './curve.ts';
import type { Curve } from './curve.ts';
import type { Numbers } from './numbers.ts';
import type { Plan } from './plan.ts';

const level: Curve = [[1, 1]];

/** Steps of learning before anything happens, and steps after all has happened: enough to see what was and what has become of it. */
export const before = 300;
export const after = 200;
/** How many times the usual norm a surge is when the score begins to fall. */
export const harmful = 10;

/** What happens in a collapse, in the order in which it does. */
export interface Course {
  readonly onset: number;
  /** Left out: the norm does not surge. */
  readonly surge?: { readonly doubling: number; readonly peak: number; readonly then?: 'stays' | 'returns' };
  /** Steps from the harmful norm, or from the onset, to the first step of the fall. */
  readonly delay?: number;
  /** Steps over which the score falls. */
  readonly over: number;
}

/**
 * A run of this course, as long as it takes, with what is special about it. What makes such runs fair: the score had clearly gained (or
 * had always been high), loses three quarters of that or more, and stays there, mostly for 200 steps and never for less than 35; where no
 * score is logged, the norm is a hundred times its usual or more to the end.
 */
export function collapsing(name: string, numbers: Numbers, course: Course, special: Partial<Plan> = {}): Plan {
  const { start, best, sigmas, phis, samples } = numbers;
  const { onset, delay = 0, over } = course;
  const harmfulAfter = course.surge === undefined ? 0 : stepsToReach(harmful, course.surge.doubling);
  const fallsAt = onset + harmfulAfter + delay;
  const surged = course.surge === undefined ? level : surge(onset, course.surge.doubling, course.surge.peak);
  const end = Math.max(fallsAt + over, surged.at(-1)![0]);
  const norm: Curve = course.surge?.then === 'returns' ? [...surged, ...change(end + 10, course.surge.peak, 1, 40)] : surged;
  return {
    name: `collapse/${name}`,
    length: end + after,
    norm,
    quality: [...learning(start, best, 1, 0.9 * onset), ...change(fallsAt, best, start / 5, over)],
    sigma: sigmas[1],
    phi: phis[1],
    score: { reward: '0…1', samples: samples[1] },
    onset,
    finalState: 'collapsed',
    ...special,
  };
}
