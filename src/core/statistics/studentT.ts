import { logGamma } from './logGamma.ts';

/** P(T > t) of Student's t distribution with `degrees` degrees of freedom, t ≥ 0. */
export function studentTTail(t: number, degrees: number): number {
  return regularizedBeta(degrees / (degrees + t * t), degrees / 2, 0.5) / 2;
}

/** The t ≥ 0 with P(T > t) = `tail`, 0 < tail ≤ 1/2, by bisection to machine precision. */
export function studentTQuantile(tail: number, degrees: number): number {
  let low = 0;
  let high = 1;
  while (studentTTail(high, degrees) > tail) high *= 2;
  for (let i = 0; i < 100; i++) {
    const middle = (low + high) / 2;
    if (studentTTail(middle, degrees) > tail) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** Regularized incomplete beta function I_x(a, b): its continued fraction (DLMF 8.17.22), evaluated by Lentz's method. */
function regularizedBeta(x: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  // The fraction converges fast below the mean only; above it, use the symmetry.
  if (x > (a + 1) / (a + b + 2)) return 1 - regularizedBeta(1 - x, b, a);
  const front = Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x)) / a;
  let fraction = 1;
  let c = 1;
  let d = 0;
  for (let i = 1; i <= 500; i++) {
    const m = i >> 1;
    const term = i % 2 === 0 ? m * (b - m) : -(a + m) * (a + b + m);
    const numerator = (term * x) / ((a + i - 1) * (a + i));
    d = 1 / (1 + numerator * d);
    c = 1 + numerator / c;
    fraction *= c * d;
    if (Math.abs(c * d - 1) < 1e-15) break;
  }
  return front / fraction;
}
