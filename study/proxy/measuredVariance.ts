import { estimatorNames, type EstimatorName } from '../../src/core/estimators/estimator.ts';
import { visitPowers } from '../../src/core/estimators/varianceProxies.ts';
import type { Engine, RolloutRequest } from '../../src/trainer/engines/engine.ts';
import { backwardWeights, lossScales, responsesOf } from '../../src/trainer/responses.ts';
import { rolloutMetrics } from '../../src/trainer/stepMetrics.ts';
import { flatGradient, GradientSums } from '../gradientSums.ts';

/** What one estimator does at a fixed policy: the truth by many backward passes, and what the rollouts alone say of it. */
export interface MeasuredVariance {
  readonly estimator: EstimatorName;
  /** Trace of the covariance of the gradient of a batch. */
  readonly variance: number;
  /** ‖E g‖² */
  readonly signal: number;
  /** mean(Ā²·W(τ)) over N, the proxy by the total power, mean over the batches. */
  readonly totalPower: number;
  /** mean(Σ A_t²·w_t) over N, the proxy token by token, mean over the batches. */
  readonly power: number;
  /** What a run under this estimator logs as its noise, max(0, (total power − ‖ḡ‖²)/(N − 1)), mean over the batches. */
  readonly pureNoise: number;
}

export interface PolicyMeasurement {
  readonly score: number;
  readonly entropy: number;
  readonly responseLength: number;
  readonly rows: readonly MeasuredVariance[];
}

export type BatchRequest = Omit<RolloutRequest, 'step'>;

/**
 * Samples `batches` batches from the policy that the engine has, and takes the gradient of the parameters of each under every
 * estimator, as a step of training would: the mean over the responses of Σ A_t·∇log π.
 */
export async function measuredVariance(engine: Engine, request: BatchRequest, batches: number): Promise<PolicyMeasurement> {
  const sums = new Map(estimatorNames.map((name) => [name, { gradients: new GradientSums(), totalPower: 0, power: 0, pureNoise: 0 }]));
  const about = { score: 0, entropy: 0, responseLength: 0 };
  for (let step = 0; step < batches; step++) {
    const rollout = await engine.rollout({ ...request, step });
    const data = rolloutMetrics(rollout);
    about.score += data['critic/score/mean']! / batches;
    about.entropy += data['actor/entropy']! / batches;
    about.responseLength += data['response_length/mean']! / batches;
    const batch = responsesOf(rollout, request.groupSize, true);
    const scales = lossScales(batch, 'seq-mean-token-sum');
    const gradients: [EstimatorName, number, Float32Array][] = [];
    visitPowers(batch, estimatorNames, [batch.length], (name, { total, byStretch }, advantages) => {
      const sum = sums.get(name)!;
      const meanTotal = total.reduce((all, value) => all + value, 0) / batch.batch;
      const meanPower = byStretch.reduce((all, value) => all + value, 0) / batch.batch;
      // The variance of a mean of N.
      sum.totalPower += meanTotal / batch.batch / batches;
      sum.power += meanPower / batch.batch / batches;
      gradients.push([name, meanTotal, backwardWeights(rollout, batch, Float32Array.from(advantages), scales)]);
    });
    for (const [name, meanTotal, weights] of gradients) {
      const norm = await engine.backward(weights);
      const sum = sums.get(name)!;
      sum.gradients.add(step % 2, flatGradient(engine));
      sum.pureNoise += Math.max(0, meanTotal - norm ** 2) / (batch.batch - 1) / batches;
    }
  }
  const rows = [...sums].map(([estimator, { gradients, totalPower, power, pureNoise }]) => ({
    estimator,
    variance: gradients.variance(),
    signal: gradients.cross(gradients),
    totalPower,
    power,
    pureNoise,
  }));
  return { ...about, rows };
}
