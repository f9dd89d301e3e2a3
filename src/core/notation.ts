/**
 * How numbers are written for people, everywhere: tables, sentences, axes, hovers, reports.
 *
 * - Steps, seeds and counts are whole and ungrouped, "12000", as they stand in the files; only a median may end in .5.
 * - Quantities have at most three significant digits, "0.632", "8·10⁻⁵", "3·10¹¹"; a whole one below 100,000 keeps all its digits.
 * - Scores have two decimals, "0.60"; one too small or too large for that is written as a quantity.
 * - 0 is "0", and nothing else is. What is missing is "–". The minus is "−".
 */

/** What stands for a number that there is none of. */
const missingText = '–';

const superscripts = '⁰¹²³⁴⁵⁶⁷⁸⁹';

/** "10⁻³" for −3. */
export function powerOfTen(exponent: number): string {
  const digits = [...String(Math.abs(exponent))].map((digit) => superscripts[Number(digit)] ?? digit).join('');
  return `10${exponent < 0 ? '⁻' : ''}${digits}`;
}

/** A step, a seed or a count: "1700000000"; a median may lie half-way between two: "61.5". */
export function integerText(value: number | null): string {
  if (value === null || !Number.isFinite(value)) return specialText(value);
  // String() turns to exponents at 1e21.
  return Math.abs(value) < 1e21 ? signed(String(Math.round(2 * value) / 2)) : quantityText(value);
}

/** A quantity, at most three significant digits: "0", "0.632", "6.3", "581", "99999", "1.33·10⁷", "8·10⁻⁵", "∞"; "–" for null. */
export function quantityText(value: number | null): string {
  if (value === null || !Number.isFinite(value)) return specialText(value);
  return Math.abs(value) >= 100 && Math.abs(value) < 99_999.5 ? signed(value.toFixed(0)) : exactText(roundedQuantity(value));
}

/** A number of three significant digits, as a value to put into a config. */
export function roundedQuantity(value: number): number {
  return rounded(value, 3);
}

/** All digits of a number, in the notation of quantities: for what a user has written, and for ticks that lie close together. */
export function exactText(value: number | null): string {
  if (value === null || !Number.isFinite(value)) return specialText(value);
  const size = Math.abs(value);
  if (size === 0 || (size >= 1e-3 && size < 1e5)) return signed(String(value));
  const [mantissa, exponent] = value.toExponential().split('e') as [string, string];
  return `${signed(mantissa)}·${powerOfTen(Number(exponent))}`;
}

