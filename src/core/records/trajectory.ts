import type { EstimatorName } from '../estimators/estimator.ts';

/**
 * One sampled response to a prompt, as a line of `rollouts/step-….jsonl` has it, or as much of one as another program wrote. What a
 * source does not say is null. Values per token are [response.length]; NaN where the policy did not choose the token.
 */
export interface Trajectory {
  /** Its place among those of the step, from 0. */
  readonly sequence: number;
  /** Responses to the same prompt have the same number, counted from 0 in order of first appearance. */
  readonly group: number;
  /** Tokens as texts; of a source that has no tokens one text each, or one a message. */
  readonly prompt: readonly string[];
  readonly response: readonly string[];
  /** Whether the response is in tokens, so that there are values for each. */
  readonly isTokenized: boolean;
  /** 1: chosen by the policy; 0: what a tool or the environment answered. Null: the source does not tell the two apart. */
  readonly mask: Uint8Array | null;
  readonly reward: number | null;
  readonly turns: number | null;
  readonly truncated: boolean | null;
  /** log π of each token that was chosen. */
  readonly logProbs: Float32Array | null;
  /** Σ_v π(v)² at each token. */
  readonly sumPiSquared: Float32Array | null;
  /** w_t = 1 − 2π + Σπ² of each token. */
  readonly tokenEnergy: Float32Array | null;
  /** W_t = Σ_{j≤t} w_j; keeps its value over tokens that the policy did not choose. */
  readonly accumulatedEnergy: Float32Array | null;
  /** By estimator: a number where it is the same at every token that was chosen. */
  readonly advantages: TokenValues;
  /** The same, for the estimators whose advantage is a reward less a baseline. */
  readonly baselines: TokenValues;
  /** What else the source says of it, e.g. verl's `gts` and `acc`, in its own words. */
  readonly facts: Readonly<Record<string, string | number | boolean | null>>;
}

export type TokenValues = Readonly<Partial<Record<EstimatorName, number | Float32Array>>>;
