import { learning } from './curve.ts';
import type { Curve } from './curve.ts';
import type { Numbers } from './numbers.ts';
import type { Plan } from './plan.ts';

const level: Curve = [[1, 1]];

/**
 * A healthy run of 600 steps that learns, with what is special about it. What makes such runs fair: whoever sees the whole curve sees that
 * the score keeps two thirds of what it had gained, or comes back; and where no score is logged, that the norm keeps to its usual range, goes
 * slowly to ten times that, or at once to three times and stays there.
 */
export function healthy(name: string, { start, best, sigmas, phis, samples }: Numbers, special: Partial<Plan>): Plan {
  const length = special.length ?? 600;
  return {
    name: `healthy/${name}`,
    length,
    norm: level,
    quality: learning(start, best, 1, 0.7 * length),
    sigma: sigmas[1],
    phi: phis[1],
    score: { reward: '0…1', samples: samples[1] },
    onset: null,
    finalState: 'healthy',
    ...special,
  };
}

/** The same of a trainer that logs no score. */
export function withoutScore(plan: Plan): Plan {
  return { ...plan, score: null, name: plan.name.replace('healthy/', 'healthy/norm-only ') };
}
