/**
 * One-sided cumulative sum (E. S. Page, Continuous inspection schemes, 1954): rises while its terms are positive on average and is
 * held at 0 otherwise. The step at which it last left 0 estimates when the change began.
 */
export class Cusum {
  private total = 0;
  private start: number | null = null;

  /** The evidence so far, in the unit of the terms. */
  get sum(): number {
    return this.total;
  }

  /** The step at which the sum left 0; null while it is 0. */
  get startedAt(): number | null {
    return this.start;
  }

  /** `limit`: the sum goes no higher, so that the end of a long change is noticed as soon as that of a short one. */
  add(step: number, term: number, limit = Number.POSITIVE_INFINITY): void {
    this.total = Math.min(limit, Math.max(0, this.total + term));
    if (this.total === 0) this.start = null;
    else this.start ??= step;
  }

  clear(): void {
    this.total = 0;
    this.start = null;
  }
}
