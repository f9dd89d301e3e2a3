import type { AdvantageBatch } from '../../../src/core/estimators/estimator.ts';
import { estimatorNames } from '../../../src/core/estimators/estimator.ts';
import { estimators } from '../../../src/core/estimators/registry.ts';
import type { LensRow } from '../../../src/core/lens/messages.ts';
import { Random } from '../../../src/core/random.ts';
import type { TokenValues, Trajectory } from '../../../src/core/records/trajectory.ts';

export interface StepSize {
  readonly groups: number;
  readonly size: number;
  /** Tokens of the longest response. */
  readonly tokens: number;
}

/** A step as the built-in trainer writes it: calls of tools, answers of these, and what all estimators make of it. */
export function sampledStep({ groups, size, tokens }: StepSize): readonly Trajectory[] {
  const random = new Random(7);
  const batch = groups * size;
  const lengths = Array.from({ length: batch }, (_, row) =>
    row % size === 0 ? tokens : Math.max(4, Math.floor(tokens * (0.2 + 0.7 * random.uniform()))),
  );
  const data: AdvantageBatch = {
    batch,
    length: tokens,
    tokenRewards: new Float32Array(batch * tokens),
    mask: new Uint8Array(batch * tokens),
    groups: Int32Array.from({ length: batch }, (_, row) => Math.floor(row / size)),
    logProbs: new Float32Array(batch * tokens),
    sumPiSquared: new Float32Array(batch * tokens),
    importanceWeights: null,
    handleZeroTail: true,
  };
  const rewards = lengths.map((length, row) => {
    for (let token = 0; token < length; token++) {
      const at = row * tokens + token;
      data.mask[at] = isAnswer(token) && token + 1 < length ? 0 : 1;
      const probability = 0.05 + 0.95 * random.uniform();
      data.logProbs[at] = Math.log(probability);
      data.sumPiSquared[at] = probability ** 2 + (1 - probability) ** 2 / 4;
    }
    const reward = random.uniform() < 0.4 ? 1 : row % 3 === 0 ? 0.25 : 0;
    data.tokenRewards[row * tokens + length - 1] = reward;
    return reward;
  });
  const advantages = estimatorNames.map((name) => {
    const values = new Float32Array(batch * tokens);
    estimators[name](data, values);
    return [name, values] as const;
  });
  const words = ['<call>', ' sum', ' of', ' 12', ' and', ' 7', '</call>', ' so', ' the', ' answer', ' is', ' 19', '\n'];
  return lengths.map((length, row) => {
    const of = (value: (at: number) => number): Float32Array =>
      Float32Array.from({ length }, (_, token) => (data.mask[row * tokens + token] === 1 ? value(row * tokens + token) : NaN));
    const tokenEnergy = of((at) => 1 - 2 * Math.exp(data.logProbs[at]!) + data.sumPiSquared[at]!);
    let sum = 0;
    const byEstimator = (value: (advantage: number) => number): TokenValues =>
      Object.fromEntries(advantages.map(([name, values]) => [name, of((at) => value(values[at]!))]));
    return {
      sequence: row,
      group: Math.floor(row / size),
      prompt: ['What', ' is', ' 12', ' plus', ' 7', '?', row === 3 ? ' needle' : ''],
      response: Array.from({ length }, (_, token) =>
        isAnswer(token) && token + 1 < length ? (token % 8 === 5 ? '<res>' : ' 19') : words[(token * 5 + row) % words.length]!,
      ),
      isTokenized: true,
      mask: data.mask.slice(row * tokens, row * tokens + length),
      reward: rewards[row]!,
      turns: 1 + Math.floor(length / 8),
      truncated: length === tokens,
      logProbs: of((at) => data.logProbs[at]!),
      sumPiSquared: of((at) => data.sumPiSquared[at]!),
      tokenEnergy,
      accumulatedEnergy: tokenEnergy.map((energy) => (Number.isNaN(energy) ? sum : (sum += energy))),
      advantages: byEstimator((advantage) => advantage),
      baselines: Object.fromEntries(
        Object.entries(byEstimator((advantage) => rewards[row]! - advantage)).filter(
          ([name]) => name !== 'grpo' && !name.startsWith('reinforce_plus'),
        ),
      ),
      facts: {},
    };
  });
}

/** Three tokens of eight are a tool's. */
function isAnswer(token: number): boolean {
  return token % 8 >= 5;
}

/** What another program wrote of a response: text, and a number for all of it. */
export function plainTrajectory(sequence: number): Trajectory {
  return {
    sequence,
    group: Math.floor(sequence / 2),
    prompt: ['Write a poem about the sea.'],
    response: ['The sea is wide.\nThe sea is deep, and what lies below it nobody has ever told in words that were true.'],
    isTokenized: false,
    mask: null,
    reward: sequence / 4,
    turns: null,
    truncated: null,
    logProbs: null,
    sumPiSquared: null,
    tokenEnergy: null,
    accumulatedEnergy: null,
    advantages: { grpo: sequence % 2 === 0 ? 0.5 : -0.5 },
    baselines: {},
    facts: { gts: '42', acc: true },
  };
}

/** As the extension makes it of a trajectory. */
export function lensRowOf(trajectory: Trajectory): LensRow {
  const { sequence, group, prompt, response, reward, turns, truncated, isTokenized, mask, accumulatedEnergy, advantages, facts } =
    trajectory;
  const largest = Object.entries(advantages).map(([name, values]) => {
    const all = typeof values === 'number' ? [values] : [...values].filter((value) => !Number.isNaN(value));
    return [name, all.reduce((most, value) => (Math.abs(value) > Math.abs(most) ? value : most), 0)];
  });
  return {
    sequence,
    group,
    promptStart: prompt.slice(0, 20).join(''),
    responseStart: response.slice(0, 40).join('').replaceAll('\n', ' '),
    reward,
    turns,
    truncated,
    tokens: isTokenized ? response.length : null,
    actions: isTokenized ? (mask?.reduce((sum, each) => sum + each, 0) ?? response.length) : null,
    characters: response.join('').length,
    energy: accumulatedEnergy?.at(-1) ?? null,
    largestAdvantage: Object.fromEntries(largest) as LensRow['largestAdvantage'],
    facts,
  };
}
