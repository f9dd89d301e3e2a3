import { sortedQuantile } from '../statistics/quantiles.ts';
import type { ScaleKind } from './axis.ts';

export interface AxisRange {
  readonly kind: ScaleKind;
  readonly domain: readonly [low: number, high: number];
}

/** A log axis shows this much below and above the healthy level; what lies beyond is marked at its edge. */
export const decadesBelow = 2;
export const decadesAbove = 5;

/**
 * Axis of gradient norms: log when they surge or span decades. `healthy` norms (from before any onset) set the level that must stay
 * readable: a surge to 1e14 or a dead policy's zeros must not squash it.
 */
export function gradNormRange(norms: ArrayLike<number>, healthy: ArrayLike<number>): AxisRange {
  const sorted = Float64Array.from(norms)
    .filter((norm) => norm > 0 && norm < Infinity)
    .sort();
  if (sorted.length === 0) return { kind: 'linear', domain: [0, 1] };
  const typical = sortedQuantile(
    Float64Array.from(healthy)
      .filter((norm) => norm > 0 && norm < Infinity)
      .sort(),
    0.5,
  );
  const level = Number.isNaN(typical) ? sortedQuantile(sorted, 0.5) : typical;
  const low = sorted[0] as number;
  const high = sorted[sorted.length - 1] as number;
  const common = sortedQuantile(sorted, 0.99);
  const surges = high > 100 * level;
  const spansDecades = common > 50 * sortedQuantile(sorted, 0.01);
  if (!surges && !spansDecades) return { kind: 'linear', domain: [0, Math.min(high, 2 * common) * 1.04] };
  return { kind: 'log', domain: [Math.max(low, level / 10 ** decadesBelow) / 1.2, Math.min(high, level * 10 ** decadesAbove) * 1.2] };
}

/** Axis of scores: all of 0 to 1 where they are shares of solved tasks, else what they span. */
export function scoreRange(scores: ArrayLike<number>): AxisRange {
  const finite = Float64Array.from(scores).filter(Number.isFinite).sort();
  const low = finite[0] ?? 0;
  const high = finite[finite.length - 1] ?? 1;
  if (low >= 0 && high <= 1 && high > 0.2) return { kind: 'linear', domain: [0, 1] };
  const margin = (high - low || 1) * 0.05;
  return { kind: 'linear', domain: [low >= 0 && low < high / 2 ? 0 : low - margin, high + margin] };
}

/** Lowest and highest of positive values with a margin, for a log axis. */
export function logRange(values: readonly number[]): readonly [number, number] {
  const positive = values.filter((value) => value > 0 && value < Infinity);
  if (positive.length === 0) return [0.1, 10];
  const low = Math.min(...positive);
  const high = Math.max(...positive);
  const margin = Math.max(1.15, (high / low) ** 0.06);
  return [low / margin, high * margin];
}
