// GELU in its tanh form (Hendrycks and Gimpel, 2016): gelu(u) = u · s with s = σ(z), z = 2·√(2/π) · (u + 0.044715 u³).
import { exp4, load4, multiplyAdd } from './vector';

const slope: f32 = 1.5957691216057308; // 2·√(2/π)
const cubic: f32 = 0.044715;

/** s = σ(z) as above. */
// @ts-ignore: decorator
@inline function gate4(u: v128, u2: v128): v128 {
  const one = f32x4.splat(1);
  const z = f32x4.mul(f32x4.mul(u, f32x4.splat(-slope)), multiplyAdd(f32x4.splat(cubic), u2, one));
  return f32x4.div(one, f32x4.add(one, exp4(z)));
}

/**
 * u[count × width] becomes gelu(u) in place. Row i belongs to position positions[i] of the slot at slots[i]; u itself is kept in the
 * slot's array [tokens × width] at byte offset `kept`.
 */
export function geluRows(u: usize, slots: usize, positions: usize, kept: i32, count: i32, width: i32): void {
  const bytes = <usize>width << 2;
  for (let i: usize = 0; i < <usize>count; i++) {
    const row = <usize>load<u32>(slots + (i << 2)) + kept + <usize>load<u32>(positions + (i << 2)) * bytes;
    for (let j: usize = 0; j < bytes; j += 16) {
      const x = load4(u + j);
      v128.store(row + j, x);
      v128.store(u + j, f32x4.mul(x, gate4(x, f32x4.mul(x, x))));
    }
    u += bytes;
  }
}

/** h = gelu(u) again and d becomes d ∘ gelu′(u), for the given positions of a kept u [tokens × width]; h, d: [count × width]. */
export function geluBackward(h: usize, d: usize, u: usize, positions: usize, count: i32, width: i32): void {
  const bytes = <usize>width << 2;
  const one = f32x4.splat(1);
  for (let i: usize = 0; i < <usize>count; i++) {
    const row = u + <usize>load<u32>(positions + (i << 2)) * bytes;
    for (let j: usize = 0; j < bytes; j += 16) {
      const x = load4(row + j), x2 = f32x4.mul(x, x);
      const s = gate4(x, x2), y = f32x4.mul(x, s);
      // gelu′ = s + u·s·(1 − s)·z′, z′ = slope · (1 + 3 · cubic · u²)
      const zSlope = multiplyAdd(f32x4.splat(3 * slope * cubic), x2, f32x4.splat(slope));
      const derivative = multiplyAdd(f32x4.mul(y, f32x4.sub(one, s)), zSlope, s);
      v128.store(h + j, y);
      v128.store(d + j, f32x4.mul(load4(d + j), derivative));
    }
    h += bytes;
    d += bytes;
  }
}
