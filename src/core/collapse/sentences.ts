import { percentText as formatPercent, quantityText as formatNumber } from '../notation.ts';
import { declineThresholds, riseThresholds } from './options.ts';
import type { CollapseDetectorOptions } from './options.ts';
import type { Signs, Witness } from './signs.ts';

/** "792, 660 times the usual 1.2" */
function height({ gradNorm }: Signs): string {
  return `${formatNumber(gradNorm.value)}, ${formatNumber(gradNorm.value / gradNorm.usual)} times the usual ${formatNumber(gradNorm.usual)}`;
}

export function describeSpike(signs: Signs): string {
  return `The gradient norm jumped to ${height(signs)}.`;
}

/** The gradient norm stays high. */
export function describeRise(signs: Signs): string {
  const { gradNorm, plateau } = signs;
  if (plateau.rose)
    return `The gradient norm has been stuck at ${formatNumber(plateau.value)} for ${plateau.duration} logged steps, most values before were lower: it seems to be logged after clipping, which hides a surge.`;
  return `The gradient norm stays high since step ${gradNorm.startedAt}: now ${height(signs)}. The excess adds up to ${formatNumber(gradNorm.evidence)} standard deviations; ${riseThresholds.alarm} are called unstable.`;
}

/** The score falls. */
export function describeFall({ score }: Signs): string {
  const level = `The score fell to ${formatNumber(score.currentLevel)}, the mean of its last ${score.currentCount} values: ${formatPercent(score.share)} of its best level ${formatNumber(score.bestLevel)}`;
  const { share, window } = declineThresholds;
  if (score.lowSince === null) return `${level}, and under half of it over its last ${window} values.`;
  return `${level}, and mostly under ${formatPercent(share)} since step ${score.lowSince}.`;
}

/** What else speaks for a collapse, or that nothing does. */
export function describeSupport(signs: Signs): string {
  const { surge, witness, gradNorm, plateau } = signs;
  if (surge !== null && plateau.rose)
    return `The gradient norm has been stuck at ${formatNumber(plateau.value)} since step ${plateau.startedAt}, as if logged after clipping.`;
  if (surge !== null)
    return `The gradient norm surged from step ${surge.start} on, from a usual ${formatNumber(gradNorm.usual)} up to ${formatNumber(surge.peak)}.`;
  if (witness !== null) return `The ${describeWitness(witness)}; the gradient norm did not surge.`;
  return 'The gradient norm did not surge.';
}

/** "entropy rose from a usual 0.1 to 0.6" */
export function describeWitness({ name, rise, offset }: Witness): string {
  return `${name} rose from a usual ${formatNumber(rise.usual - offset)} to ${formatNumber(rise.value - offset)}`;
}

export function describePlateau({ plateau }: Signs): string {
  return `The gradient norm has been ${formatNumber(plateau.value)} for ${plateau.duration} logged steps in a row and not once higher: it seems to be logged after clipping, so a surge cannot be seen in it.`;
}

/** @param steps how many quiet steps it took. */
export function describeRecovery(signs: Signs, steps: number): string {
  const { score, gradNorm } = signs;
  const scoreIsBack = Number.isFinite(score.bestLevel)
    ? `the score is back at ${formatNumber(score.currentLevel)}, ${formatPercent(score.share)} of its best level, and `
    : '';
  const normIsBack = Number.isFinite(gradNorm.value)
    ? `the gradient norm is ${formatNumber(gradNorm.value)}`
    : 'no gradient norm is logged';
  return `For ${steps} logged steps in a row ${scoreIsBack}${normIsBack}.`;
}

const tokenBaseline = 'tir_optimal_token_baseline';

/**
 * What to do about an unstable or collapsed run.
 * @param onsetStep where it began: a checkpoint before it is a good one.
 */
export function remedies({ estimator, maxGradNorm }: CollapseDetectorOptions, { gradNorm }: Signs, onsetStep: number): string {
  const below = typeof maxGradNorm === 'number' ? ` below ${formatNumber(maxGradNorm)}` : '';
  const example = Number.isFinite(gradNorm.usual) ? `, for example to ${formatNumber(2 * gradNorm.usual)}, twice the usual norm` : '';
  const changes = [`set optimizer.maxGradNorm${below}${example}`, 'or lower optimizer.learningRate'];
  if (estimator !== tokenBaseline) changes.unshift(`use the estimator ${tokenBaseline}`);
  return `Branch from the last checkpoint before step ${onsetStep}: ${changes.join('; ')}.`;
}
