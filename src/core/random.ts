/**
 * Seeded random numbers: xoshiro128** (Blackman and Vigna, 2018) on 32-bit words, seeded by splitmix32. The same key gives the
 * same stream on every machine; two different keys give unrelated streams, so that a stream can be named instead of stored.
 */
export class Random {
  private a: number;
  private b: number;
  private c: number;
  private d: number;

  /** `key`: any integers, e.g. seed, purpose, step and index. */
  constructor(...key: readonly number[]) {
    let state = 0x9e3779b9;
    const mix = (): number => {
      state = (state + 0x9e3779b9) | 0;
      let z = state ^ (state >>> 16);
      z = Math.imul(z, 0x21f0aaad);
      z ^= z >>> 15;
      z = Math.imul(z, 0x735a2d97);
      return z ^ (z >>> 15);
    };
    for (const part of key) {
      state = mix() ^ (part | 0);
      state = mix() ^ Math.floor(part / 0x100000000);
    }
    this.a = mix();
    this.b = mix();
    this.c = mix();
    this.d = mix() | 1;
  }

  /** A 32-bit integer, 0 ≤ x < 2³². */
  uint32(): number {
    const t = Math.imul(this.b, 5);
    const result = Math.imul((t << 7) | (t >>> 25), 9);
    const shifted = this.b << 9;
    this.c ^= this.a;
    this.d ^= this.b;
    this.b ^= this.c;
    this.a ^= this.d;
    this.c ^= shifted;
    this.d = (this.d << 11) | (this.d >>> 21);
    return result >>> 0;
  }

  /** Uniform on [0, 1), 53 bits. */
  uniform(): number {
    return ((this.uint32() >>> 5) * 67108864 + (this.uint32() >>> 6)) / 9007199254740992;
  }

  /** Uniform on 0 … n − 1. */
  integer(n: number): number {
    return Math.floor(this.uniform() * n);
  }

  /** True with the given probability. */
  chance(probability: number): boolean {
    return this.uniform() < probability;
  }
}
