/** Parameters or optimizer state by tensor name. */
export type Tensors = ReadonlyMap<string, Tensor>;

export interface Tensor {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** Trajectories to sample in one step. All prompts of a group are the same; streams are named by seed and step. */
export interface RolloutRequest {
  readonly seed: number;
  readonly step: number;
  readonly promptsPerStep: number;
  readonly groupSize: number;
  readonly maxResponseTokens: number;
  readonly temperature: number;
}

/**
 * Sequences of tokens with what the policy thinks of them. Flat row-major arrays [sequences × maxTokens]; position t speaks of
 * the token at t + 1, which the policy chose where `isAction` is 1.
 */
export interface TokenBatch {
  readonly sequences: number;
  /** Row stride of the arrays. */
  readonly maxTokens: number;
  readonly vocabulary: number;
  /** [sequences] tokens in each sequence, prompt included. */
  readonly lengths: Int32Array;
  /** [sequences] prompt tokens of each sequence. */
  readonly promptLengths: Int32Array;
  readonly tokens: Int32Array;
  readonly isAction: Uint8Array;
  /** log π(token t + 1) at action positions. */
  readonly logProbs: Float32Array;
  /** Σ_v π(v)² at action positions. */
  readonly sumPiSquared: Float32Array;
  /** Entropy in nats at action positions. */
  readonly entropies: Float32Array;
}

/** What a rollout adds to its tokens. */
export interface Rollout extends TokenBatch {
  /** [sequences] */
  readonly rewards: Float32Array;
  /** [sequences] 1: cut off by the length or turn limit. */
  readonly truncated: Uint8Array;
  /** [sequences] tool calls. */
  readonly turns: Int32Array;
}

/** Sequences given from outside, e.g. demonstrations. */
export interface GivenSequence {
  readonly tokens: readonly number[];
  readonly promptLength: number;
  /** For each token from `promptLength` on, whether it is an action. */
  readonly isAction: readonly boolean[];
}

export interface AdamStep {
  readonly learningRate: number;
  /** The gradient is multiplied by this first (clipping). */
  readonly gradientScale: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  /** Update number, from 1, for the bias correction. */
  readonly update: number;
}

/**
 * Runs the policy: samples from it, differentiates it, updates it. One batch at a time: `rollout` or `forward` fills it, and
 * `backward` differentiates what was filled last. The arrays handed out are valid until the next `rollout` or `forward`.
 */
export interface Engine {
  readonly name: string;
  /** What it runs on, for people: "CPU, 2 threads". */
  readonly device: string;
  readParameters(): Tensors;
  writeParameters(parameters: Tensors): void;
  /** Adam's moments, named `m.<tensor>` and `v.<tensor>`. */
  readOptimizer(): Tensors;
  writeOptimizer(moments: Tensors): void;
  rollout(request: RolloutRequest): Promise<Rollout>;
  /** Teacher-forced pass over given sequences. */
  forward(sequences: readonly GivenSequence[], temperature: number): Promise<TokenBatch>;
  /**
   * Gradient of Σ weights · (−log π) over the action positions of the last batch, kept inside the engine.
   * `weights`: [sequences × maxTokens], like the batch's arrays. Returns the global norm, summed in float64.
   */
  backward(weights: Float32Array): Promise<number>;
  readGradient(): Tensors;
  adam(step: AdamStep): void;
  dispose(): Promise<void>;
}
