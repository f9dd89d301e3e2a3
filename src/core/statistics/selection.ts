/**
 * Median of the first `count` numbers, which it rearranges; linear time on average (C. A. R. Hoare, Algorithm 65: Find, 1961), where
 * sorting a million numbers would hold up everything else for a tenth of a second. No number may be NaN; NaN of nothing.
 */
export function medianInPlace(values: Float64Array, count = values.length): number {
  if (count === 0) return Number.NaN;
  const middle = count >> 1;
  const upper = selectInPlace(values, count, middle);
  if (count % 2 === 1) return upper;
  // Everything before the middle is no greater than it.
  let lower = values[0] as number;
  for (let i = 1; i < middle; i++) lower = Math.max(lower, values[i] as number);
  return lower === upper ? lower : (lower + upper) / 2;
}

/** The number that would be at `index` if the first `count` were sorted. Those before it are then no greater, those behind no less. */
function selectInPlace(values: Float64Array, count: number, index: number): number {
  let left = 0;
  let right = count - 1;
  while (left < right) {
    const pivot = middleOfThree(values[left] as number, values[(left + right) >> 1] as number, values[right] as number);
    let i = left;
    let j = right;
    while (i <= j) {
      while ((values[i] as number) < pivot) i++;
      while ((values[j] as number) > pivot) j--;
      if (i > j) break;
      const swapped = values[i] as number;
      values[i++] = values[j] as number;
      values[j--] = swapped;
    }
    if (index <= j) right = j;
    else if (index >= i) left = i;
    else break;
  }
  return values[index] as number;
}

function middleOfThree(a: number, b: number, c: number): number {
  return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
}
