import { mean } from '../../src/core/statistics/quantiles.ts';
import type { EstimatorName } from '../../src/core/estimators/estimator.ts';
import type { MeasuredVariance } from './measuredVariance.ts';

/** The two proxies that are held against the truth: token by token, and verl's total power. */
export type Proxy = 'power' | 'totalPower';

/** Ratios are to this one: what most trainings use, save for a factor. */
export const reference: EstimatorName = 'dr_grpo';

/** Estimators that differ in more than the length of the gradient: `rloo` is dr_grpo times a constant, `grpo` nearly so. */
export const differing: readonly EstimatorName[] = [
  'reinforce',
  'dr_grpo',
  'opo',
  'optimal_trajectory_baseline',
  'optimal_token_baseline',
  'tir_optimal_token_baseline',
];

export interface Agreement {
  /** Of the logarithms. */
  readonly pearson: number;
  readonly spearman: number;
}

/** How well one quantity tells another, both positive. */
export function agreement(pairs: readonly (readonly [number, number])[]): Agreement {
  const [xs, ys] = [pairs.map(([x]) => Math.log(x)), pairs.map(([, y]) => Math.log(y))];
  return { pearson: correlation(xs, ys), spearman: correlation(ranks(xs), ranks(ys)) };
}

/** Proxy and truth of the estimators that differ. */
export function pairsOf(rows: readonly MeasuredVariance[], proxy: Proxy): readonly (readonly [number, number])[] {
  return rows.filter(({ estimator }) => differing.includes(estimator)).map((row) => [row[proxy], row.variance]);
}

/** Proxy and truth of every estimator but the reference, as ratios to it: what is known of noise without knowing how large gradients are. */
export function ratiosToReference(rows: readonly MeasuredVariance[], proxy: Proxy): readonly (readonly [number, number])[] {
  const base = rows.find(({ estimator }) => estimator === reference)!;
  return rows
    .filter(({ estimator }) => estimator !== reference && differing.includes(estimator))
    .map((row) => [row[proxy] / base[proxy], row.variance / base.variance]);
}

/** How many times larger than the proxy the truth is: the geometric mean over estimators. */
export function truthOverProxy(rows: readonly MeasuredVariance[], proxy: Proxy): number {
  return geometricMean(rows.filter(({ estimator }) => differing.includes(estimator)).map((row) => row.variance / row[proxy]));
}

export function geometricMean(values: readonly number[]): number {
  return Math.exp(mean(values.map(Math.log)));
}

function correlation(xs: readonly number[], ys: readonly number[]): number {
  const [x, y] = [mean(xs), mean(ys)];
  const dot = (a: readonly number[], aMean: number, b: readonly number[], bMean: number): number =>
    a.reduce((sum, value, i) => sum + (value - aMean) * (b[i]! - bMean), 0);
  return dot(xs, x, ys, y) / Math.sqrt(dot(xs, x, xs, x) * dot(ys, y, ys, y));
}

/** From 1; equal values share their mean rank. */
function ranks(values: readonly number[]): number[] {
  return values.map((value) => {
    const below = values.filter((other) => other < value).length;
    const equal = values.filter((other) => other === value).length;
    return below + (equal + 1) / 2;
  });
}
