import type { Rollout } from '../engine.ts';
import type { TokenDistribution } from './distribution.ts';

/** A rollout under construction, in ordinary memory. */
export class Batch implements Rollout {
  readonly lengths: Int32Array;
  readonly promptLengths: Int32Array;
  readonly tokens: Int32Array;
  readonly isAction: Uint8Array;
  readonly logProbs: Float32Array;
  readonly sumPiSquared: Float32Array;
  readonly entropies: Float32Array;
  readonly rewards: Float32Array;
  readonly truncated: Uint8Array;
  readonly turns: Int32Array;

  constructor(
    readonly sequences: number,
    readonly maxTokens: number,
    readonly vocabulary: number,
  ) {
    const n = sequences * maxTokens;
    this.lengths = new Int32Array(sequences);
    this.promptLengths = new Int32Array(sequences);
    this.tokens = new Int32Array(n);
    this.isAction = new Uint8Array(n);
    this.logProbs = new Float32Array(n);
    this.sumPiSquared = new Float32Array(n);
    this.entropies = new Float32Array(n);
    this.rewards = new Float32Array(sequences);
    this.truncated = new Uint8Array(sequences);
    this.turns = new Int32Array(sequences);
  }

  /** Starts a sequence with its prompt. */
  begin(sequence: number, prompt: readonly number[]): void {
    this.promptLengths[sequence] = prompt.length;
    for (const token of prompt) this.append(sequence, token, false);
  }

  append(sequence: number, token: number, isAction: boolean): void {
    const length = this.lengths[sequence]!;
    if (length >= this.maxTokens) throw new Error(`A sequence does not fit: the engine holds ${this.maxTokens} tokens.`);
    const at = sequence * this.maxTokens + length;
    this.tokens[at] = token;
    if (isAction) this.isAction[at - 1] = 1;
    this.lengths[sequence] = length + 1;
  }

  /** Notes what the policy, at `position`, thought of the token that came next. */
  describe(sequence: number, position: number, distribution: TokenDistribution): void {
    const at = sequence * this.maxTokens + position;
    this.logProbs[at] = distribution.logProb(this.tokens[at + 1]!);
    this.sumPiSquared[at] = distribution.sumPiSquared();
    this.entropies[at] = distribution.entropy();
  }
}
