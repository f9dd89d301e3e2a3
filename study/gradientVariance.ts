import type { EstimatorName } from '../src/core/estimators/estimator.ts';
import { flatGradient, GradientSums } from './gradientSums.ts';
import { estimators } from '../src/core/estimators/registry.ts';
import type { Engine } from '../src/trainer/engines/engine.ts';
import { backwardWeights, responsesOf } from '../src/trainer/responses.ts';

const groupSizes = [4, 8, 16, 32] as const;
const largestGroup = 32;

export interface VarianceOptions {
  readonly estimators: readonly EstimatorName[];
  readonly prompts: number;
  readonly maxResponseTokens: number;
  readonly seed: number;
}

/** The gradient of one group under one estimator, at a fixed policy. */
export interface GradientVariance {
  readonly estimator: EstimatorName;
  readonly groupSize: number;
  /** Groups that were measured. */
  readonly groups: number;
  /** Trace of the covariance of the gradient of one group. */
  readonly variance: number;
  /**
   * ⟨E g, G⟩ / ‖G‖², G the unbiased gradient: 1 is unbiased, less is shrinkage by a baseline that contains its own response. Null
   * where G itself is lost in noise.
   */
  readonly scale: number | null;
  /** variance / scale²: what is left when the shrunken gradient is scaled back up. */
  readonly corrected: number | null;
}

/** Estimators without bias, up to a known factor of 1. */
const unbiasedEstimators = ['reinforce', 'rloo'] as const;
/** G counts as measured when its squared norm is so many times the noise in its mean. */
const leastSignalToNoise = 2;

/**
 * Measures how much the policy gradient of one group of responses scatters around its mean when the policy stands still: for each
 * of `prompts` prompts samples 32 responses, cuts them into groups of each size, and takes the true gradient of every group under
 * every estimator. The unbiased direction G comes from `reinforce` or `rloo` at N = 32, whichever scatters less; even and odd prompts
 * are kept apart, so that squared norms carry no noise of their own. Prompts differ, so the variance holds theirs as well.
 */
export async function gradientVariance(engine: Engine, options: VarianceOptions): Promise<readonly GradientVariance[]> {
  const sums = new Map<string, GradientSums>();
  const sumsOf = (estimator: EstimatorName, groupSize: number): GradientSums => {
    const key = `${estimator} ${groupSize}`;
    const found = sums.get(key) ?? new GradientSums();
    sums.set(key, found);
    return found;
  };
  const names = [...new Set<EstimatorName>([...options.estimators, ...unbiasedEstimators])];
  for (let prompt = 0; prompt < options.prompts; prompt++) {
    const rollout = await engine.rollout({
      seed: options.seed,
      step: prompt,
      promptsPerStep: 1,
      groupSize: largestGroup,
      maxResponseTokens: options.maxResponseTokens,
      temperature: 1,
    });
    for (const groupSize of groupSizes) {
      const batch = responsesOf(rollout, groupSize, false);
      const advantages = new Float32Array(batch.batch * batch.length);
      for (const name of names) {
        estimators[name](batch, advantages);
        for (let group = 0; group < largestGroup / groupSize; group++) {
          const scales = Float64Array.from(batch.groups, (g) => (g === group ? 1 / groupSize : 0));
          await engine.backward(backwardWeights(rollout, batch, advantages, scales));
          sumsOf(name, groupSize).add(prompt % 2, flatGradient(engine));
        }
      }
    }
  }
  const unbiased = unbiasedEstimators
    .map((name) => sumsOf(name, largestGroup))
    .reduce((best, sums) => (sums.variance() < best.variance() ? sums : best));
  const signal = unbiased.cross(unbiased);
  const isMeasured = signal > (leastSignalToNoise * unbiased.variance()) / unbiased.count;
  return options.estimators.flatMap((estimator) =>
    groupSizes.map((groupSize): GradientVariance => {
      const measured = sumsOf(estimator, groupSize);
      const variance = measured.variance();
      const scale = isMeasured ? measured.cross(unbiased) / signal : null;
      return { estimator, groupSize, groups: measured.count, variance, scale, corrected: scale === null ? null : variance / scale ** 2 };
    }),
  );
}
