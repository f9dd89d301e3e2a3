const superscripts = '⁰¹²³⁴⁵⁶⁷⁸⁹';

/** "10⁻³" for −3. */
export function powerOfTen(exponent: number): string {
  const digits = [...String(Math.abs(exponent))].map((digit) => superscripts[Number(digit)] ?? digit).join('');
  return `10${exponent < 0 ? '⁻' : ''}${digits}`;
}

/** A quantity for people, three significant digits: "0.632", "581", "1.33·10⁷", "∞"; "–" for null. */
export function quantityText(value: number | null): string {
  if (value === null) return '–';
  if (value === Infinity) return '∞';
  if (value === -Infinity) return '−∞';
  if (Number.isNaN(value)) return 'NaN';
  const size = Math.abs(value);
  if (size !== 0 && (size >= 1e5 || size < 1e-3)) {
    const [mantissa, exponent] = value.toExponential(2).split('e') as [string, string];
    return `${minus(mantissa)}·${powerOfTen(Number(exponent))}`;
  }
  return minus(size >= 100 ? value.toFixed(0) : value.toPrecision(3));
}

/** A score or a difference of scores: two decimals. */
export function scoreText(value: number | null): string {
  return value === null ? '–' : minus(value.toFixed(2));
}

/** The same with its sign, for differences. */
export function differenceText(value: number): string {
  return value < 0 ? scoreText(value) : `+${scoreText(value)}`;
}

/** "p = 0.042", "p < 0.001". */
export function pText(p: number): string {
  return p < 0.001 ? 'p < 0.001' : `p = ${pNumber(p)}`;
}

/** The same for a column headed "p": "0.042", "< 0.001". */
export function pNumber(p: number): string {
  return p < 0.001 ? '< 0.001' : p >= 0.0995 ? p.toFixed(2) : p.toPrecision(2);
}

/** "7 of 24". */
export function countText(count: number, of: number): string {
  return `${count} of ${of}`;
}

/** "a", "a and b", "a, b and c". */
export function listText(parts: readonly string[]): string {
  return parts.length < 2 ? (parts[0] ?? '') : `${parts.slice(0, -1).join(', ')} and ${parts[parts.length - 1] ?? ''}`;
}

function minus(text: string): string {
  return /^-0(\.0*)?$/.test(text) ? text.slice(1) : text.replace('-', '−');
}
