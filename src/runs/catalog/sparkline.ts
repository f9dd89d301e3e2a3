/** Most stretches that a sparkline is made of. */
const stretches = 24;

/** The highest values of a run's stretches. All stretches are equally long, and twice as long when there would be too many. */
export class Sparkline {
  /** Steps in a stretch, a power of two. */
  private stretch = 1;
  /** By number of the stretch; undefined: no value there. */
  private highest: (number | undefined)[] = [];

  /** Takes in a value, in any order. */
  add(step: number, value: number): void {
    if (Number.isNaN(value) || step < 0) return;
    while (Math.floor(step / this.stretch) >= stretches) this.widen();
    const index = Math.floor(step / this.stretch);
    this.highest[index] = Math.max(this.highest[index] ?? value, value);
  }

  /** Forgets every stretch that holds a step after this one. */
  rewind(step: number): void {
    this.highest.length = Math.min(this.highest.length, Math.floor((step + 1) / this.stretch));
  }

  /** Oldest first. */
  get values(): readonly number[] {
    return this.highest.filter((value) => value !== undefined);
  }

  private widen(): void {
    const wider: (number | undefined)[] = [];
    this.highest.forEach((value, index) => {
      const half = index >> 1;
      if (value !== undefined) wider[half] = Math.max(wider[half] ?? value, value);
    });
    this.stretch *= 2;
    this.highest = wider;
  }
}
