import type { StepShape } from '../../src/core/growth/stepCost.ts';
import { freeTask } from '../freeTask.ts';
import type { StepSize } from '../setting.ts';

/** Multiplications and additions that a step may take: some seconds for either contender. */
const stepFlops = 1e10;
const mostSequences = 128;
const leastSequences = 4;
const headWidth = 32;

type Size = Omit<StepShape, 'sequences'>;

/** One axis at a time from the size of the other benchmarks, and corners where more than one is large. */
export const sizes: readonly Size[] = [
  ...[32, 64, 128, 256, 512].map((width) => ({ width, layers: 2, tokens: 64 })),
  ...[4, 8].map((layers) => ({ width: 64, layers, tokens: 64 })),
  ...[256, 1024, 2048].map((tokens) => ({ width: 64, layers: 2, tokens })),
  { width: 128, layers: 4, tokens: 512 },
  { width: 256, layers: 4, tokens: 256 },
  { width: 512, layers: 8, tokens: 64 },
];

/** The step that is done at a size, with as many sequences as it takes little time for. */
export function stepOf({ width, layers, tokens }: Size): StepSize {
  const flopsOfToken = 96 * layers * width ** 2 + 12 * layers * width * tokens + 8 * width * freeTask.vocabulary.length;
  const fitting = Math.floor(stepFlops / (tokens * flopsOfToken));
  return {
    policy: { kind: 'transformer', width, layers, heads: Math.max(1, width / headWidth) },
    responseTokens: tokens,
    sequences: Math.min(mostSequences, Math.max(leastSequences, fitting)),
  };
}
