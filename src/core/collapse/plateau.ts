import { RollingMedian } from '../series/rollingMedian.ts';

const window = 100;
/** Equal values in a row that are no coincidence. */
const fewestEqual = 10;
/** Clipping scales to max_grad_norm up to rounding: 1, 0.9999, 0.99998. */
const tolerance = 1e-3;

/**
 * Finds a gradient norm that was logged after clipping: during a surge it is max_grad_norm step after step, never more. The level
 * must be the highest of the recent values, or coarse rounding would look the same.
 */
export class Plateau {
  private readonly recent = new RollingMedian(window);
  private row = 0;
  private first = 0;
  private level = Number.NaN;
  private lowerBefore = false;

  /** The value that the norm is stuck at. */
  get value(): number {
    return this.level;
  }

  /** How many values in a row it has been stuck; 0 while that could be a coincidence. */
  get duration(): number {
    return this.row >= fewestEqual ? this.row : 0;
  }

  get active(): boolean {
    return this.duration > 0;
  }

  /** Step at which the present row of equal values began. */
  get startedAt(): number {
    return this.first;
  }

  /** Whether most values were lower before: then the plateau hides a surge; otherwise it is how this run always looks. */
  get rose(): boolean {
    return this.active && this.lowerBefore;
  }

  add(step: number, value: number): void {
    const highest = value > 0 && !(value < this.recent.max * (1 - tolerance));
    if (highest && Math.abs(value - this.level) <= tolerance * this.level) this.row += 1;
    else {
      this.row = highest ? 1 : 0;
      this.first = step;
      this.level = value;
      this.lowerBefore = this.recent.size >= 2 * fewestEqual && this.recent.quantile(0.7) < value * (1 - tolerance);
    }
    this.recent.push(value);
  }

  /** Ends the present row. */
  calm(): void {
    this.row = 0;
    this.level = Number.NaN;
  }
}
