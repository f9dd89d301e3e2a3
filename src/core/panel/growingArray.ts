type Numbers = Float64Array<ArrayBuffer> | Uint32Array<ArrayBuffer>;

/** A typed array that grows at its end; doubles its memory when it is full. */
export class GrowingArray<A extends Numbers> {
  readonly #allocate: (length: number) => A;
  #memory: A;
  #length = 0;
  #view: A | null = null;

  private constructor(allocate: (length: number) => A) {
    this.#allocate = allocate;
    this.#memory = allocate(64);
  }

  static floats(): GrowingArray<Float64Array<ArrayBuffer>> {
    return new GrowingArray((length) => new Float64Array(length));
  }

  static indices(): GrowingArray<Uint32Array<ArrayBuffer>> {
    return new GrowingArray((length) => new Uint32Array(length));
  }

  get length(): number {
    return this.#length;
  }

  /** Everything in it, without a copy; valid until the next change. */
  get values(): A {
    this.#view ??= this.#memory.subarray(0, this.#length) as A;
    return this.#view;
  }

  /** Makes room for more values without setting them, for loops that fill it themselves. Returns everything, as `values` does. */
  extend(length: number): A {
    this.#reserve(length);
    this.#length = length;
    this.#view = null;
    return this.values;
  }

  append(values: ArrayLike<number>): void {
    const start = this.#length;
    this.extend(start + values.length).set(values, start);
  }

  /** Makes it longer, with `value` in what is new. */
  pad(length: number, value: number): void {
    const start = this.#length;
    if (length > start) this.extend(length).fill(value, start);
  }

  truncate(length: number): void {
    if (length >= this.#length) return;
    this.#length = length;
    this.#view = null;
  }

  #reserve(length: number): void {
    if (length <= this.#memory.length) return;
    const memory = this.#allocate(Math.max(length, this.#memory.length * 2));
    memory.set(this.#memory.subarray(0, this.#length));
    this.#memory = memory;
  }
}
