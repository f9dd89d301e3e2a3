// Four float32 lanes at a time. Built twice: with relaxed SIMD, multiply-add is one instruction.

// @ts-ignore: decorator
@inline export function load4(p: usize): v128 {
  return v128.load(p);
}

/** a × b + c */
// @ts-ignore: decorator
@inline export function multiplyAdd(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, c);
  return f32x4.add(f32x4.mul(a, b), c);
}

/** Sum of the four lanes. */
// @ts-ignore: decorator
@inline export function sum4(v: v128): f32 {
  return f32x4.extract_lane(v, 0) + f32x4.extract_lane(v, 1) + (f32x4.extract_lane(v, 2) + f32x4.extract_lane(v, 3));
}

/** eˣ by range reduction and a degree-5 polynomial (Cephes expf); relative error about 2e-7 on −87 … 88, clamped outside. */
// @ts-ignore: decorator
@inline export function exp4(x0: v128): v128 {
  // pmin and pmax are one instruction, unlike min and max. Adding 1.5 × 2²³ rounds to an integer, which then stands in the low bits.
  let x = f32x4.pmax(f32x4.pmin(x0, f32x4.splat(88.0)), f32x4.splat(-87.0));
  const shifted = f32x4.add(f32x4.mul(x, f32x4.splat(1.44269504088896341)), f32x4.splat(12582912));
  const n = f32x4.sub(shifted, f32x4.splat(12582912));
  x = f32x4.sub(x, f32x4.mul(n, f32x4.splat(0.693359375)));
  x = f32x4.add(x, f32x4.mul(n, f32x4.splat(2.1219444e-4)));
  let y = f32x4.splat(1.98756915e-4);
  y = multiplyAdd(y, x, f32x4.splat(1.39819995e-3));
  y = multiplyAdd(y, x, f32x4.splat(8.33345191e-3));
  y = multiplyAdd(y, x, f32x4.splat(4.16657959e-2));
  y = multiplyAdd(y, x, f32x4.splat(1.66666655e-1));
  y = multiplyAdd(y, x, f32x4.splat(5.00000012e-1));
  y = f32x4.add(multiplyAdd(f32x4.mul(x, x), y, x), f32x4.splat(1));
  return f32x4.mul(y, i32x4.add(i32x4.shl(shifted, 23), i32x4.splat(0x3f800000)));
}
