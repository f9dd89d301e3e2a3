// Energies of tokens side by side, 1 − 2π + Σπ² times the square of the weight, as `tokenEnergy` of energy.ts has them; `weights`: 0 where all are 1.
import { load2 } from './pair';

/**
 * Four tokens, float32. 1 − 2π is taken together from exp(x) − 1 as far as it is near 1: the error is below 1e-7 of what is open, 1 − π, and so no larger
 * than what rounding to float32 has done to Σπ². exp(x) = 2ⁿ·exp(r), |r| ≤ ln 2 / 2; exp(r) − 1 − r by a polynomial, to 1e-8.
 */
// @ts-ignore: decorator
@inline export function energy4(logProbs: usize, sumPiSquared: usize, weights: usize, t: i32): v128 {
  const at = <usize>t << 2;
  // pmax is one instruction, unlike max, and keeps a NaN that comes first. exp is nothing beside 1 from −64 down.
  const x = f32x4.pmax(v128.load(logProbs + at), f32x4.splat(-64));
  // Adding 1.5 × 2²³ rounds to an integer, which then stands in the low bits.
  const shifted = f32x4.add(f32x4.mul(x, f32x4.splat(1.44269504088896341)), f32x4.splat(12582912));
  const r = f32x4.sub(x, f32x4.mul(f32x4.sub(shifted, f32x4.splat(12582912)), f32x4.splat(0.693147180559945309)));
  // Pairs of terms instead of Horner's chain, so that a processor can work on them at the same time.
  const squared = f32x4.mul(r, r);
  const third = f32x4.add(f32x4.splat(0.5), f32x4.mul(r, f32x4.splat(1.6666576266288757e-1)));
  const fifth = f32x4.add(f32x4.splat(4.1666556149721146e-2), f32x4.mul(r, f32x4.splat(8.363178931176662e-3)));
  const rest = f32x4.add(third, f32x4.mul(squared, f32x4.add(fifth, f32x4.mul(squared, f32x4.splat(1.3926184037700295e-3)))));
  const grown = f32x4.add(r, f32x4.mul(squared, rest));
  const twice = i32x4.add(i32x4.shl(shifted, 23), i32x4.splat(0x40000000)); // 2ⁿ⁺¹
  const certain = f32x4.add(v128.load(sumPiSquared + at), f32x4.sub(f32x4.splat(1), twice));
  const energy = f32x4.sub(certain, f32x4.mul(twice, grown));
  if (weights == 0) return energy;
  const weight = v128.load(weights + at);
  return f32x4.mul(f32x4.mul(weight, weight), energy);
}

/** Two tokens, float64. */
// @ts-ignore: decorator
@inline export function energy2(logProbs: usize, sumPiSquared: usize, weights: usize, t: i32): v128 {
  const open = f64x2.sub(f64x2.splat(1), f64x2.mul(f64x2.splat(2), probability2(load2<f64>(logProbs, t))));
  const energy = f64x2.add(open, load2<f64>(sumPiSquared, t));
  if (weights == 0) return energy;
  const weight = load2<f64>(weights, t);
  return f64x2.mul(f64x2.mul(weight, weight), energy);
}

/**
 * exp of log-probabilities, in the steps of probability.ts. Below −64, exp is so small that 1 − 2π is 1 whatever it is. A number above 0,
 * which no log-probability is, is exp to 1e-8 up to 8.
 */
// @ts-ignore: decorator
@inline function probability2(logProb: v128): v128 {
  // pmax is one instruction, unlike max, and keeps a NaN that comes first.
  const x = f64x2.mul(f64x2.pmax(logProb, f64x2.splat(-64)), f64x2.splat(1 / 64));
  const squared = f64x2.mul(x, x);
  const last = f64x2.add(f64x2.add(f64x2.splat(1 / 24), f64x2.mul(x, f64x2.splat(1 / 120))), f64x2.mul(squared, f64x2.splat(1 / 720)));
  const rest = f64x2.add(f64x2.add(f64x2.splat(1 / 2), f64x2.mul(x, f64x2.splat(1 / 6))), f64x2.mul(squared, last));
  let power = f64x2.add(f64x2.add(f64x2.splat(1), x), f64x2.mul(squared, rest));
  power = f64x2.mul(power, power);
  power = f64x2.mul(power, power);
  power = f64x2.mul(power, power);
  power = f64x2.mul(power, power);
  power = f64x2.mul(power, power);
  return f64x2.mul(power, power);
}
