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
  /** Evidence (standard deviations, summed) at which the rise is called. */
  readonly alarm: number;
}

/** How a fall of the score is told from its noise. */
export interface DeclineThresholds {
  /** How many values make the level whose maximum is the best. */
  readonly window: number;
  /** Share of the best level below which a value is evidence of collapse. */
  readonly share: number;
  /** Share of the best level below which a decline is taken to have begun. */
  readonly onsetShare: number;
  /** Evidence (best levels, summed over values) at which the fall is called whatever the other metrics say. */
  readonly alone: number;
  /** The same when the gradient norm, the entropy or the response length has risen too. */
  readonly supported: number;
}

/** Chosen on the even seeds of 367 labelled training curves; bench/collapse.ts measures them on the odd ones. */
export const riseThresholds: RiseThresholds = { window: 100, floor: 0.3, allowance: 1, cap: [-2, 8], alarm: 12 };
export const declineThresholds: DeclineThresholds = { window: 20, share: 0.55, onsetShare: 0.75, alone: 2.5, supported: 1.5 };

/** Standard deviations above the usual from which a single gradient norm is a spike. */
export const spikeDeviations = 5;

/** How many logged steps in a row the gradient norm must be severely high to be a collapse where there is no score: with and without a second witness. */
export const persistence = { witnessed: 1, lonely: 5 } as const;

/** Gradient norms in a row, from the first on, that must be exactly 0 for a run to be silent. */
export const fewestSilent = 20;

/** Signs that lie at most so many logged steps apart belong together. */
export const memory = 30;

/** Quiet logged steps in a row that end a spike or an instability, and a collapse. */
export const quiet = { unstable: 10, collapsed: 20 } as const;

/** Logged steps of a gradient norm that is high, but rises no further and does the score no harm, after which this is the usual level. */
export const patience = 100;
