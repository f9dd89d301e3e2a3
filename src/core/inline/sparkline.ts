/** Half and full blocks are left out: many fonts draw them on another baseline. */
const blocks = ['▁', '▂', '▃', '▅', '▇'] as const;

/** Where values span less than this factor, their noise should not look like a surge. */
const leastSpan = 10;

/**
 * Values as a row of blocks on a log scale, e.g. gradient norms: "▁▁▂▁▃▇▇". At most `most` blocks, each the highest of its stretch.
 * A value that overflowed stands highest, one that is not positive lowest, and one that is missing (NaN) leaves a gap.
 */
export function sparkline(values: readonly number[], most: number): string {
  const pooled = pool(values, most);
  const positive = pooled.filter((value) => value > 0 && value < Infinity).map(Math.log);
  const low = Math.min(...positive);
  const span = Math.max(Math.max(...positive) - low, Math.log(leastSpan));
  const block = (value: number): string => {
    if (Number.isNaN(value)) return ' ';
    if (value === Infinity) return blocks[blocks.length - 1] as string;
    const height = value > 0 ? (Math.log(value) - low) / span : 0;
    return blocks[Math.min(blocks.length - 1, Math.floor(height * blocks.length))] as string;
  };
  return pooled.map(block).join('');
}

/** The highest value of each stretch; NaN where a stretch has none. */
function pool(values: readonly number[], most: number): readonly number[] {
  if (values.length <= most) return values;
  return Array.from({ length: most }, (_, index) => {
    const stretch = values.slice(Math.floor((index * values.length) / most), Math.floor(((index + 1) * values.length) / most));
    return stretch.reduce((highest, value) => (highest >= value || Number.isNaN(value) ? highest : value), Number.NaN);
  });
}
