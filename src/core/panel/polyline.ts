/** Points of a line in the space of its axes, in the order of drawing. A point whose y is NaN is a break. Its memory is used again. */
export class Polyline {
  #x = new Float64Array(256);
  #y = new Float64Array(256);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** Longer than `length`. */
  get x(): Float64Array {
    return this.#x;
  }

  /** Longer than `length`. */
  get y(): Float64Array {
    return this.#y;
  }

  clear(): void {
    this.#length = 0;
  }

  add(x: number, y: number): void {
    if (this.#length === this.#x.length) this.#grow();
    this.#x[this.#length] = x;
    this.#y[this.#length++] = y;
  }

  break(): void {
    this.add(Number.NaN, Number.NaN);
  }

  #grow(): void {
    const [x, y] = [this.#x, this.#y];
    this.#x = new Float64Array(2 * x.length);
    this.#y = new Float64Array(2 * y.length);
    this.#x.set(x);
    this.#y.set(y);
  }
}
