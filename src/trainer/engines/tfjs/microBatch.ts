import type { TokenBatch } from '../engine.ts';

/** Sequences that are run at once, cut behind the last weighted position and padded to one length. */
export interface MicroBatch {
  /** [rows] numbers of the sequences. */
  readonly sequences: readonly number[];
  readonly length: number;
  /** [rows × length] */
  readonly tokens: Int32Array;
  /** [rows × length] the token after each position. */
  readonly targets: Int32Array;
  /** [rows × length] 0 in the padding and where the next token is no action. */
  readonly weights: Float32Array;
}

/**
 * Splits a batch into parts of neighbours in length, longest first, so that padding stays small. `rowsOf`: most sequences of a
 * given length in one part. `weights`: [sequences × maxTokens]; sequences without a weight are left out.
 */
export function splitBatch(batch: TokenBatch, weights: ArrayLike<number>, rowsOf: (length: number) => number): MicroBatch[] {
  const weightAt = (sequence: number, position: number): number => {
    const at = sequence * batch.maxTokens + position;
    return batch.isAction[at] === 1 ? weights[at]! : 0;
  };
  const lengths = Array.from(batch.lengths, (sequenceLength, sequence) => {
    let length = sequenceLength - 1;
    while (length > 0 && weightAt(sequence, length - 1) === 0) length--;
    return length;
  });
  const order = [...lengths.keys()].filter((sequence) => lengths[sequence]! > 0).sort((a, b) => lengths[b]! - lengths[a]! || a - b);

  const parts: MicroBatch[] = [];
  for (let first = 0; first < order.length;) {
    const length = lengths[order[first]!]!;
    const sequences = order.slice(first, first + rowsOf(length));
    first += sequences.length;
    const n = sequences.length * length;
    const part = { sequences, length, tokens: new Int32Array(n), targets: new Int32Array(n), weights: new Float32Array(n) };
    sequences.forEach((sequence, row) => {
      for (let position = 0; position < lengths[sequence]!; position++) {
        const from = sequence * batch.maxTokens + position;
        const to = row * length + position;
        part.tokens[to] = batch.tokens[from]!;
        part.targets[to] = batch.tokens[from + 1]!;
        part.weights[to] = weightAt(sequence, position);
      }
    });
    parts.push(part);
  }
  return parts;
}
