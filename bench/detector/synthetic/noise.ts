import { Random } from '../../../src/core/random.ts';

/** Random numbers as measurements have them. The same key gives the same stream. */
export class Noise {
  private readonly random: Random;
  private spare = Number.NaN;

  constructor(...key: readonly number[]) {
    this.random = new Random(...key);
  }

  chance(probability: number): boolean {
    return this.random.chance(probability);
  }

  /** Standard normal: the polar method of Marsaglia and Bray (1964), which gives two at a time. */
  normal(): number {
    if (!Number.isNaN(this.spare)) {
      const value = this.spare;
      this.spare = Number.NaN;
      return value;
    }
    for (;;) {
      const x = 2 * this.random.uniform() - 1;
      const y = 2 * this.random.uniform() - 1;
      const square = x * x + y * y;
      if (square >= 1 || square === 0) continue;
      const factor = Math.sqrt((-2 * Math.log(square)) / square);
      this.spare = y * factor;
      return x * factor;
    }
  }

  /** Share of `samples` draws that succeed, each with this probability. */
  shareOfSuccesses(probability: number, samples: number): number {
    let successes = 0;
    for (let i = 0; i < samples; i++) if (this.random.chance(probability)) successes += 1;
    return successes / samples;
  }
}

/** Normal numbers of variance 1 each of which goes on from the one before: z′ = φ z + √(1 − φ²) ε. Stationary from the first on. */
export class Autocorrelated {
  private value: number;

  constructor(
    private readonly noise: Noise,
    private readonly phi: number,
  ) {
    this.value = noise.normal();
  }

  next(): number {
    const { value, phi } = this;
    this.value = phi * value + Math.sqrt(1 - phi * phi) * this.noise.normal();
    return value;
  }
}
