// GELU in its tanh form (Hendrycks and Gimpel, 2016): gelu(u) = u · s with s = σ(z), z = 2·√(2/π) · (u + 0.044715 u³). Widths are
// multiples of 8: two vectors at a time keep the processor busy while it waits for a chain of multiplications.
import { load4, multiplyAdd } from './vector';

const slope: f32 = 1.5957691216057308; // 2·√(2/π)
const cubic: f32 = 0.044715;
const log2e: f32 = 1.4426950408889634;

/** s = σ(z) = 1 / (1 + 2ᵗ) with t = −z · log₂e; u2 = u². */
// @ts-ignore: decorator
@inline function gate4(u: v128, u2: v128): v128 {
  const one = f32x4.splat(1);
  const t = f32x4.mul(u, multiplyAdd(f32x4.splat(-slope * log2e * cubic), u2, f32x4.splat(-slope * log2e)));
  return f32x4.div(one, f32x4.add(one, powerOfTwo4(t)));
}

/** 2ᵗ (Cephes exp2f), relative error about 1e-7; t is clamped to ± 120. */
// @ts-ignore: decorator
@inline function powerOfTwo4(t: v128): v128 {
  const x = f32x4.pmax(f32x4.pmin(t, f32x4.splat(120)), f32x4.splat(-120));
  // Adding 1.5 × 2²³ rounds to an integer, which then stands in the low bits, ready to be added to the exponent.
  const shifted = f32x4.add(x, f32x4.splat(12582912));
  const f = f32x4.sub(x, f32x4.sub(shifted, f32x4.splat(12582912)));
  let y = f32x4.splat(1.5353362e-4);
  y = multiplyAdd(y, f, f32x4.splat(1.3398874e-3));
  y = multiplyAdd(y, f, f32x4.splat(9.6184374e-3));
  y = multiplyAdd(y, f, f32x4.splat(5.5503325e-2));
  y = multiplyAdd(y, f, f32x4.splat(2.4022648e-1));
  y = multiplyAdd(y, f, f32x4.splat(6.9314720e-1));
  y = multiplyAdd(y, f, f32x4.splat(1));
  return i32x4.add(y, i32x4.shl(shifted, 23));
}

/**
 * u[count × width] becomes gelu(u) in place. Row i belongs to position positions[i] of the slot at slots[i]; u itself is kept in the
 * slot's array [tokens × width] at byte offset `kept`.
 */
export function geluRows(u: usize, slots: usize, positions: usize, kept: i32, count: i32, width: i32): void {
  const bytes = <usize>width << 2;
  for (let i: usize = 0; i < <usize>count; i++) {
    const row = <usize>load<u32>(slots + (i << 2)) + kept + <usize>load<u32>(positions + (i << 2)) * bytes;
    for (let j: usize = 0; j < bytes; j += 32) {
      const x = load4(u + j), y = v128.load(u + j, 16);
      v128.store(row + j, x);
      v128.store(row + j, y, 16);
      v128.store(u + j, f32x4.mul(x, gate4(x, f32x4.mul(x, x))));
      v128.store(u + j, f32x4.mul(y, gate4(y, f32x4.mul(y, y))), 16);
    }
    u += bytes;
  }
}

/** h = gelu(u) again and d becomes d ∘ gelu′(u), for the given positions of a kept u [tokens × width]; h, d: [count × width]. */
export function geluBackward(h: usize, d: usize, u: usize, positions: usize, count: i32, width: i32): void {
  const bytes = <usize>width << 2;
  for (let i: usize = 0; i < <usize>count; i++) {
    const row = u + <usize>load<u32>(positions + (i << 2)) * bytes;
    for (let j: usize = 0; j < bytes; j += 32) {
      const x = load4(row + j), y = v128.load(row + j, 16);
      differentiate4(h + j, d + j, x);
      differentiate4(h + j + 16, d + j + 16, y);
    }
    h += bytes;
    d += bytes;
  }
}

/** gelu′ = s + u·s·(1 − s)·z′ with z′ = slope · (1 + 3 · cubic · u²). */
// @ts-ignore: decorator
@inline function differentiate4(h: usize, d: usize, u: v128): void {
  const u2 = f32x4.mul(u, u);
  const s = gate4(u, u2), y = f32x4.mul(u, s);
  const zSlope = multiplyAdd(f32x4.splat(3 * slope * cubic), u2, f32x4.splat(slope));
  v128.store(h, y);
  v128.store(d, f32x4.mul(load4(d), multiplyAdd(f32x4.mul(y, f32x4.sub(f32x4.splat(1), s)), zSlope, s)));
}
