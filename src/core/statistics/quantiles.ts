/** Arithmetic mean; NaN of nothing. */
export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Sample standard deviation (divisor n − 1); 0 of a single value, NaN of nothing. */
export function standardDeviation(values: readonly number[]): number {
  if (values.length === 1) return 0;
  const centre = mean(values);
  return Math.sqrt(values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (values.length - 1));
}

/**
 * Quantile at `probability` (0 to 1), linear between order statistics: type 7 of Hyndman and Fan (1996), the default of NumPy
 * and R. Infinity sorts last; NaN of nothing.
 */
export function quantile(values: readonly number[], probability: number): number {
  return sortedQuantile(Float64Array.from(values).sort(), probability);
}

/** The same for values that are already in ascending order. */
export function sortedQuantile(sorted: ArrayLike<number>, probability: number): number {
  const position = (sorted.length - 1) * probability;
  const below = Math.floor(position);
  const low = sorted[below] ?? Number.NaN;
  const high = sorted[Math.ceil(position)] ?? Number.NaN;
  // Without the test two infinities would give NaN, and so would −∞ below anything.
  return low === high || low === -Infinity ? low : low + (high - low) * (position - below);
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}
