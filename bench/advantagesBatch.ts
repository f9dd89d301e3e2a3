import type { AdvantageBatch } from '../src/core/estimators/estimator.ts';
import { Random } from '../src/core/random.ts';

export const groupSize = 8;
const responses = 1024;
const maxTokens = 8192;

export interface BatchKind {
  readonly name: string;
  /** Whether responses have different lengths (log-normal, median 2,200, cut at 8,192) or all the longest. */
  readonly ragged: boolean;
  /** Whether tool output interrupts them: turns of 50 to 500 tokens, output of 20 to 300. */
  readonly tools: boolean;
}

/** The float32 arrays that an estimator reads; the type lets them be copied and written to a file. */
export type Float32Batch = AdvantageBatch & Readonly<Record<'tokenRewards' | 'logProbs' | 'sumPiSquared', Float32Array>>;

/** A batch of 1,024 × 8,192 tokens, 8 responses to a prompt, reward 0 or 1 on the last token. */
export function createBatch({ ragged, tools }: BatchKind): Float32Batch {
  const random = new Random(8192, Number(ragged), Number(tools));
  const uniform = (): number => random.uint32() / 2 ** 32;
  const between = (least: number, most: number): number => Math.floor(least + uniform() * (most - least));
  const size = responses * maxTokens;
  const tokenRewards = new Float32Array(size);
  const logProbs = new Float32Array(size);
  const sumPiSquared = new Float32Array(size);
  const mask = new Uint8Array(size);
  for (let start = 0; start < size; start += maxTokens) {
    const normal = Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
    const end = start + (ragged ? Math.min(maxTokens, Math.max(8, Math.round(2200 * Math.exp(0.8 * normal)))) : maxTokens);
    for (let at = start; at < end;) {
      const turn = tools ? Math.min(end, at + between(50, 500)) : end;
      for (; at < turn; at++) {
        // Most tokens of a language model are nearly certain, some are open.
        const chosen = 1 - 0.98 * uniform() ** 3;
        logProbs[at] = Math.log(chosen);
        sumPiSquared[at] = chosen ** 2 + (1 - chosen) ** 2 * uniform();
        mask[at] = 1;
      }
      if (tools) at = Math.min(end, at + between(20, 300));
    }
    const last = mask.subarray(start, end).lastIndexOf(1) + start;
    tokenRewards[last] = uniform() < 0.4 ? 1 : 0;
  }
  return {
    batch: responses,
    length: maxTokens,
    tokenRewards,
    logProbs,
    sumPiSquared,
    mask,
    groups: Int32Array.from({ length: responses }, (_, row) => Math.floor(row / groupSize)),
    importanceWeights: null,
    handleZeroTail: true,
  };
}
