import type { CollapseDetectorOptions } from './options.ts';

/** A number as people write it: three significant digits, powers of ten only where they are needed. */
export function formatNumber(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-3 || size >= 1e6)) return value.toExponential(1).replace('e+', 'e');
  return size >= 1000 ? String(Math.round(value)) : String(Number(value.toPrecision(3)));
}

export function formatPercent(share: number): string {
  return `${Math.round(100 * Math.max(0, share))} %`;
}

const tokenBaseline = 'tir_optimal_token_baseline';

/**
 * What to do about an unstable or collapsed run.
 * @param onsetStep where it began: a checkpoint before it is a good one.
 * @param usualGradNorm healthy gradient norm; NaN when unknown.
 */
export function remedies(options: CollapseDetectorOptions, onsetStep: number, usualGradNorm: number): string {
  const changes: string[] = [];
  if (options.estimator !== tokenBaseline) changes.push(`use the estimator ${tokenBaseline}`);
  const limit = Number.isFinite(usualGradNorm) ? ` (for example ${formatNumber(2 * usualGradNorm)}, twice the healthy median)` : '';
  if (options.maxGradNorm === undefined || options.maxGradNorm === null) changes.push(`set optimizer.maxGradNorm${limit}`);
  else changes.push(`set optimizer.maxGradNorm below ${formatNumber(options.maxGradNorm)}${limit}`);
  changes.push('lower optimizer.learningRate');
  const last = changes.pop() ?? '';
  return `Branch from the last checkpoint before step ${onsetStep} and ${changes.length > 0 ? `${changes.join(', ')} or ` : ''}${last}.`;
}
