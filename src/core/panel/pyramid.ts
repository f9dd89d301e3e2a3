import { GrowingArray } from './growingArray.ts';

/** Values in a block of the lowest level. */
export const blockSize = 16;

/** Whole blocks of a level: of the finite values the lowest, the highest and the sum. A block of one level is two of the level below, or `blockSize` values. */
export class Level {
  readonly #low = GrowingArray.floats();
  readonly #high = GrowingArray.floats();
  readonly #sum = GrowingArray.floats();
  low: Float64Array = this.#low.values;
  high: Float64Array = this.#high.values;
  sum: Float64Array = this.#sum.values;

  get length(): number {
    return this.sum.length;
  }

  /** Makes room for new blocks, or forgets those from `length` on. */
  resize(length: number): void {
    for (const array of [this.#low, this.#high, this.#sum]) array.truncate(length);
    this.low = this.#low.extend(length);
    this.high = this.#high.extend(length);
    this.sum = this.#sum.extend(length);
  }
}

/** Lowest and highest finite value and their sum of any stretch of values, in time that grows with the logarithm of its length. */
export class Pyramid {
  readonly #levels: Level[] = [];
  #values: Float64Array = new Float64Array(0);

  /** From the finest to the coarsest. */
  get levels(): readonly Level[] {
    return this.#levels;
  }

  /** Takes in the values that are new; the old ones are as they were. */
  extend(values: Float64Array): void {
    this.#values = values;
    let blocks = Math.floor(values.length / blockSize);
    for (let depth = 0; blocks > 0; depth++, blocks >>= 1) {
      const level = (this.#levels[depth] ??= new Level());
      const start = level.length;
      if (start === blocks) continue;
      level.resize(blocks);
      const below = this.#levels[depth - 1];
      if (below === undefined) summarize(values, level, start);
      else join(below, level, start);
    }
  }

  /** Forgets the values from `length` on. */
  truncate(length: number): void {
    this.#values = this.#values.subarray(0, length);
    let blocks = Math.floor(length / blockSize);
    for (const level of this.#levels) {
      if (blocks < level.length) level.resize(blocks);
      blocks >>= 1;
    }
  }

  /** Lowest and highest of the finite values from `start` to `end` (exclusive); of none, Infinity and −Infinity. */
  extremes(start: number, end: number): { readonly low: number; readonly high: number } {
    let low = Infinity;
    let high = -Infinity;
    this.#visit(start, end, (lows, highs, _sums, from, to) => {
      for (let entry = from; entry < to; entry++) {
        const [least, most] = [lows[entry] as number, highs[entry] as number];
        if (least < low && least > -Infinity) low = least;
        if (most > high && most < Infinity) high = most;
      }
    });
    return { low, high };
  }

  /**
   * How many finite values from `start` to `end` (exclusive) lie below `low` or above `high`; `most`, if there are more. Looks only where
   * there are any, so that it takes as long as they are many, not as the values are.
   */
  countOutside(start: number, end: number, low: number, high: number, most: number): number {
    let count = 0;
    const look = (depth: number, from: number, to: number): void => {
      for (let entry = from; entry < to && count < most; entry++) {
        const level = this.#levels[depth];
        if (level === undefined) {
          const value = this.#values[entry] as number;
          if ((value < low || value > high) && Math.abs(value) < Infinity) count++;
        } else if ((level.low[entry] as number) < low || (level.high[entry] as number) > high) {
          if (depth === 0) look(-1, entry * blockSize, (entry + 1) * blockSize);
          else look(depth - 1, 2 * entry, 2 * entry + 2);
        }
      }
    };
    this.#visit(start, end, (_lows, _highs, _sums, from, to, depth) => look(depth, from, to));
    return count;
  }

  /** Sum of the finite values from `start` to `end` (exclusive). */
  sum(start: number, end: number): number {
    let sum = 0;
    this.#visit(start, end, (_lows, _highs, sums, from, to) => {
      for (let entry = from; entry < to; entry++) if (Number.isFinite(sums[entry])) sum += sums[entry] as number;
    });
    return sum;
  }

  /** The fewest blocks that make up the values from `start` to `end`, with the values at the edges that no block covers, at depth −1. */
  #visit(
    start: number,
    end: number,
    visit: (lows: Float64Array, highs: Float64Array, sums: Float64Array, from: number, to: number, depth: number) => void,
  ): void {
    const values = this.#values;
    let from = Math.ceil(start / blockSize);
    let to = Math.floor(end / blockSize);
    if (from >= to) {
      visit(values, values, values, start, end, -1);
      return;
    }
    visit(values, values, values, start, from * blockSize, -1);
    visit(values, values, values, to * blockSize, end, -1);
    for (const [depth, { low, high, sum }] of this.#levels.entries()) {
      if (from % 2 === 1) {
        visit(low, high, sum, from, from + 1, depth);
        from++;
      }
      if (to % 2 === 1 && from < to) {
        to--;
        visit(low, high, sum, to, to + 1, depth);
      }
      if (from >= to) return;
      from /= 2;
      to /= 2;
    }
  }
}

/** Blocks of the lowest level, from block `start` on. */
function summarize(values: Float64Array, level: Level, start: number): void {
  for (let block = start; block < level.length; block++) {
    let low = Infinity;
    let high = -Infinity;
    let sum = 0;
    for (let index = block * blockSize; index < (block + 1) * blockSize; index++) {
      const value = values[index] as number;
      if (!Number.isFinite(value)) continue;
      if (value < low) low = value;
      if (value > high) high = value;
      sum += value;
    }
    level.low[block] = low;
    level.high[block] = high;
    level.sum[block] = sum;
  }
}

/** Blocks of a level from pairs of the level below. */
function join(below: Level, level: Level, start: number): void {
  for (let block = start; block < level.length; block++) {
    const left = 2 * block;
    const right = left + 1;
    level.low[block] = Math.min(below.low[left] as number, below.low[right] as number);
    level.high[block] = Math.max(below.high[left] as number, below.high[right] as number);
    level.sum[block] = (below.sum[left] as number) + (below.sum[right] as number);
  }
}
