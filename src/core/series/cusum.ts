/**
 * One-sided cumulative sum (Page, 1954): rises while its terms are above 0 on average, is held at 0 otherwise. The step at which it
 * last left 0 is the usual estimate of when the change began.
 */
export class Cusum {
  private total = 0;
  private start: number | null = null;

  /** The evidence so far, in the units of the terms. */
  get sum(): number {
    return this.total;
  }

  /** The step at which the sum left 0; null while it is 0. */
  get startedAt(): number | null {
    return this.start;
  }

  add(step: number, term: number): void {
    this.total = Math.max(0, this.total + term);
    if (this.total === 0) this.start = null;
    else this.start ??= step;
  }

  /** Keeps the evidence within `limit`, so that an end of the change is seen within a bounded number of steps. */
  limit(limit: number): void {
    this.total = Math.min(this.total, limit);
  }

  clear(): void {
    this.total = 0;
    this.start = null;
  }
}
