import { kernelBase64 } from 'otb:token-baseline-kernel';
import type { FloatArray } from './estimator.ts';

/** See kernel/index.ts: its functions for arrays of float32 end in 32, those for float64 in 64. */
interface KernelExports {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  readonly end: { readonly value: number };
  readonly actions: { readonly value: number };
  readonly measure: (mask: number, length: number) => void;
  readonly divide: (energies: number, returns: number, length: number) => void;
  readonly add32: Add;
  readonly add64: Add;
  readonly subtract32: Subtract;
  readonly subtract64: Subtract;
  readonly gather32: Gather;
  readonly gather64: Gather;
  readonly scatter32: Scatter;
  readonly scatter64: Scatter;
}

type Add = (
  rewards: number,
  mask: number,
  logProbs: number,
  sumPiSquared: number,
  weights: number,
  energies: number,
  returns: number,
  end: number,
) => number;
type Subtract = (rewards: number, mask: number, baselines: number, advantages: number, end: number, reward: number) => void;
type Gather = (array: number, mask: number, end: number) => void;
type Scatter = (array: number, mask: number, end: number, actions: number) => void;

const pageBytes = 1 << 16;
/** Tokens that the kernel works on at once. */
const chunk = 8;

/** Arrays in the memory of the kernel: one response, and what its group adds up to. */
interface Arrays {
  readonly mask: Uint8Array;
  /** The mask of a response whose actions are put together. */
  readonly front: Uint8Array;
  readonly rewards: FloatArray;
  readonly logProbs: FloatArray;
  readonly sumPiSquared: FloatArray;
  readonly weights: FloatArray;
  readonly advantages: FloatArray;
  readonly energies: Float64Array;
  /** Σ G_t·W_t; after `divide` the baselines. */
  readonly returns: Float64Array;
}

/** The kernel with its memory, which is kept from call to call and grows with the longest response. */
export class TokenBaselineKernel {
  arrays: Arrays;
  private readonly kernel: KernelExports;
  private readonly base: number;
  private capacity = 0;
  private padded = 0;
  private wide = false;

  constructor() {
    const bytes = Uint8Array.from(atob(kernelBase64), (character) => character.charCodeAt(0));
    this.kernel = new WebAssembly.Instance(new WebAssembly.Module(bytes), {}).exports as unknown as KernelExports;
    this.base = this.kernel.memory.buffer.byteLength;
    this.arrays = this.layOut();
  }

  /** Makes room for responses of `length` tokens; `wide`: as float64. */
  prepare(length: number, wide: boolean): void {
    this.padded = roundUp(length);
    if (this.padded > this.capacity || wide !== this.wide) {
      this.capacity = Math.max(this.capacity, this.padded);
      this.wide = wide;
      this.arrays = this.layOut();
    }
    this.arrays.mask.fill(0, length, this.padded);
  }

  /** Forgets a group. */
  clear(): void {
    this.arrays.energies.fill(0, 0, this.padded);
    this.arrays.returns.fill(0, 0, this.padded);
  }

  /** `end`: end of the last action of `mask`, rounded up to a chunk; `actions`: how many there are. */
  measure(): { end: number; actions: number } {
    this.kernel.measure(this.arrays.mask.byteOffset, this.padded);
    return { end: this.kernel.end.value, actions: this.kernel.actions.value };
  }

  /** Puts what `values` holds of actions together at its front. */
  gather(values: FloatArray, end: number): void {
    const { kernel, arrays } = this;
    (this.wide ? kernel.gather64 : kernel.gather32)(values.byteOffset, arrays.mask.byteOffset, end);
  }

  /** Makes the mask of `actions` put together; returns the end of its last chunk. */
  gatherMask(actions: number): number {
    const end = roundUp(actions);
    this.arrays.front.fill(1, 0, actions).fill(0, actions, end);
    return end;
  }

  /** Puts `actions` advantages back to where actions are, and 0 elsewhere. */
  scatterAdvantages(end: number, actions: number): void {
    const { kernel, arrays } = this;
    (this.wide ? kernel.scatter64 : kernel.scatter32)(arrays.advantages.byteOffset, arrays.mask.byteOffset, end, actions);
  }

  /** Adds a response to its group; returns its reward to go at the start. `mask`: `mask` or `front`. */
  add(mask: Uint8Array, end: number, weighted: boolean): number {
    const { kernel, arrays } = this;
    return (this.wide ? kernel.add64 : kernel.add32)(
      arrays.rewards.byteOffset,
      mask.byteOffset,
      arrays.logProbs.byteOffset,
      arrays.sumPiSquared.byteOffset,
      weighted ? arrays.weights.byteOffset : 0,
      arrays.energies.byteOffset,
      arrays.returns.byteOffset,
      end,
    );
  }

  /** Makes baselines of what was added. */
  divide(): void {
    this.kernel.divide(this.arrays.energies.byteOffset, this.arrays.returns.byteOffset, this.padded);
  }

  /** Writes the advantages of a response up to `end`. `reward`: what `add` returned for it. */
  subtract(mask: Uint8Array, end: number, reward: number): void {
    const { kernel, arrays } = this;
    (this.wide ? kernel.subtract64 : kernel.subtract32)(
      arrays.rewards.byteOffset,
      mask.byteOffset,
      arrays.returns.byteOffset,
      arrays.advantages.byteOffset,
      end,
      reward,
    );
  }

  private layOut(): Arrays {
    const { memory } = this.kernel;
    // What is added keeps arrays of 2ⁿ tokens off the same sets of the cache.
    const stride = 8 * this.capacity + 64;
    const missing = this.base + 9 * stride - memory.buffer.byteLength;
    if (missing > 0) memory.grow(Math.ceil(missing / pageBytes));
    let at = this.base - stride;
    const next = (): [ArrayBuffer, number, number] => [memory.buffer, (at += stride), this.capacity];
    const floats = (): FloatArray => (this.wide ? new Float64Array(...next()) : new Float32Array(...next()));
    return {
      mask: new Uint8Array(...next()),
      front: new Uint8Array(...next()),
      rewards: floats(),
      logProbs: floats(),
      sumPiSquared: floats(),
      weights: floats(),
      advantages: floats(),
      energies: new Float64Array(...next()),
      returns: new Float64Array(...next()),
    };
  }
}

function roundUp(tokens: number): number {
  return Math.ceil(tokens / chunk) * chunk;
}
