import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { lanes, planLayout, sharesOf, sizeOf, type Layout } from '../src/core/memory/engineLayout.ts';
import { compileKernels, instantiateKernels, type KernelBuild } from '../src/trainer/engines/wasm/kernelModule.ts';
import { LaneRunner } from '../src/trainer/engines/wasm/lane.ts';
import { randomStream } from '../src/trainer/engines/streams.ts';
import { createPolicy } from '../src/trainer/policies/policy.ts';
import type { Kernels } from '../src/trainer/policies/policyProgram.ts';
import { ceilingGigaflops } from './ceiling.ts';
import { freeTask } from './freeTask.ts';
import type { BenchResult, BenchTable } from './report.ts';
import { fixedBatch, rolloutRequest, standardStep, tokensOf } from './setting.ts';

const repeats = 12;
const { policy, responseTokens, sequences } = standardStep;
const maxTokens = 1 + responseTokens;
const vocabulary = freeTask.vocabulary.length;
/** Kernels that take less of a part than this stand together in one row. */
const leastShare = 0.01;

interface KernelTime {
  milliseconds: number;
  calls: number;
  /** Of matrix products, which are the only ones that are counted. */
  flops: number;
}

/** The parts of a step, on one thread. */
class Profile {
  readonly times = new Map<string, KernelTime>();
  private readonly buffer: ArrayBufferLike;
  private readonly layout: Layout;
  private readonly plain: LaneRunner;
  private readonly timed: LaneRunner;
  private readonly batch = fixedBatch(standardStep);

  constructor(build: KernelBuild) {
    const architecture = createPolicy(policy, vocabulary, maxTokens);
    this.layout = planLayout(architecture, { sequences, maxTokens, vocabulary, threads: 1 });
    const pages = Math.ceil(this.layout.bytes / 65536);
    const memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
    this.buffer = memory.buffer;
    const folder = path.dirname(fileURLToPath(import.meta.url));
    const kernels = instantiateKernels(compileKernels(folder, build), memory);
    const runner = (of: Kernels): LaneRunner => new LaneRunner(of, this.layout, this.buffer, architecture, freeTask, 0);
    this.plain = runner(kernels);
    this.timed = runner(this.watched(kernels));
    const random = randomStream(1, 'initialization');
    for (const { name, shape, initialize } of architecture.tensors)
      initialize(new Float32Array(this.buffer, this.layout.parameters + this.layout.tensorOffsets.get(name)!, sizeOf(shape)), random);
    this.plain.program.prepare();
  }

  private watched(kernels: Kernels): Kernels {
    const functions = Object.entries(kernels).filter(([, kernel]) => typeof kernel === 'function');
    return Object.fromEntries(functions.map(([name, kernel]) => [name, this.watch(name, kernel)]));
  }

  private watch(name: string, kernel: (...args: number[]) => number): (...args: number[]) => number {
    const time: KernelTime = { milliseconds: 0, calls: 0, flops: 0 };
    this.times.set(name, time);
    return (...args) => {
      const start = performance.now();
      const result = kernel(...args);
      time.milliseconds += performance.now() - start;
      time.calls++;
      if (name === 'multiply') time.flops += 2 * args[8]! * args[9]! * args[10]!;
      return result;
    };
  }

  sample(runner = this.timed): void {
    const shares = sharesOf(sequences, 1);
    for (let share = 0; share < shares; share++) runner.rollout(share, shares, rolloutRequest(standardStep, 1));
  }

  forward(runner = this.timed): void {
    const laneOf = new Int32Array(this.buffer, this.layout.laneOf, sequences);
    this.batch.given.forEach(({ tokens, promptLength }, sequence) => {
      runner.begin(sequence, tokens, promptLength);
      new Uint8Array(this.buffer, this.layout.isAction + sequence * maxTokens, responseTokens).fill(1);
      laneOf[sequence] = sequence % lanes;
    });
    for (let lane = 0; lane < lanes; lane++) runner.forward(lane, sequences, 1);
  }

  backward(): void {
    this.forward(this.plain);
    const weights = new Float32Array(this.buffer, this.layout.weights, sequences * maxTokens);
    weights.forEach((_, i) => {
      weights[i] = i % maxTokens < responseTokens ? this.batch.advantages[Math.floor(i / maxTokens)]! / tokensOf(standardStep) : 0;
    });
    for (let lane = 0; lane < lanes; lane++) this.timed.backward(lane, sequences, 1);
  }

  /** The times of the fastest of several repeats, longest first. */
  best(part: () => void): readonly (readonly [string, KernelTime])[] {
    let best: readonly (readonly [string, KernelTime])[] = [];
    for (let repeat = 0; repeat < repeats; repeat++) {
      for (const time of this.times.values()) Object.assign(time, { milliseconds: 0, calls: 0, flops: 0 });
      part();
      const times = [...this.times].map(([name, time]) => [name, { ...time }] as const);
      if (best.length === 0 || total(times) < total(best)) best = times;
    }
    return best.filter(([, { calls }]) => calls > 0).sort(([, a], [, b]) => b.milliseconds - a.milliseconds);
  }
}

function total(times: readonly (readonly [string, KernelTime])[]): number {
  return times.reduce((sum, [, { milliseconds }]) => sum + milliseconds, 0);
}

/** Where the time of the benchmark's step goes, kernel by kernel, and how near its matrix products are to what WebAssembly can do here. */
export function benchKernels(): BenchResult {
  return { rows: [], notes: [], tables: [profileOf('simd'), profileOf('relaxed-simd')] };
}

function profileOf(build: KernelBuild): BenchTable {
  const profile = new Profile(build);
  const ceiling = ceilingGigaflops(build);
  const parts: Readonly<Record<string, () => void>> = {
    sampling: () => profile.sample(),
    forward: () => profile.forward(),
    backward: () => profile.backward(),
  };
  const rows: string[][] = [];
  for (const [part, work] of Object.entries(parts)) {
    const times = profile.best(work);
    const all = total(times);
    const isSmall = ([, { milliseconds }]: readonly [string, KernelTime]): boolean => milliseconds < leastShare * all;
    const small = times.filter(isSmall);
    for (const [name, time] of times.filter((each) => !isSmall(each))) rows.push(row(part, name, time, all, ceiling));
    const calls = small.reduce((sum, [, time]) => sum + time.calls, 0);
    if (small.length > 0) rows.push(row(part, 'all others', { milliseconds: total(small), calls, flops: 0 }, all, ceiling));
  }
  return {
    title: `Kernels of wasm-${build}`,
    about:
      `One thread, the step above, the fastest of ${repeats} repeats. The ceiling is ${ceiling.toFixed(1)} GFLOP/s: multiplications and ` +
      `additions (${build === 'simd' ? 'one by one' : 'fused'}) in registers alone, in twelve chains.`,
    header: ['part', 'kernel', 'ms', 'share', 'calls', 'GFLOP/s', 'of the ceiling'],
    rows,
  };
}

function row(part: string, kernel: string, { milliseconds, calls, flops }: KernelTime, all: number, ceiling: number): string[] {
  const gigaflops = flops / milliseconds / 1e6;
  const speed = flops === 0 ? ['', ''] : [gigaflops.toFixed(1), percent(gigaflops / ceiling)];
  return [part, kernel, milliseconds.toFixed(1), percent(milliseconds / all), calls.toLocaleString('en-US'), ...speed];
}

function percent(share: number): string {
  return `${(100 * share).toFixed(0)} %`;
}
