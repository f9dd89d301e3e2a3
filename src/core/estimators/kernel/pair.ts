// Two tokens at a time, float64.

/** Tokens t and t + 1 of an array of T. */
// @ts-ignore: decorator
@inline export function load2<T>(array: usize, t: i32): v128 {
  if (sizeof<T>() == 4) return f64x2.promote_low_f32x4(v128.load64_zero(array + (<usize>t << 2)));
  return v128.load(array + (<usize>t << 3));
}

// @ts-ignore: decorator
@inline export function store2<T>(array: usize, t: i32, values: v128): void {
  if (sizeof<T>() == 4) v128.store64_lane(array + (<usize>t << 2), f32x4.demote_f64x2_zero(values), 0);
  else v128.store(array + (<usize>t << 3), values);
}
