import { estimatorNames, type AdvantageBatch } from '../core/estimators/estimator.ts';
import { estimators } from '../core/estimators/registry.ts';
import type { Rollout } from './engines/engine.ts';

/** Estimators whose advantage is a reward less a baseline; the others rescale it too. */
const normalizing = new Set<string>(['grpo', 'reinforce_plus_plus', 'reinforce_plus_plus_baseline']);

/**
 * What `rollouts/step-….jsonl` holds, one trajectory a line: its prompt, response tokens, reward, and per response token the
 * log-probability, Σπ², realized energy 1 − 2π + Σπ², and baseline and advantage under each estimator (null at tool tokens; one
 * number where it is the same at every action token).
 */
export function* trajectories(rollout: Rollout, batch: AdvantageBatch, vocabulary: readonly string[]): Generator<unknown> {
  const advantages = new Map(
    estimatorNames.map((name) => {
      const values = new Float32Array(batch.batch * batch.length);
      estimators[name](batch, values);
      return [name, values];
    }),
  );
  for (let i = 0; i < batch.batch; i++) {
    const at = i * rollout.maxTokens;
    const promptLength = rollout.promptLengths[i]!;
    const tokens = Array.from(rollout.tokens.subarray(at, at + rollout.lengths[i]!), (token) => vocabulary[token]!);
    const length = tokens.length - promptLength;
    const offset = i * batch.length;
    const perAction = (value: (at: number) => number): (number | null)[] =>
      Array.from({ length }, (_, j) => (batch.mask[offset + j] === 1 ? rounded(value(offset + j)) : null));
    const rewardToGo = rollout.rewards[i]!;
    yield {
      sequence: i,
      group: batch.groups[i],
      prompt: tokens.slice(0, promptLength),
      response: tokens.slice(promptLength),
      reward: rewardToGo,
      turns: rollout.turns[i],
      truncated: rollout.truncated[i] === 1,
      log_probs: perAction((j) => batch.logProbs[j]!),
      sum_pi_squared: perAction((j) => batch.sumPiSquared[j]!),
      realized_energy: perAction((j) => 1 - 2 * Math.exp(batch.logProbs[j]!) + batch.sumPiSquared[j]!),
      advantages: Object.fromEntries(estimatorNames.map((name) => [name, collapsed(perAction((j) => advantages.get(name)![j]!))])),
      baselines: Object.fromEntries(
        estimatorNames
          .filter((name) => !normalizing.has(name))
          .map((name) => [name, collapsed(perAction((j) => rewardToGo - advantages.get(name)![j]!))]),
      ),
    };
  }
}

/** Six significant digits: enough to look at, a third of the space. */
function rounded(value: number): number {
  return Number(value.toPrecision(6));
}

function collapsed(values: readonly (number | null)[]): number | readonly (number | null)[] {
  const actions = values.filter((value) => value !== null);
  return actions.length > 0 && actions.every((value) => value === actions[0]) ? actions[0]! : values;
}
