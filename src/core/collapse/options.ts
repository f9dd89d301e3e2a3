import { metricNames } from '../records/metricNames.ts';
import type { Sensitivity } from './sensitivity.ts';

/** Names under which a run logs what the detector looks at. A metric that a run does not log is simply never there. */
export interface CollapseKeys {
  readonly gradNorm: string;
  readonly score: string;
  readonly entropy: string;
  readonly responseLength: string;
  readonly clipRatio: string;
}

export const defaultCollapseKeys: CollapseKeys = {
  gradNorm: metricNames.gradNorm,
  score: metricNames.score,
  entropy: metricNames.entropy,
  responseLength: metricNames.responseLength,
  clipRatio: metricNames.clipRatio,
};

export interface CollapseDetectorOptions {
  /** Names that differ from verl's. */
  readonly keys?: Partial<CollapseKeys>;
  /** The run's advantage estimator, so that the advice does not recommend what is in use. */
  readonly estimator?: string;
  /** Whether the run is another program's, whose config has other names than ours; only the advice depends on it. */
  readonly isForeign?: boolean;
  /** The gradient norm at which the run clips; null: it does not. Only the advice depends on it. */
  readonly maxGradNorm?: number | null;
  /** Left out: `normal`. */
  readonly sensitivity?: Sensitivity;
  /** Other thresholds, to measure what each is good for. */
  readonly rise?: Partial<RiseThresholds>;
  readonly decline?: Partial<DeclineThresholds>;
}

/** How a rise of a positive metric is told from its noise. Numbers of values are counted as logged: a step may be missing. */
export interface RiseThresholds {
  /** How many values make the baseline. */
  readonly window: number;
  /** Least standard deviation of the logarithm: a calmer run is still allowed this much. */
  readonly floor: number;
  /** Standard deviations above the median at which a value begins to be evidence. */
  readonly allowance: number;
  /** Standard deviations, down and up, beyond which a value counts no more: one huge value is no trend. */
  readonly cap: readonly [number, number];
  /** Evidence (standard deviations, summed) from which the baseline learns no more. */
  readonly suspicion: number;
  /** Evidence over twice the allowance at which the rise is called. */
  readonly alarm: number;
  /** How much more of it noise that wanders needs: 1: as much as would make its sum as rare as that of independent noise; 0: no more. */
  readonly wandering: number;
  /** A gradient that all but vanishes so many logged steps after a surge does so because of it. */
  readonly aftermath: number;
}

/** How a fall of the score is told from its noise. Depths are counted down from the best level, in standard deviations of the noise. */
export interface DeclineThresholds {
  /** How many values make a level. */
  readonly window: number;
  /** Depth from which a value is evidence where nothing was gained, and standard errors of a level on top: the best one is so by chance too. */
  readonly allowance: number;
  readonly levelErrors: number;
  /** Share of the gain, from the first level to the best, that comes on top. */
  readonly gainShare: number;
  /** Share of that depth above which a score is back. */
  readonly recoveredDepth: number;
  /** Standard deviations, down and up, beyond which a value counts no more. */
  readonly cap: readonly [number, number];
  /** Evidence (standard deviations, summed over values) at which the fall is called whatever the other metrics say. */
  readonly alone: number;
  /** The same when the gradient norm, the entropy or the response length has risen too. */
  readonly supported: number;
  /** Share of that which is enough where scores are rare: there the other metrics tell the more of it. */
  readonly rarely: number;
  /** How far below 0 the terms must be on average where nothing has fallen, in standard deviations. */
  readonly slack: number;
}

/** Chosen on the tuning half of the runs of bench/detector, which reports on the other; see docs/DETECTOR.md. */
export const riseThresholds: RiseThresholds = {
  window: 100,
  floor: 0.3,
  allowance: 1,
  cap: [-2, 8],
  suspicion: 6,
  alarm: 18,
  wandering: 0.3,
  aftermath: 60,
};
export const declineThresholds: DeclineThresholds = {
  window: 20,
  allowance: 0.6,
  levelErrors: 1.5,
  gainShare: 0.46,
  recoveredDepth: 0.9,
  cap: [-2, 3.5],
  alone: 35,
  supported: 28,
  rarely: 0.75,
  slack: 0.2,
};

/** Standard deviations above the usual from which a single gradient norm is a spike. */
export const spikeDeviations = 5;

/**
 * The same for the mean of the last few, where there is no score: then the surge alone is the collapse. Where all of a deviation is still
 * there in the next value, the norm must be higher by this factor.
 */
export const lastingDeviations = { independent: 5, wandering: 1.4 } as const;

/** Signs that lie at most so many logged steps apart belong together. */
export const memory = 30;

/** Quiet logged steps in a row that end a spike or an instability, and a collapse. */
export const quiet = { unstable: 10, collapsed: 20 } as const;

/** Logged steps of a gradient norm that is high, but rises no further and does the score no harm, after which this is the usual level. */
export const patience = 100;
