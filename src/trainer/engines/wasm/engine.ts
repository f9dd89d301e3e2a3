import { bytesText, counted } from '../../../core/notation.ts';
import type { PolicyConfig } from '../../../core/config/config.ts';
import { lanes, mostEngineBytes, planLayout, sizeOf, type Layout } from '../../../core/memory/engineLayout.ts';
import { maxTokensOf } from '../../../core/memory/taskSizes.ts';
import { createPolicy } from '../../policies/policy.ts';
import type { Task } from '../../tasks/task.ts';
import type { AdamStep, Engine, GivenSequence, Rollout, RolloutRequest, Tensor, Tensors, TokenBatch } from '../engine.ts';
import { randomStream } from '../streams.ts';
import { Crew } from './crew.ts';
import { compileKernels, instantiateKernels, type KernelBuild } from './kernelModule.ts';
import { LaneRunner } from './lane.ts';
import type { Kernels, PolicyArchitecture } from '../../policies/policyProgram.ts';

export interface WasmEngineOptions {
  readonly policy: PolicyConfig;
  readonly task: Task;
  /** What the worker module makes the same task from; only plain data. */
  readonly taskSpec: unknown;
  /** Most sequences in a batch. */
  readonly sequences: number;
  readonly maxResponseTokens: number;
  readonly threads: number;
  readonly build: KernelBuild;
  /** Seed of the initial parameters. */
  readonly seed: number;
  /** Folder with the compiled kernels. */
  readonly kernelFolder: string;
  /** Module that runs a worker thread. */
  readonly workerFile: string;
}

/**
 * The default engine: the policy's forward and backward pass derived by hand over SIMD kernels in WebAssembly, several threads over
 * one shared memory. A rollout keeps its activations, so that an on-policy update needs no second forward pass. The same
 * seed gives the same bits for any number of threads.
 */
export class WasmEngine implements Engine {
  readonly name: string;
  readonly device: string;
  private sequences = 0;
  private temperature = 1;

  private constructor(
    options: WasmEngineOptions,
    private readonly policy: PolicyArchitecture,
    private readonly layout: Layout,
    private readonly buffer: ArrayBufferLike,
    private readonly kernels: Kernels,
    private readonly runner: LaneRunner,
    private readonly crew: Crew,
  ) {
    this.name = `wasm-${options.build}`;
    this.device = `CPU, ${counted(options.threads, 'thread')}`;
  }

  static async create(options: WasmEngineOptions): Promise<WasmEngine> {
    const { task, threads } = options;
    const maxTokens = maxTokensOf(task, options.maxResponseTokens);
    const capacity = { sequences: options.sequences, maxTokens, vocabulary: task.vocabulary.length, threads };
    const policy = createPolicy(options.policy, capacity.vocabulary, maxTokens);
    const layout = planLayout(policy, capacity);
    if (layout.bytes > mostEngineBytes) {
      throw new Error(
        `A batch of ${options.sequences} sequences of up to ${maxTokens} tokens needs ${bytesText(layout.bytes)}, more than the 4 GiB that the engine can address. ` +
          'Lower rollout.promptsPerStep, rollout.groupSize, rollout.maxResponseTokens or the size of the policy.',
      );
    }
    const pages = Math.ceil(layout.bytes / 65536);
    const memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
    const module = compileKernels(options.kernelFolder, options.build);
    const kernels = instantiateKernels(module, memory);
    const runner = new LaneRunner(kernels, layout, memory.buffer, policy, task, 0);
    const start = { memory, kernels: module, capacity, policy: options.policy, taskSpec: options.taskSpec };
    const crew = await Crew.start(layout, runner, options.workerFile, start);
    const engine = new WasmEngine(options, policy, layout, memory.buffer, kernels, runner, crew);
    engine.initialize(options.seed);
    return engine;
  }

  private initialize(seed: number): void {
    const random = randomStream(seed, 'initialization');
    for (const tensor of this.policy.tensors) tensor.initialize(this.tensorAt(this.layout.parameters, tensor.name), random);
    this.runner.program.prepare();
  }

  private tensorAt(vector: number, name: string): Float32Array {
    const shape = this.policy.tensors.find((tensor) => tensor.name === name)!.shape;
    return new Float32Array(this.buffer, vector + this.layout.tensorOffsets.get(name)!, sizeOf(shape));
  }

  private read(vector: number, prefix = ''): Tensors {
    return new Map(
      this.policy.tensors.map(({ name, shape }): [string, Tensor] => [
        prefix + name,
        { shape, values: this.tensorAt(vector, name).slice() },
      ]),
    );
  }

  private write(vector: number, tensors: Tensors, prefix = ''): void {
    for (const { name, shape } of this.policy.tensors) {
      const tensor = tensors.get(prefix + name);
      if (!tensor) throw new Error(`Tensor "${prefix}${name}" is missing.`);
      if (tensor.shape.join() !== shape.join())
        throw new Error(`Tensor "${prefix}${name}" has shape [${tensor.shape.join(', ')}], expected [${shape.join(', ')}].`);
      this.tensorAt(vector, name).set(tensor.values);
    }
  }

