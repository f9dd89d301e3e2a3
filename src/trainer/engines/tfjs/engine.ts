import * as tf from '@tensorflow/tfjs-core';
import type { PolicyConfig } from '../../../core/config/config.ts';
import { createPolicy } from '../../policies/policy.ts';
import type { Task } from '../../tasks/task.ts';
import type { AdamStep, Engine, GivenSequence, Rollout, RolloutRequest, Tensors, TokenBatch } from '../engine.ts';
import { randomStream } from '../streams.ts';
import { maxTokensOf } from '../../../core/memory/taskSizes.ts';
import type { TensorSpec } from '../../policies/policyProgram.ts';
import { createTfjsPolicy } from './architectures.ts';
import { openBackend, type OpenedBackend, type TfjsBackend } from './backend.ts';
import { Batch } from './batch.ts';
import { TokenDistribution } from './distribution.ts';
import { oneHot } from './layers.ts';
import { splitBatch, type MicroBatch } from './microBatch.ts';
import type { TfjsPolicy } from './policy.ts';
import { sampleRollout } from './rollout.ts';
import { TensorSet } from './tensorSet.ts';

export interface TfjsEngineOptions {
  readonly backend: TfjsBackend;
  readonly policy: PolicyConfig;
  readonly task: Task;
  readonly maxResponseTokens: number;
  /** Seed of the initial parameters. */
  readonly seed: number;
}

/**
 * The policy in TensorFlow.js operations with automatic gradients: the way to a GPU through libtensorflow, and an independent
 * check of the default engine, with which it shares parameters, streams and results up to rounding.
 * TensorFlow.js has one backend a process, so engines on two backends cannot be used in turn.
 */
export class TfjsEngine implements Engine {
  readonly name: string;
  readonly device: string;
  private readonly maxTokens: number;
  private readonly policy: TfjsPolicy;
  private readonly parameters: TensorSet;
  private readonly gradient: TensorSet;
  private readonly firstMoments: TensorSet;
  private readonly secondMoments: TensorSet;
  private batch: TokenBatch | undefined;
  private temperature = 1;

  private constructor(
    private readonly options: TfjsEngineOptions,
    private readonly opened: OpenedBackend,
    specs: readonly TensorSpec[],
  ) {
    this.name = `tfjs-${options.backend}`;
    this.device = opened.device;
    this.maxTokens = maxTokensOf(options.task, options.maxResponseTokens);
    this.policy = createTfjsPolicy(options.policy);
    this.parameters = new TensorSet(specs);
    this.gradient = new TensorSet(specs);
    this.firstMoments = new TensorSet(specs, 'm.');
    this.secondMoments = new TensorSet(specs, 'v.');
  }

  /** @throws BackendUnavailableError */
  static async create(options: TfjsEngineOptions): Promise<TfjsEngine> {
    const opened = await openBackend(options.backend);
    const { tensors } = createPolicy(options.policy, options.task.vocabulary.length, maxTokensOf(options.task, options.maxResponseTokens));
    const engine = new TfjsEngine(options, opened, tensors);
    engine.parameters.initialize(randomStream(options.seed, 'initialization'));
    return engine;
  }

  readParameters(): Tensors {
    return this.parameters.read();
  }

  writeParameters(parameters: Tensors): void {
    this.parameters.write(parameters);
  }

  readOptimizer(): Tensors {
    return new Map([...this.firstMoments.read(), ...this.secondMoments.read()]);
  }

  writeOptimizer(moments: Tensors): void {
    this.firstMoments.write(moments);
    this.secondMoments.write(moments);
  }

  readGradient(): Tensors {
    return this.gradient.read();
  }

  async rollout(request: RolloutRequest): Promise<Rollout> {
    this.temperature = request.temperature;
    const rollout = await sampleRollout(this.policy, this.parameters.get, this.options.task, this.maxTokens, request);
    this.batch = rollout;
    return rollout;
  }

