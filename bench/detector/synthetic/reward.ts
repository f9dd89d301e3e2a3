import type { Noise } from './noise.ts';

/** Kinds of reward: what the worst and the best policy get, and how single responses scatter. */
const rewards = {
  '0…1': { worst: 0, best: 1, scatter: 'right or wrong' },
  '±1': { worst: -1, best: 1, scatter: 'right or wrong' },
  '−10…0': { worst: -10, best: 0, scatter: 'graded' },
  '3…8': { worst: 3, best: 8, scatter: 'graded' },
  unbounded: { worst: 0, best: 40, scatter: 'growing' },
} as const satisfies Record<string, { worst: number; best: number; scatter: 'right or wrong' | 'graded' | 'growing' }>;

export type RewardKind = keyof typeof rewards;
export const rewardKinds = Object.keys(rewards) as RewardKind[];

/** Standard deviation of one response's graded reward, as a share of the way from the worst to the best. */
const gradedScatter = 0.35;

/**
 * The score of a step: the mean reward of `samples` responses of a policy of this quality (0 the worst, 1 the best; an unbounded reward
 * goes on beyond). Infinitely many samples: without noise.
 */
export function scoreOf(kind: RewardKind, quality: number, samples: number, noise: Noise): number {
  const { worst, best, scatter } = rewards[kind];
  return worst + (best - worst) * measured(scatter, quality, samples, noise);
}

function measured(scatter: (typeof rewards)[RewardKind]['scatter'], quality: number, samples: number, noise: Noise): number {
  if (samples === Number.POSITIVE_INFINITY) return quality;
  if (scatter === 'right or wrong') return noise.shareOfSuccesses(quality, samples);
  const sigma = gradedScatter / Math.sqrt(samples);
  if (scatter === 'growing') return quality + sigma * (0.3 + Math.abs(quality)) * noise.normal();
  return Math.min(1, Math.max(0, quality + sigma * noise.normal()));
}