  readParameters(): Tensors {
    return this.read(this.layout.parameters);
  }

  writeParameters(parameters: Tensors): void {
    this.write(this.layout.parameters, parameters);
    this.runner.program.prepare();
  }

  readOptimizer(): Tensors {
    return new Map([...this.read(this.layout.firstMoments, 'm.'), ...this.read(this.layout.secondMoments, 'v.')]);
  }

  writeOptimizer(moments: Tensors): void {
    this.write(this.layout.firstMoments, moments, 'm.');
    this.write(this.layout.secondMoments, moments, 'v.');
  }

  readGradient(): Tensors {
    return this.read(this.layout.gradients[0]!);
  }

  async rollout(request: RolloutRequest): Promise<Rollout> {
    this.sequences = request.promptsPerStep * request.groupSize;
    this.temperature = request.temperature;
    this.checkCapacity();
    await this.crew.run({ kind: 'rollout', request });
    const { layout, buffer, sequences } = this;
    return {
      ...this.batch(),
      rewards: new Float32Array(buffer, layout.rewards, sequences),
      truncated: new Uint8Array(buffer, layout.truncated, sequences),
      turns: new Int32Array(buffer, layout.turns, sequences),
    };
  }

  async forward(given: readonly GivenSequence[], temperature: number): Promise<TokenBatch> {
    this.sequences = given.length;
    this.temperature = temperature;
    this.checkCapacity();
    const { maxTokens } = this.layout.capacity;
    const isAction = this.batch().isAction;
    given.forEach(({ tokens, promptLength, isAction: actions }, sequence) => {
      if (tokens.length > maxTokens) throw new Error(`A sequence of ${tokens.length} tokens does not fit: the engine holds ${maxTokens}.`);
      this.runner.begin(sequence, tokens, promptLength);
      actions.forEach((action, i) => (isAction[sequence * maxTokens + promptLength - 1 + i] = action ? 1 : 0));
    });
    this.assignLanes();
    await this.crew.run({ kind: 'forward', sequences: this.sequences, temperature });
    return this.batch();
  }

  private checkCapacity(): void {
    const { sequences } = this.layout.capacity;
    if (this.sequences > sequences) throw new Error(`A batch of ${this.sequences} sequences does not fit: the engine holds ${sequences}.`);
  }

  private batch(): TokenBatch {
    const { layout, buffer, sequences } = this;
    const { maxTokens, vocabulary } = layout.capacity;
    const n = sequences * maxTokens;
    return {
      sequences,
      maxTokens,
      vocabulary,
      lengths: new Int32Array(buffer, layout.lengths, sequences),
      promptLengths: new Int32Array(buffer, layout.promptLengths, sequences),
      tokens: new Int32Array(buffer, layout.tokens, n),
      isAction: new Uint8Array(buffer, layout.isAction, n),
      logProbs: new Float32Array(buffer, layout.logProbs, n),
      sumPiSquared: new Float32Array(buffer, layout.sumPiSquared, n),
      entropies: new Float32Array(buffer, layout.entropies, n),
    };
  }

  /** Longest first, each to the lane with the least to do: balanced, and a function of the lengths alone. */
  private assignLanes(): void {
    const { buffer, layout, sequences } = this;
    const lengths = new Int32Array(buffer, layout.lengths, sequences);
    const laneOf = new Int32Array(buffer, layout.laneOf, sequences);
    const load = new Float64Array(lanes);
    const order = Int32Array.from(lengths, (_, sequence) => sequence).sort((a, b) => lengths[b]! - lengths[a]! || a - b);
    for (let i = 0; i < sequences; i++) {
      const sequence = order[i]!;
      let lane = 0;
      for (let other = 1; other < lanes; other++) if (load[other]! < load[lane]!) lane = other;
      laneOf[sequence] = lane;
      load[lane]! += lengths[sequence]!;
    }
  }

  async backward(weights: Float32Array): Promise<number> {
    const { layout, sequences, kernels } = this;
    new Float32Array(this.buffer, layout.weights, sequences * layout.capacity.maxTokens).set(weights);
    this.assignLanes();
    await this.crew.run({ kind: 'backward', sequences, temperature: this.temperature });
    const [sum, ...others] = layout.gradients;
    for (const gradient of others) kernels['addVector']!(sum!, gradient, layout.parameterCount);
    return Math.sqrt(kernels['sumOfSquares']!(sum!, layout.parameterCount));
  }

  adam({ learningRate, gradientScale, beta1, beta2, epsilon, update }: AdamStep): void {
    const { layout, kernels } = this;
    kernels['adam']!(
      layout.parameters,
      layout.gradients[0]!,
      layout.firstMoments,
      layout.secondMoments,
      layout.parameterCount,
      gradientScale,
      learningRate / (1 - beta1 ** update),
      1 / (1 - beta2 ** update),
      beta1,
      beta2,
      epsilon,
    );
    this.runner.program.prepare();
  }

  async dispose(): Promise<void> {
    await this.crew.stop();
  }
}
