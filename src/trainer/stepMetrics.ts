import type { AdvantageBatch } from '../core/estimators/estimator.ts';
import { metricNames } from '../core/records/metricNames.ts';
import type { Rollout } from './engines/engine.ts';

/** What a step's rollout says by itself, under verl's metric names. Lengths are response tokens, tool tokens included. */
export function rolloutMetrics(rollout: Rollout): Record<string, number> {
  const { sequences, lengths, promptLengths, rewards, truncated, turns } = rollout;
  const each = Array.from({ length: sequences }, (_, i) => i);
  const responseLengths = each.map((i) => lengths[i]! - promptLengths[i]!);
  let entropy = 0;
  let actions = 0;
  for (let i = 0; i < rollout.isAction.length; i++) {
    if (rollout.isAction[i] === 0) continue;
    entropy += rollout.entropies[i]!;
    actions++;
  }
  return {
    [metricNames.score]: mean(rewards),
    'critic/score/max': largest(rewards),
    'critic/score/min': smallest(rewards),
    [metricNames.entropy]: entropy / Math.max(1, actions),
    [metricNames.responseLength]: mean(responseLengths),
    [metricNames.responseLengthMax]: largest(responseLengths),
    'response_length/min': smallest(responseLengths),
    [metricNames.clipRatio]: mean(truncated),
    [metricNames.turns]: mean(turns),
    'num_turns/max': largest(turns),
    'num_turns/min': smallest(turns),
  };
}

/** Σ scale · A · (−log π): the loss whose gradient the step takes. */
export function policyLoss(batch: AdvantageBatch, advantages: Float32Array, scales: Float64Array): number {
  let loss = 0;
  for (let i = 0; i < batch.batch; i++) {
    let sum = 0;
    for (let at = i * batch.length; at < (i + 1) * batch.length; at++) sum -= advantages[at]! * batch.logProbs[at]!;
    loss += sum * scales[i]!;
  }
  return loss;
}

/** All tokens that the step fed to the policy, prompt and tool tokens included. */
export function tokensOf(rollout: Rollout): number {
  return rollout.lengths.reduce((sum, length) => sum + length, 0);
}

// Math.max(...values) takes no more values than fit on the stack.
function largest(values: ArrayLike<number>): number {
  let most = -Infinity;
  for (let i = 0; i < values.length; i++) most = Math.max(most, values[i]!);
  return most;
}

function smallest(values: ArrayLike<number>): number {
  let least = Infinity;
  for (let i = 0; i < values.length; i++) least = Math.min(least, values[i]!);
  return least;
}

function mean(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  return sum / values.length;
}
