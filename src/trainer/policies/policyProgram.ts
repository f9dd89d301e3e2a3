import type { PolicySize, TensorShape } from '../../core/memory/policySize.ts';
import type { Random } from '../../core/random.ts';

/** A parameter tensor with its initial values. */
export interface TensorSpec extends TensorShape {
  /** Fills freshly zeroed values. */
  readonly initialize: (values: Float32Array, random: Random) => void;
}

/** The kernels' exports. Addresses are byte offsets into the shared memory, counts are elements. */
export type Kernels = Readonly<Record<string, (...args: number[]) => number>>;

/** A policy architecture: what memory it needs, and how to run it there. Plain data and functions; made anew in every thread. */
export interface PolicyArchitecture extends PolicySize {
  readonly tensors: readonly TensorSpec[];
  bind(kernels: Kernels, memory: PolicyMemory): PolicyProgram;
}

/** Where things lie. All addresses are multiples of 64. */
export interface PolicyMemory {
  readonly buffer: ArrayBufferLike;
  readonly maxTokens: number;
  readonly vocabulary: number;
  /** Address of a parameter tensor. */
  parameter(name: string): number;
  /** Byte offset of a tensor's gradient within a gradient buffer. */
  gradientOffset(name: string): number;
  readonly derived: number;
  /** Address of a sequence's slot. */
  slot(sequence: number): number;
  readonly scratch: number;
  /** Address of a sequence's tokens, int32 [maxTokens]. */
  tokens(sequence: number): number;
  /** Address of a sequence's logits (before backward: their gradient), float32 [maxTokens × vocabulary]. */
  logits(sequence: number): number;
}

/** An architecture bound to memory and kernels, in one thread. Every result is independent of how rows are batched. */
export interface PolicyProgram {
  /** Recomputes what derives from the parameters. Called in one thread after every change of the parameters. */
  prepare(): void;
  /**
   * Feeds one token to each of `count` sequences: sequence `sequences[i]` at position `positions[i]` (the token itself is read
   * from its tokens). Positions of a sequence come in order from 0. Where `wanted[i]` is 1, writes the logits at that position.
   * Keeps everything that `backward` needs.
   */
  step(count: number, sequences: Int32Array, positions: Int32Array, wanted: Uint8Array): void;
  /** The same for positions 0 … length − 1 of one whole sequence at once, with logits at every position. */
  forward(sequence: number, length: number): void;
  /**
   * Back-propagates the gradient that stands in place of the logits at positions 0 … length − 1 (zero where nothing is wanted),
   * after `step` or `forward` of these positions; adds the parameters' gradient to the buffer at `gradient`.
   */
  backward(sequence: number, length: number, gradient: number): void;
}
