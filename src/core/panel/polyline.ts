import { GrowingArray } from './growingArray.ts';

/** Points of a line in the space of its axes, in the order of drawing. A point whose y is NaN is a break. */
export class Polyline {
  readonly #x = GrowingArray.floats();
  readonly #y = GrowingArray.floats();

  get length(): number {
    return this.#x.length;
  }

  get x(): Float64Array {
    return this.#x.values;
  }

  get y(): Float64Array {
    return this.#y.values;
  }

  clear(): void {
    this.#x.truncate(0);
    this.#y.truncate(0);
  }

  add(x: number, y: number): void {
    this.#x.push(x);
    this.#y.push(y);
  }

  break(): void {
    this.add(Number.NaN, Number.NaN);
  }
}
