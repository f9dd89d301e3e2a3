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

  /** Everything in it, without a copy; the next change makes it stale. */
  get values(): A {
    this.#view ??= this.#memory.subarray(0, this.#length) as A;
    return this.#view;
  }

  push(value: number): void {
    this.#reserve(this.#length + 1);
    this.#memory[this.#length++] = value;
    this.#view = null;
  }

  append(values: ArrayLike<number>): void {
    this.#reserve(this.#length + values.length);
    this.#memory.set(values, this.#length);
    this.#length += values.length;
    this.#view = null;
  }

  /** Makes it longer, with `value` in what is new. */
  pad(length: number, value: number): void {
    if (length <= this.#length) return;
    this.#reserve(length);
    this.#memory.fill(value, this.#length, length);
    this.#length = length;
    this.#view = null;
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
