import path from 'node:path';
import { planLayout, sizeOf, type Layout } from '../../../src/core/memory/engineLayout.ts';
import { Random } from '../../../src/core/random.ts';
import { compileKernels, instantiateKernels, type KernelBuild } from '../../../src/trainer/engines/wasm/kernelModule.ts';
import { policyMemory } from '../../../src/trainer/engines/wasm/policyMemory.ts';
import type { Kernels, PolicyArchitecture, PolicyProgram } from '../../../src/trainer/policies/policyProgram.ts';

/** A policy in memory of its own, without an engine around it: one thread, and arrays in full view. */
export class BoundPolicy {
  readonly program: PolicyProgram;
  readonly kernels: Kernels;
  private readonly layout: Layout;
  private readonly floats: Float32Array;
  private readonly ints: Int32Array;

  /** Parameters are the initial ones plus uniform noise, so that no bias is 0 and no gain is 1. */
  constructor(
    private readonly policy: PolicyArchitecture,
    readonly vocabulary: number,
    readonly maxTokens: number,
    sequences = 1,
    build: KernelBuild = 'simd',
  ) {
    this.layout = planLayout(policy, { sequences, maxTokens, vocabulary, threads: 1 });
    const pages = Math.ceil(this.layout.bytes / 65536);
    const memory = new WebAssembly.Memory({ initial: pages, maximum: 65536, shared: true });
    this.floats = new Float32Array(memory.buffer);
    this.ints = new Int32Array(memory.buffer);
    const random = new Random(17);
    for (const { name, shape, initialize } of policy.tensors) {
      const values = new Float32Array(sizeOf(shape));
      initialize(values, random);
      this.floats.set(
        values.map((value) => value + 0.4 * (random.uniform() - 0.5)),
        this.layout.parameters / 4 + this.layout.tensorOffsets.get(name)! / 4,
      );
    }
    this.kernels = instantiateKernels(compileKernels(path.resolve('dist'), build), memory);
    this.program = policy.bind(this.kernels, policyMemory(this.layout, memory.buffer, 0));
    this.program.prepare();
  }

  parametersInFloat64(): Map<string, Float64Array> {
    return new Map(this.tensorNames().map((name) => [name, Float64Array.from(this.tensor(this.layout.parameters, name))]));
  }

  tensorNames(): string[] {
    return this.policy.tensors.map(({ name }) => name);
  }

  setTokens(sequence: number, tokens: readonly number[]): void {
    this.ints.set(tokens, this.layout.tokens / 4 + sequence * this.maxTokens);
  }

  /** [tokens × vocabulary], a view: what stands there is the logits, or, once a test has written it, their gradient. */
  logits(sequence: number): Float32Array {
    const from = this.layout.logits / 4 + sequence * this.maxTokens * this.vocabulary;
    return this.floats.subarray(from, from + this.maxTokens * this.vocabulary);
  }

  /** Makes every number kept from a forward pass NaN, so that reading one that was never written shows. */
  poisonSlots(): void {
    const from = this.layout.slots / 4;
    this.floats.fill(NaN, from, from + (this.layout.capacity.sequences * this.layout.slotBytes) / 4);
  }

  /** Feeds rows with one token of each sequence until all are through; `wanted` says where logits are due. */
  decode(lengths: readonly number[], wanted: (sequence: number, position: number) => boolean = () => true): void {
    for (let position = 0; position < Math.max(...lengths); position++) {
      const rows = lengths.flatMap((length, sequence) => (position < length ? [sequence] : []));
      this.program.step(
        rows.length,
        Int32Array.from(rows),
        new Int32Array(rows.length).fill(position),
        Uint8Array.from(rows, (sequence) => Number(wanted(sequence, position))),
      );
    }
  }

  /** The gradient of one sequence by tensor name, from a zeroed buffer into which it is added so many times. */
  gradientOf(sequence: number, length: number, times = 1): Map<string, Float32Array> {
    const buffer = this.layout.gradients[0]!;
    this.floats.fill(0, buffer / 4, buffer / 4 + this.layout.parameterCount);
    for (let i = 0; i < times; i++) this.program.backward(sequence, length, buffer);
    return new Map(this.tensorNames().map((name) => [name, this.tensor(buffer, name).slice()]));
  }

  private tensor(base: number, name: string): Float32Array {
    const from = (base + this.layout.tensorOffsets.get(name)!) / 4;
    const spec = this.policy.tensors.find((tensor) => tensor.name === name)!;
    return this.floats.subarray(from, from + sizeOf(spec.shape));
  }
}