/** A value of a config as it stands there, with the same notation for numbers; "–" for undefined. */
export function valueText(value: unknown): string {
  if (value === undefined) return missingText;
  if (typeof value === 'number') return exactText(value);
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** The label of a tick: a round number whose last digits are noise of the arithmetic. */
export function tickText(value: number): string {
  return exactText(Number.isFinite(value) ? rounded(value, 10) : value);
}

/** A score or a difference of scores: "0.63", "0.50", "0.004". */
export function scoreText(value: number | null): string {
  if (value === null || !Number.isFinite(value)) return specialText(value);
  const size = Math.abs(value);
  return size < 0.005 || size >= 1e5 ? quantityText(value) : signed(value.toFixed(2));
}

/** Differences of scores below this are what the arithmetic leaves behind of equal scores. */
const rounding = 1e-12;

/** A difference of scores with its sign: "+0.20", "−0.04", "0". */
export function differenceText(value: number): string {
  const text = scoreText(Math.abs(value) < rounding ? 0 : value);
  return value >= rounding ? `+${text}` : text;
}

/** An interval of differences of scores: "[−0.04, 0.20]". */
export function intervalText({ low, high }: { readonly low: number; readonly high: number }): string {
  return `[${[low, high].map((value) => scoreText(Math.abs(value) < rounding ? 0 : value)).join(', ')}]`;
}

/** A mean score and its standard deviation over runs: "0.63 ± 0.05"; of one run its score, "–" of none. */
export function spreadText(value: { readonly mean: number; readonly std: number } | null, runs: number): string {
  if (value === null) return missingText;
  if (runs === 1) return scoreText(value.mean);
  return `${scoreText(value.mean)} ± ${scoreText(value.std < rounding ? 0 : value.std)}`;
}

/** "61 %", "<1 %", "120 %"; "–" for a share of nothing. */
export function percentText(share: number): string {
  if (!Number.isFinite(share)) return specialText(Number.isNaN(share) ? null : share);
  const percent = 100 * share;
  if (percent > 0 && percent < 0.5) return '<1 %';
  return `${Math.abs(percent) < 1e5 ? integerText(Math.round(percent)) : quantityText(percent)} %`;
}

/** "p = 0.042", "p < 0.001". */
export function pText(p: number): string {
  return p < 0.001 ? 'p < 0.001' : `p = ${pNumber(p)}`;
}

/** The same for a column headed "p": "0.042", "< 0.001". */
export function pNumber(p: number): string {
  if (Number.isNaN(p)) return missingText;
  return p < 0.001 ? '< 0.001' : p >= 0.0995 ? p.toFixed(2) : p.toPrecision(2);
}

/** "7 of 24". */
export function countText(count: number, of: number): string {
  return `${count} of ${of}`;
}

/** "1 run", "3 runs"; `plural` where an s does not do. */
export function counted(count: number, noun: string, plural = `${noun}s`): string {
  return `${integerText(count)} ${count === 1 ? noun : plural}`;
}

/** "1st", "2nd", "3rd", "11th", "22nd". */
export function ordinalText(place: number): string {
  const endings: Readonly<Record<number, string>> = { 1: 'st', 2: 'nd', 3: 'rd' };
  const isTeen = place % 100 > 10 && place % 100 < 14;
  return `${integerText(place)}${isTeen ? 'th' : (endings[place % 10] ?? 'th')}`;
}

/** A number of seconds in at most two units: "0.4 s", "48 s", "3 min 20 s", "2 h 05 min", "3 d 04 h". */
export function durationText(seconds: number): string {
  if (!Number.isFinite(seconds) || seconds < 0) return missingText;
  if (seconds < 1) return `${exactText(Number(seconds.toPrecision(1)))} s`;
  const whole = Math.round(seconds);
  const minutes = Math.floor(whole / 60);
  const hours = Math.floor(minutes / 60);
  if (whole < 60) return `${whole} s`;
  if (hours < 1) return `${minutes} min ${twoDigits(whole % 60)} s`;
  if (hours < 48) return `${hours} h ${twoDigits(minutes % 60)} min`;
  return `${integerText(Math.floor(hours / 24))} d ${twoDigits(hours % 24)} h`;
}

/** A time that is reckoned, as exact as that is: "4 s", "40 s", "3 min", "2 h 05 min", "3 d 04 h". */
export function roughDurationText(seconds: number): string {
  if (!Number.isFinite(seconds) || seconds < 0) return missingText;
  if (seconds < 9.5) return `${Math.max(1, Math.round(seconds))} s`;
  if (seconds < 55) return `${10 * Math.round(seconds / 10)} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 60 ? `${minutes} min` : durationText(60 * minutes);
}

/** The same for a narrow column: "1:15", "2:05:00". */
export function clockText(seconds: number): string {
  if (!Number.isFinite(seconds) || seconds < 0) return missingText;
  const whole = Math.round(seconds);
  const minutes = Math.floor(whole / 60);
  const rest = twoDigits(whole % 60);
  return minutes < 60 ? `${minutes}:${rest}` : `${integerText(Math.floor(minutes / 60))}:${twoDigits(minutes % 60)}:${rest}`;
}

/** Local time of an ISO 8601 date: "23 Nov, 18:24"; `whole`: "23 Nov 2026, 18:24:05". "–" where it is none. */
export function dateText(iso: string, form: 'short' | 'whole' = 'short'): string {
  const date = new Date(iso);
  if (Number.isNaN(date.getTime())) return missingText;
  const format = (dateFormats[form] ??= new Intl.DateTimeFormat('en-GB', dateParts[form]));
  return format.format(date);
}

const minuteParts = { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' } as const;
const dateParts = { short: minuteParts, whole: { ...minuteParts, year: 'numeric', second: '2-digit' } } as const;
/** To make one takes a hundred times as long as to use it. */
const dateFormats: { short?: Intl.DateTimeFormat; whole?: Intl.DateTimeFormat } = {};

/** "512 B", "1.5 MiB", "12 GiB". */
export function bytesText(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];
  const power = bytes < 1024 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(bytes) / 10));
  return `${quantityText(bytes / 1024 ** power)} ${units[power] ?? 'B'}`;
}

/** "a", "a and b", "a, b and c". */
export function listText(parts: readonly string[]): string {
  return parts.length < 2 ? (parts[0] ?? '') : `${parts.slice(0, -1).join(', ')} and ${parts[parts.length - 1] ?? ''}`;
}

/** "a, b", of more than `most` "a, b and 3 more". */
export function fewText(parts: readonly string[], most: number): string {
  const others = parts.length - most;
  return `${parts.slice(0, most).join(', ')}${others > 0 ? ` and ${others} more` : ''}`;
}

/** A number of so many significant digits. The largest numbers there are have nothing above them to be rounded to. */
export function rounded(value: number, digits: number): number {
  const nearest = Number(value.toPrecision(digits));
  return Number.isFinite(nearest) ? nearest : value;
}

function specialText(value: number | null): string {
  if (value === null) return missingText;
  if (Number.isNaN(value)) return 'NaN';
  return value > 0 ? '∞' : '−∞';
}

function signed(text: string): string {
  return /^-0(\.0*)?$/.test(text) ? text.slice(1) : text.replace('-', '−');
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}
