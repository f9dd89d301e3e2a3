import { RollingMean } from '../series/rollingMean.ts';

/** Values that are looked at, and the share of them that must have faded. */
const window = 10;
const leastShare = 0.5;
/** A norm below this share of its usual has faded. */
const fadedShare = 1 / 30;
/** Where more of the earlier values than this were exactly 0, a 0 says nothing. */
const mostZeros = 0.1;

/** Whether little is left of the gradient: what a surge leaves behind that has destroyed the policy, as where all its answers are worthless. */
export class Fading {
  private readonly faded = new RollingMean(window);
  private readonly recentZeros = new RollingMean(window);
  private zeros = 0;
  private count = 0;

  get active(): boolean {
    return this.faded.size === window && this.faded.mean >= leastShare;
  }

  /** @param usual what the norm usually is, not counting zeros; NaN before that is known */
  add(value: number, usual: number): void {
    const isZero = value === 0;
    this.count += 1;
    if (isZero) this.zeros += 1;
    const earlier = this.zeros - (this.recentZeros.size === 0 ? 0 : this.recentZeros.mean * this.recentZeros.size);
    const isFaded = isZero ? Number.isFinite(usual) && earlier < mostZeros * this.count : value < fadedShare * usual;
    this.faded.push(isFaded ? 1 : 0);
    this.recentZeros.push(isZero ? 1 : 0);
  }

  clear(): void {
    this.faded.clear();
  }
}
