// Flat vectors of parameters and gradients; n is a multiple of 16.
import { load4 } from './vector';

/** out[n] += x[n] */
export function addVector(out: usize, x: usize, n: i32): void {
  for (let i: usize = 0, bytes = <usize>n << 2; i < bytes; i += 16) v128.store(out + i, f32x4.add(load4(out + i), load4(x + i)));
}

/** Σ x², summed in float64. */
export function sumOfSquares(x: usize, n: i32): f64 {
  let even = f64x2.splat(0), odd = f64x2.splat(0);
  for (let i: usize = 0, bytes = <usize>n << 2; i < bytes; i += 16) {
    const low = f64x2.promote_low_f32x4(v128.load64_zero(x + i)), high = f64x2.promote_low_f32x4(v128.load64_zero(x + i, 8));
    even = f64x2.add(even, f64x2.mul(low, low));
    odd = f64x2.add(odd, f64x2.mul(high, high));
  }
  const sum = f64x2.add(even, odd);
  return f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1);
}

/**
 * Adam (Kingma and Ba, 2015): `rate` is the learning rate over 1 − β₁ᵗ, `correction` is 1 / (1 − β₂ᵗ). The gradient is
 * multiplied by `scale` first.
 */
export function adam(parameters: usize, gradient: usize, m: usize, v: usize, n: i32, scale: f32, rate: f32, correction: f32, beta1: f32, beta2: f32, epsilon: f32): void {
  const s = f32x4.splat(scale), b1 = f32x4.splat(beta1), c1 = f32x4.splat(1 - beta1), b2 = f32x4.splat(beta2), c2 = f32x4.splat(1 - beta2);
  const r = f32x4.splat(rate), c = f32x4.splat(correction), e = f32x4.splat(epsilon);
  for (let i: usize = 0, bytes = <usize>n << 2; i < bytes; i += 16) {
    const g = f32x4.mul(load4(gradient + i), s);
    const first = f32x4.add(f32x4.mul(b1, load4(m + i)), f32x4.mul(c1, g));
    const second = f32x4.add(f32x4.mul(b2, load4(v + i)), f32x4.mul(c2, f32x4.mul(g, g)));
    v128.store(m + i, first);
    v128.store(v + i, second);
    const step = f32x4.div(f32x4.mul(r, first), f32x4.add(f32x4.sqrt(f32x4.mul(second, c)), e));
    v128.store(parameters + i, f32x4.sub(load4(parameters + i), step));
  }
}