  async forward(sequences: readonly GivenSequence[], temperature: number): Promise<TokenBatch> {
    this.temperature = temperature;
    const batch = new Batch(sequences.length, this.maxTokens, this.options.task.vocabulary.length);
    sequences.forEach(({ tokens, promptLength, isAction }, sequence) => {
      batch.begin(sequence, tokens.slice(0, promptLength));
      tokens.slice(promptLength).forEach((token, i) => batch.append(sequence, token, isAction[i] === true));
    });
    const distribution = new TokenDistribution(batch.vocabulary);
    for (const part of splitBatch(batch, batch.isAction, this.rowsOf)) {
      const tensor = tf.tidy(() => this.logits(part));
      const logits = await tensor.data();
      tensor.dispose();
      part.weights.forEach((weight, i) => {
        if (weight === 0) return;
        distribution.set(logits, i * batch.vocabulary, temperature);
        batch.describe(part.sequences[Math.floor(i / part.length)]!, i % part.length, distribution);
      });
    }
    this.batch = batch;
    return batch;
  }

  /** How many sequences of a length fit into the backend's memory at once. */
  private readonly rowsOf = (length: number): number => {
    const bytes = length * this.policy.bytesPerToken(length);
    return Math.max(1, Math.floor(this.opened.activationBytes / bytes));
  };

  /** [rows · length × vocabulary] */
  private logits({ tokens, sequences, length }: MicroBatch): tf.Tensor {
    return this.policy.forward(this.parameters.get, tokens, sequences.length, length);
  }

  /** Σ weights · (−log π(target)) */
  private loss(part: MicroBatch, vocabulary: number): tf.Scalar {
    const logProbs = tf.logSoftmax(tf.div(this.logits(part), this.temperature));
    const chosen = tf.sum(tf.mul(logProbs, oneHot(part.targets, vocabulary)), 1);
    return tf.neg(tf.sum(tf.mul(chosen, tf.tensor1d(part.weights))));
  }

  async backward(weights: Float32Array): Promise<number> {
    const { batch } = this;
    if (!batch) throw new Error('There is no batch to differentiate: call rollout or forward first.');
    this.gradient.clear();
    for (const part of splitBatch(batch, weights, this.rowsOf)) {
      tf.tidy(() => {
        const { grads } = tf.variableGrads(() => this.loss(part, batch.vocabulary), this.parameters.variables());
        this.gradient.update((sum, name) => {
          const gradient = grads[this.parameters.get(name).name];
          return gradient ? tf.add(sum, gradient) : sum;
        });
      });
    }
    let squares = 0;
    for (const { values } of this.gradient.read().values()) for (const value of values) squares += value * value;
    return Math.sqrt(squares);
  }

  /** Adam (Kingma and Ba, 2015). */
  adam({ learningRate, gradientScale, beta1, beta2, epsilon, update }: AdamStep): void {
    const rate = learningRate / (1 - beta1 ** update);
    const correction = 1 / (1 - beta2 ** update);
    tf.tidy(() => {
      const scaled = (name: string): tf.Tensor => tf.mul(this.gradient.get(name), gradientScale);
      this.firstMoments.update((m, name) => tf.add(tf.mul(m, beta1), tf.mul(scaled(name), 1 - beta1)));
      this.secondMoments.update((v, name) => tf.add(tf.mul(v, beta2), tf.mul(tf.square(scaled(name)), 1 - beta2)));
      this.parameters.update((parameter, name) => {
        const denominator = tf.add(tf.sqrt(tf.mul(this.secondMoments.get(name), correction)), epsilon);
        return tf.sub(parameter, tf.div(tf.mul(this.firstMoments.get(name), rate), denominator));
      });
    });
  }

  async dispose(): Promise<void> {
    for (const set of [this.parameters, this.gradient, this.firstMoments, this.secondMoments]) set.dispose();
  }
}
