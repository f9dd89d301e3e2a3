import type { PolicySize } from './policySize.ts';
import { roundUp } from './transformerLayout.ts';

/** How big a WASM engine is. */
export interface Capacity {
  /** Most sequences in a batch. */
  readonly sequences: number;
  /** Most tokens in a sequence, prompt and tool tokens included. */
  readonly maxTokens: number;
  readonly vocabulary: number;
  readonly threads: number;
}

/**
 * Gradients are summed in this many lanes, each lane in order and then lane after lane, whatever the number of threads: that is
 * what makes results independent of it.
 */
export const lanes = 8;

/** Most sequences that are sampled together: so many fill the tiles of a product, and keys and values of more would not stay in the cache. */
const mostTogether = 16;

/** Into so many shares the sequences of a rollout are divided; each is sampled alike in whatever share it is. */
export function sharesOf(sequences: number, threads: number): number {
  return Math.max(threads, Math.ceil(sequences / mostTogether));
}

/** Threads beyond the lanes have nothing to do, and each has a stack and a working memory. */
export const mostThreads = 256;

const alignment = 64;
/** AssemblyScript keeps its static data below this address. */
const firstAddress = 65536;
/** What a 32-bit address space holds. */
export const mostEngineBytes = 2 ** 32;

/** Byte addresses of everything in the shared memory. */
export interface Layout {
  readonly capacity: Capacity;
  readonly bytes: number;
  readonly control: number;
  /** Floats in a vector of all parameters, each tensor padded to 16. */
  readonly parameterCount: number;
  /** Byte offset of each tensor within such a vector. */
  readonly tensorOffsets: ReadonlyMap<string, number>;
  readonly parameters: number;
  readonly firstMoments: number;
  readonly secondMoments: number;
  readonly gradients: readonly number[];
  readonly derived: number;
  readonly scratch: readonly number[];
  /** [sequences × maxTokens] arrays. */
  readonly tokens: number;
  readonly isAction: number;
  readonly logProbs: number;
  readonly sumPiSquared: number;
  readonly entropies: number;
  readonly weights: number;
  /** [sequences] arrays. */
  readonly lengths: number;
  readonly promptLengths: number;
  readonly rewards: number;
  readonly truncated: number;
  readonly turns: number;
  readonly laneOf: number;
  /** [sequences × maxTokens × vocabulary] */
  readonly logits: number;
  readonly probabilities: number;
  readonly slots: number;
  readonly slotBytes: number;
}

/** Plans the memory; `bytes` may be more than `mostEngineBytes`. */
export function planLayout(policy: PolicySize, capacity: Capacity): Layout {
  const { sequences, maxTokens, vocabulary, threads } = capacity;
  let next = firstAddress;
  const take = (bytes: number): number => {
    const address = next;
    next += roundUp(bytes, alignment);
    return address;
  };

  const tensorOffsets = new Map<string, number>();
  let parameterCount = 0;
  for (const tensor of policy.tensors) {
    tensorOffsets.set(tensor.name, 4 * parameterCount);
    parameterCount += roundUp(sizeOf(tensor.shape), 16);
  }
  const rows = Math.ceil(sequences / sharesOf(sequences, threads));
  const perToken = sequences * maxTokens;
  const slotBytes = roundUp(policy.slotBytes(maxTokens), alignment);
  const layout = {
    capacity,
    control: take(alignment * 2),
    parameterCount,
    tensorOffsets,
    parameters: take(4 * parameterCount),
    firstMoments: take(4 * parameterCount),
    secondMoments: take(4 * parameterCount),
    gradients: Array.from({ length: lanes }, () => take(4 * parameterCount)),
    derived: take(policy.derivedBytes),
    scratch: Array.from({ length: threads }, () => take(policy.scratchBytes(maxTokens, rows))),
    tokens: take(4 * perToken),
    isAction: take(perToken),
    logProbs: take(4 * perToken),
    sumPiSquared: take(4 * perToken),
    entropies: take(4 * perToken),
    weights: take(4 * perToken),
    lengths: take(4 * sequences),
    promptLengths: take(4 * sequences),
    rewards: take(4 * sequences),
    truncated: take(sequences),
    turns: take(4 * sequences),
    laneOf: take(4 * sequences),
    logits: take(4 * perToken * vocabulary),
    probabilities: take(4 * perToken * vocabulary),
    slots: take(sequences * slotBytes),
    slotBytes,
  };
  return { ...layout, bytes: next };
}

export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, extent) => product * extent, 1);
}
