const rounds = 400_000;

/**
 * Factors ≥ 0 with which the terms of each row add up to its value, with the least squares of the relative errors: by coordinate descent,
 * which gets there whatever it begins with.
 */
export function fitCosts(terms: readonly (readonly number[])[], values: readonly number[]): readonly number[] {
  const rows = terms.map((row, i) => row.map((term) => term / values[i]!));
  const factors = rows[0]!.map(() => 0);
  const errors = rows.map(() => -1);
  for (let round = 0; round < rounds; round++) {
    const k = round % factors.length;
    const slope = rows.reduce((sum, row, i) => sum + row[k]! * errors[i]!, 0);
    const curvature = rows.reduce((sum, row) => sum + row[k]! ** 2, 0);
    const next = Math.max(0, factors[k]! - slope / curvature);
    const change = next - factors[k]!;
    factors[k] = next;
    rows.forEach((row, i) => (errors[i]! += row[k]! * change));
  }
  return factors;
}
