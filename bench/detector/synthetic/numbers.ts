import type { LabelledRun } from '../labelledRun.ts';

/** The numbers that the runs of one half are made of. Those of the other half lie between or beside them. */
export interface Numbers {
  /** Standard deviations of the logarithm of the norm, and their autocorrelations. */
  readonly sigmas: readonly [number, number, number, number, number];
  readonly phis: readonly [number, number, number, number, number];
  /** Responses in a small, a usual and a large batch. */
  readonly samples: readonly [number, number, number];
  /** Steps in which a surge doubles, and how high it goes. */
  readonly doublings: readonly [number, number, number, number];
  readonly peaks: readonly [number, number, number, number];
  /** Steps over which a score falls: fast and slow. */
  readonly falls: readonly [number, number];
  /** Steps from a surge to the fall that follows it late. */
  readonly delay: number;
  /** Steps from one score to the next, where scores are sparse. */
  readonly intervals: readonly [number, number, number, number];
  /** Quality at the start and at its best. */
  readonly start: number;
  readonly best: number;
  /** Share of the steps whose norm is 0. */
  readonly zeroShares: readonly [number, number, number];
  /** How many times higher or lower the level of the norm is after the learning rate has changed. */
  readonly rateSteps: readonly [number, number, number];
  readonly spikeFactors: readonly [number, number, number];
  readonly spikesPerThousand: readonly [number, number];
  /** How many times higher the norm is at the end of a drift. */
  readonly drift: number;
  /** How far scores wander with the prompts at hand, as a share of what a run gains, and how much of that is there at the next step. */
  readonly wander: { readonly share: number; readonly phi: number };
  /** Share of the quality that is lost in a dip, and in a change of the curriculum. */
  readonly dip: number;
  readonly curriculumLoss: number;
}

export const numbersOf: Readonly<Record<LabelledRun['half'], Numbers>> = {
  tuning: {
    sigmas: [0.2, 0.35, 0.5, 0.7, 1],
    phis: [0, 0.5, 0.8, 0.9, 0.95],
    samples: [8, 32, 256],
    doublings: [2, 5, 15, 50],
    peaks: [1e2, 1e4, 1e8, 1e12],
    falls: [100, 300],
    delay: 20,
    intervals: [5, 10, 50, 100],
    start: 0.1,
    best: 0.8,
    zeroShares: [0.1, 0.3, 0.6],
    rateSteps: [2, 3, 1 / 3],
    spikeFactors: [30, 100, 300],
    spikesPerThousand: [3, 6],
    drift: 10,
    wander: { share: 0.08, phi: 0.9 },
    dip: 0.25,
    curriculumLoss: 1 / 3,
  },
  reporting: {
    sigmas: [0.25, 0.4, 0.55, 0.75, 0.95],
    phis: [0.1, 0.4, 0.75, 0.88, 0.94],
    samples: [10, 48, 200],
    doublings: [2.5, 6, 18, 45],
    peaks: [3e2, 3e4, 1e7, 1e11],
    falls: [80, 250],
    delay: 25,
    intervals: [4, 12, 40, 80],
    start: 0.15,
    best: 0.7,
    zeroShares: [0.15, 0.4, 0.55],
    rateSteps: [1.7, 2.7, 1 / 2.5],
    spikeFactors: [50, 120, 250],
    spikesPerThousand: [2, 5],
    drift: 8,
    wander: { share: 0.07, phi: 0.93 },
    dip: 0.28,
    curriculumLoss: 0.3,
  },
};
