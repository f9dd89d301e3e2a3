import type { PolicyConfig } from '../src/core/config/config.ts';
import { Random } from '../src/core/random.ts';
import type { AdamStep, GivenSequence, RolloutRequest } from '../src/trainer/engines/engine.ts';
import { freeTask } from './freeTask.ts';

/** A step that contenders do: responses of a transformer from one start token, each as long as all others. */
export interface StepSize {
  readonly policy: Extract<PolicyConfig, { readonly kind: 'transformer' }>;
  readonly responseTokens: number;
  readonly sequences: number;
}

/** 128 responses of 64 tokens from a transformer of two layers, 110,400 parameters. */
export const standardStep: StepSize = {
  policy: { kind: 'transformer', width: 64, layers: 2, heads: 2 },
  responseTokens: 64,
  sequences: 128,
};

export function tokensOf({ sequences, responseTokens }: StepSize): number {
  return sequences * responseTokens;
}

export function rolloutRequest({ sequences, responseTokens }: StepSize, step: number): RolloutRequest {
  return { seed: 1, step, promptsPerStep: 1, groupSize: sequences, maxResponseTokens: responseTokens, temperature: 1 };
}

export function adamStep(update: number): AdamStep {
  return { learningRate: 1e-3, gradientScale: 1, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, update };
}

/** A batch that is the same for every contender. */
export interface FixedBatch {
  /** Each [1 + responseTokens] long. */
  readonly given: readonly GivenSequence[];
  /** [sequences] */
  readonly advantages: Float32Array;
}

export function fixedBatch({ sequences, responseTokens }: StepSize): FixedBatch {
  const random = new Random(7);
  const isAction = new Array<boolean>(responseTokens).fill(true);
  const given = Array.from({ length: sequences }, () => {
    const response = Array.from({ length: responseTokens }, () => random.integer(freeTask.vocabulary.length));
    return { tokens: [0, ...response], promptLength: 1, isAction };
  });
  return { given, advantages: Float32Array.from({ length: sequences }, () => 2 * random.uniform() - 1) };
}
