/** Values in a row that must be exactly 0 at least. */
const fewest = 20;
/** How many times as long as any such row before. */
const times = 3;

/**
 * Whether a gradient norm has become exactly 0 for good. A step at which all responses to each prompt get the same reward has no gradient,
 * and in some healthy runs most steps are such; so a row of zeros counts when it is much longer than any before.
 */
export class Silence {
  private row = 0;
  private longest = 0;
  private first = Number.NaN;
  private hadGradient = false;

  /** For how many values in a row the norm has been 0. */
  get duration(): number {
    return this.row;
  }

  /** Step of the first of them. */
  get startedAt(): number {
    return this.first;
  }

  /** Whether there has never been another value. */
  get isFromTheFirst(): boolean {
    return !this.hadGradient;
  }

  get active(): boolean {
    return this.row >= Math.max(fewest, times * this.longest + 1);
  }

  add(step: number, value: number): void {
    if (value === 0) {
      if (this.row === 0) this.first = step;
      this.row += 1;
      return;
    }
    // What was silence is no measure of how long rows of zeros usually are, nor is what came before the first gradient.
    if (!this.active && this.hadGradient) this.longest = Math.max(this.longest, this.row);
    this.hadGradient = true;
    this.row = 0;
  }

  /** Ends the present row. */
  calm(): void {
    this.row = 0;
  }
}
