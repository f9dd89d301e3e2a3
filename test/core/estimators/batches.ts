import { readFileSync } from 'node:fs';
import type { AdvantageBatch, EstimatorName, FloatArray } from '../../../src/core/estimators/estimator.ts';
import { estimators } from '../../../src/core/estimators/registry.ts';
import { Random } from '../../../src/core/random.ts';

/** One case of verl-advantages.json: rollouts and what verl's own functions made of them in float64. */
export interface VerlCase {
  readonly name: string;
  readonly rollouts: Readonly<Record<string, unknown>> & { readonly response_mask: readonly (readonly number[])[] };
  readonly handle_zero_tail: boolean;
  /** By estimator name; a token baseline is there with and without (`…_no_zero_tail`) the zero tail. */
  readonly advantages: Readonly<Record<string, readonly (readonly number[])[]>>;
  readonly realized_energy: readonly number[];
}

export function readData(name: string): unknown {
  return JSON.parse(readFileSync(`test/data/estimators/${name}`, 'utf8'));
}

export const verlCases = readData('verl-advantages.json') as readonly VerlCase[];

/** "optimal_token_baseline_no_zero_tail" → its estimator and zero tail. */
export function methodOf(label: string): { estimator: EstimatorName; handleZeroTail: boolean } {
  return { estimator: label.replace('_no_zero_tail', '') as EstimatorName, handleZeroTail: !label.endsWith('_no_zero_tail') };
}

/** One response as a test writes it down; arrays shorter than the longest response are padded. */
export interface ResponseSketch {
  readonly group: number;
  readonly mask: readonly number[];
  readonly rewards: readonly number[];
  /** Energy w of each token. */
  readonly energies?: readonly number[];
}

/** A float64 batch of sketched responses; a token with energy w is written as π = 1, Σπ² = 1 + w. */
export function sketch(responses: readonly ResponseSketch[], handleZeroTail = true): AdvantageBatch {
  const length = Math.max(0, ...responses.map(({ mask }) => mask.length));
  const flat = (row: (response: ResponseSketch) => readonly number[]): number[] =>
    responses.flatMap((response) => Array.from({ length }, (_, t) => row(response)[t] ?? 0));
  return {
    batch: responses.length,
    length,
    tokenRewards: Float64Array.from(flat(({ rewards }) => rewards)),
    mask: Uint8Array.from(flat(({ mask }) => mask)),
    groups: Int32Array.from(responses, ({ group }) => group),
    logProbs: new Float64Array(responses.length * length),
    sumPiSquared: Float64Array.from(flat(({ energies, mask }) => energies?.map((w) => 1 + w) ?? mask.map(() => 1.5))),
    importanceWeights: null,
    handleZeroTail,
  };
}

export interface BatchShape {
  readonly groups: number;
  readonly groupSize: number;
  readonly length: number;
  /** Tool tokens between turns. */
  readonly tools?: boolean;
  readonly importance?: boolean;
  /** A reward on every token instead of 0 or 1 on the last. */
  readonly dense?: boolean;
}

/** A float64 batch of ragged responses from consistent distributions, members of the groups dealt out in turn. */
export function randomBatch(
  seed: number,
  { groups, groupSize, length, tools = false, importance = false, dense = false }: BatchShape,
): AdvantageBatch {
  const random = new Random(seed, 77);
  const uniform = (): number => random.uint32() / 2 ** 32;
  const batch = groups * groupSize;
  const array = (): Float64Array => new Float64Array(batch * length);
  const [tokenRewards, logProbs, sumPiSquared, weights] = [array(), array(), array(), array()];
  const mask = new Uint8Array(batch * length);
  for (let row = 0; row < batch; row++) {
    const tokens = 1 + Math.floor(uniform() * length);
    for (let t = 0; t < tokens; t++) {
      const at = row * length + t;
      const chosen = 0.02 + 0.96 * uniform();
      logProbs[at] = Math.log(chosen);
      // The rest of the probability on one other token or spread over many.
      sumPiSquared[at] = chosen ** 2 + (1 - chosen) ** 2 * uniform();
      weights[at] = 0.5 + uniform();
      mask[at] = t < tokens - 1 && tools && uniform() < 0.3 ? 0 : 1;
      if (dense && mask[at] === 1) tokenRewards[at] = uniform() - 0.5;
    }
    if (!dense) tokenRewards[row * length + tokens - 1] = uniform() < 0.4 ? 1 : 0;
  }
  return {
    batch,
    length,
    tokenRewards,
    mask,
    logProbs,
    sumPiSquared,
    groups: Int32Array.from({ length: batch }, (_, row) => row % groups),
    importanceWeights: importance ? weights : null,
    handleZeroTail: seed % 2 === 0,
  };
}

/** The same numbers on the training path. */
export function inFloat32(batch: AdvantageBatch): AdvantageBatch {
  return {
    ...batch,
    tokenRewards: Float32Array.from(batch.tokenRewards),
    logProbs: Float32Array.from(batch.logProbs),
    sumPiSquared: Float32Array.from(batch.sumPiSquared),
    importanceWeights: batch.importanceWeights && Float32Array.from(batch.importanceWeights),
  };
}

/** Advantages into an array that held something else before. */
export function advantagesOf(name: EstimatorName, batch: AdvantageBatch): Float64Array {
  const advantages = new Float64Array(batch.batch * batch.length).fill(-999);
  estimators[name](batch, advantages);
  return advantages;
}

/** Largest absolute difference; NaN where only one of the two is NaN. */
export function distance(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) return Number.NaN;
  let largest = 0;
  for (let at = 0; at < actual.length; at++) {
    const difference = Math.abs(actual[at]! - expected[at]!);
    if (Number.isNaN(difference) && !(Number.isNaN(actual[at]) && Number.isNaN(expected[at]))) return Number.NaN;
    largest = Math.max(largest, difference || 0);
  }
  return largest;
}

/** The batch with its responses in another order; groups are numbered anew. `order`: [batch] rows. */
export function reorder(batch: AdvantageBatch, order: readonly number[]): AdvantageBatch {
  const rows = <Values extends FloatArray | Uint8Array>(values: Values): Values => {
    const moved = values.slice() as Values;
    order.forEach((from, to) => moved.set(values.subarray(from * batch.length, (from + 1) * batch.length), to * batch.length));
    return moved;
  };
  const numbers = new Map<number, number>();
  return {
    ...batch,
    tokenRewards: rows(batch.tokenRewards),
    mask: rows(batch.mask),
    logProbs: rows(batch.logProbs),
    sumPiSquared: rows(batch.sumPiSquared),
    importanceWeights: batch.importanceWeights && rows(batch.importanceWeights),
    groups: Int32Array.from(order, (from) => {
      const group = batch.groups[from]!;
      if (!numbers.has(group)) numbers.set(group, numbers.size);
      return numbers.get(group)!;
    }),
  };
}
