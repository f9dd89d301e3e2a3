/** Powers of 1024 of a MiB; all GPU tools mean these, also those that write MB. */
const mebibytesOf: Readonly<Record<string, number>> = { b: 2 ** -20, k: 2 ** -10, m: 1, g: 2 ** 10, t: 2 ** 20 };

/** The number in a text such as "98", "98 %", "655.21 W"; null where there is none: "[N/A]", "[Not Supported]", "". */
export function numberIn(text: string): number | null {
  const match = /^\s*(-?\d{1,15}(?:\.\d{1,15})?)(?![\d.])/.exec(text);
  return match?.[1] === undefined ? null : Number(match[1]);
}

/** The same for an amount of memory, "71234 MiB", in MiB; one without a unit is in `unit`. */
export function mebibytesIn(text: string, unit: 'B' | 'MiB' = 'MiB'): number | null {
  const value = numberIn(text);
  if (value === null || value < 0) return null;
  const letter = /[a-z]/i.exec(text)?.[0] ?? unit;
  return value * (mebibytesOf[letter.toLowerCase()] ?? 1);
}

/** A whole number from 0 that can number a GPU or a process; null: it is none. */
export function countIn(text: string): number | null {
  return /^\s*\d{1,10}\s*$/.test(text) ? Number(text) : null;
}

/** The name of a program, without its folder. */
export function programName(path: string): string {
  return path.trim().split(/[\\/]/).at(-1) ?? '';
}
