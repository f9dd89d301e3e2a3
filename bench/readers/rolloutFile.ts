import { closeSync, openSync, writeSync } from 'node:fs';
import { rescalingEstimators } from '../../src/core/estimators/registry.ts';
import { estimatorNames } from '../../src/core/estimators/estimator.ts';
import { Random } from '../../src/core/random.ts';

const groupSize = 8;
/** Texts of tokens, about as long as those of a language model. */
const vocabulary = Array.from(
  { length: 5000 },
  (_, index) => `${index % 3 === 0 ? ' ' : ''}${(index * 7919).toString(36)}${index % 400 === 0 ? '\n' : ''}`,
);
const perToken = new Set<string>(['optimal_token_baseline', 'tir_optimal_token_baseline']);

/** A step of rollouts as the trainers write it: token baselines are a number a token, the other estimators one a trajectory. */
export function writeRolloutFile(file: string, trajectories: number, tokens: number): void {
  const descriptor = openSync(file, 'w');
  const random = new Random(8);
  const rounded = (value: number): number => Number(value.toPrecision(6));
  for (let sequence = 0; sequence < trajectories; sequence++) {
    const toolFrom = Math.floor(tokens * random.uniform());
    const isAction = Array.from({ length: tokens }, (_, t) => t < toolFrom || t > toolFrom + 100);
    const column = (): (number | null)[] => isAction.map((action) => (action ? rounded(random.uniform()) : null));
    let sum = 0;
    const accumulated = isAction.map((action) => (action ? rounded((sum += random.uniform())) : null));
    const values = (names: readonly string[]): Record<string, unknown> =>
      Object.fromEntries(names.map((name) => [name, perToken.has(name) ? column() : rounded(random.uniform())]));
    const words = (count: number): string[] =>
      Array.from({ length: count }, () => vocabulary[Math.floor(vocabulary.length * random.uniform() ** 3)]!);
    const line = {
      ...{ sequence, group: Math.floor(sequence / groupSize), prompt: words(200), response: words(tokens) },
      ...{ reward: rounded(random.uniform()), turns: 2, truncated: false },
      ...{ log_probs: column().map((value) => value && -value), sum_pi_squared: column(), realized_energy: column() },
      accumulated_energy: accumulated,
      advantages: values(estimatorNames),
      baselines: values(estimatorNames.filter((name) => !rescalingEstimators.has(name))),
    };
    writeSync(descriptor, `${JSON.stringify(line)}\n`);
  }
  closeSync(descriptor);
}
