import type { Engine } from '../src/trainer/engines/engine.ts';

/** The gradient of the last backward pass, all tensors in the engine's order. */
export function flatGradient(engine: Engine): Float32Array {
  const tensors = [...engine.readGradient().values()];
  const flat = new Float32Array(tensors.reduce((sum, { values }) => sum + values.length, 0));
  let at = 0;
  for (const { values } of tensors) {
    flat.set(values, at);
    at += values.length;
  }
  return flat;
}

/** Sums of gradients, apart for two halves of the prompts. */
export class GradientSums {
  private readonly halves: [Float64Array | undefined, Float64Array | undefined] = [undefined, undefined];
  private readonly counts: [number, number] = [0, 0];
  private squares = 0;

  add(half: number, gradient: Float32Array): void {
    const sum = (this.halves[half] ??= new Float64Array(gradient.length));
    for (let i = 0; i < gradient.length; i++) {
      sum[i]! += gradient[i]!;
      this.squares += gradient[i]! * gradient[i]!;
    }
    this.counts[half]!++;
  }

  get count(): number {
    return this.counts[0] + this.counts[1];
  }

  /** ⟨E a, E b⟩ from independent halves. */
  cross(other: GradientSums): number {
    return (this.meanDot(0, other, 1) + this.meanDot(1, other, 0)) / 2;
  }

  private meanDot(half: 0 | 1, other: GradientSums, otherHalf: 0 | 1): number {
    const [a, b] = [this.halves[half], other.halves[otherHalf]];
    if (!a || !b) throw new Error('The gradient variance needs at least two prompts.');
    let dot = 0;
    for (let i = 0; i < a.length; i++) dot += a[i]! * b[i]!;
    return dot / (this.counts[half] * other.counts[otherHalf]);
  }

  /** Unbiased trace of the covariance. */
  variance(): number {
    const n = this.count;
    const [a, b] = [this.halves[0]!, this.halves[1]!];
    let squaredMean = 0;
    for (let i = 0; i < a.length; i++) squaredMean += ((a[i]! + b[i]!) / n) ** 2;
    return ((this.squares / n - squaredMean) * n) / (n - 1);
  }
}
