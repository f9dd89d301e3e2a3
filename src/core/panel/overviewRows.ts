/**
 * Rows of a long run whose lines look like those of all its rows, spikes included: of each of so many equal parts the first row and, of
 * each column, that of its lowest and of its highest value; and the last row of all. They are chosen bit by bit, so that whoever wants
 * them can do something else in between.
 */
export class OverviewRows {
  readonly #columns: readonly Float64Array[];
  readonly #length: number;
  readonly #parts: number;
  readonly #chosen: Uint32Array;
  #part = 0;
  #count = 0;

  /** `columns`: [length] each; NaN: nothing was logged there. */
  constructor(columns: readonly Float64Array[], length: number, parts: number) {
    this.#columns = columns;
    this.#length = length;
    this.#parts = Math.min(parts, length);
    this.#chosen = new Uint32Array(this.#parts * (1 + 2 * columns.length) + 1);
  }

  /** Those chosen so far, ascending. */
  get rows(): Uint32Array {
    return this.#chosen.subarray(0, this.#count);
  }

  /** Looks at that many further rows, or a few more; returns whether any are left. */
  advance(rows: number): boolean {
    const end = this.#startOf(this.#part) + rows;
    while (this.#part < this.#parts && this.#startOf(this.#part) < end) this.#choose(this.#part++);
    if (this.#part < this.#parts) return true;
    const last = this.#length - 1;
    if (last >= 0 && this.rows.at(-1) !== last) this.#chosen[this.#count++] = last;
    return false;
  }

  #startOf(part: number): number {
    return Math.floor((this.#length * part) / this.#parts);
  }

  #choose(part: number): void {
    const start = this.#startOf(part);
    const end = this.#startOf(part + 1);
    const chosen = new Set([start]);
    for (const column of this.#columns) {
      let lowest = start;
      let highest = start;
      let low = Infinity;
      let high = -Infinity;
      for (let row = start; row < end; row++) {
        const value = column[row] as number;
        if (value < low) {
          low = value;
          lowest = row;
        }
        if (value > high) {
          high = value;
          highest = row;
        }
      }
      chosen.add(lowest).add(highest);
    }
    for (const row of [...chosen].sort((a, b) => a - b)) this.#chosen[this.#count++] = row;
  }
}
