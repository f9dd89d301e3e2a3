import { GrowingArray } from './growingArray.ts';

/** Entries of a level that make one of the next. */
const fan = 8;

/** Whole blocks of `fan` entries of the level below: index of the lowest and of the highest value, and the sum. */
interface Level {
  readonly low: GrowingArray<Uint32Array<ArrayBuffer>>;
  readonly high: GrowingArray<Uint32Array<ArrayBuffer>>;
  readonly sum: GrowingArray<Float64Array<ArrayBuffer>>;
}

/** Lowest and highest value and sum of any stretch of values, in time that grows with the logarithm of its length. */
export class Pyramid {
  readonly #levels: Level[] = [];
  #values: Float64Array = new Float64Array(0);
  /** Answers of `scan`: indices of the lowest and highest value, and the sum of the stretch. */
  low = 0;
  high = 0;
  sum = 0;

  /** Takes in the values that are new; the old ones are as they were. */
  extend(values: Float64Array): void {
    this.#values = values;
    let below: Level | null = null;
    for (let depth = 0; ; depth++) {
      const blocks = Math.floor((below === null ? values.length : below.sum.length) / fan);
      if (blocks === 0) return;
      const level = (this.#levels[depth] ??= { low: GrowingArray.indices(), high: GrowingArray.indices(), sum: GrowingArray.floats() });
      for (let block = level.sum.length; block < blocks; block++) {
        this.#begin();
        for (let entry = block * fan; entry < (block + 1) * fan; entry++) this.#take(below, entry);
        level.low.push(this.low);
        level.high.push(this.high);
        level.sum.push(this.sum);
      }
      below = level;
    }
  }

  /** Forgets the values from `length` on. */
  truncate(length: number): void {
    this.#values = this.#values.subarray(0, length);
    let blocks = length;
    for (const level of this.#levels) {
      blocks = Math.floor(blocks / fan);
      for (const array of [level.low, level.high, level.sum]) array.truncate(blocks);
    }
  }

  /** Looks at the values from `start` to `end` (exclusive, at least one); the answers are in `low`, `high` and `sum`. */
  scan(start: number, end: number): void {
    this.#begin();
    let level: Level | null = null;
    for (let depth = 0; start < end; depth++) {
      const first = Math.ceil(start / fan);
      const last = Math.floor(end / fan);
      if (first >= last) {
        for (; start < end; start++) this.#take(level, start);
        return;
      }
      for (; start < first * fan; start++) this.#take(level, start);
      for (let entry = last * fan; entry < end; entry++) this.#take(level, entry);
      level = this.#levels[depth] ?? null;
      start = first;
      end = last;
    }
  }

  #begin(): void {
    this.low = -1;
    this.high = -1;
    this.sum = 0;
  }

  /** Adds an entry of a level, or a value, to the answers. */
  #take(level: Level | null, entry: number): void {
    const low = level === null ? entry : (level.low.values[entry] as number);
    const high = level === null ? entry : (level.high.values[entry] as number);
    const values = this.#values;
    if (this.low < 0 || (values[low] as number) < (values[this.low] as number)) this.low = low;
    if (this.high < 0 || (values[high] as number) > (values[this.high] as number)) this.high = high;
    this.sum += level === null ? (values[entry] as number) : (level.sum.values[entry] as number);
  }
}
