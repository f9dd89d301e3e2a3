/**
 * Room for the labels of the vertical axes of some charts, the same for all, so that their plot areas are aligned. It grows and never
 * shrinks: the frame does not twitch while a run goes on.
 */
export class AxisRoom {
  readonly #charts = new Set<() => void>();
  #width = 0;

  /** The room in CSS pixels, at least `needed`, in steps of 8. When it grows, all the charts are told. */
  take(needed: number): number {
    const width = Math.ceil(needed / 8) * 8;
    if (width > this.#width) {
      this.#width = width;
      for (const tell of this.#charts) tell();
    }
    return this.#width;
  }

  join(whenGrown: () => void): void {
    this.#charts.add(whenGrown);
  }

  leave(whenGrown: () => void): void {
    this.#charts.delete(whenGrown);
  }
}
