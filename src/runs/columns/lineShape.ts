import { parseMetrics } from '../../core/records/metrics.ts';
import type { MetricsRecord } from '../../core/records/metrics.ts';

/**
 * What lines have in common that differ in their numbers alone. Nearly all lines of a run have the same shape: a program writes the
 * same metrics in the same order.
 */
export interface LineShape {
  /** The bytes before each number and after the last, newline included. */
  readonly texts: readonly Buffer[];
  /** How many of the numbers are the step and the time, and which metrics the others are: the record with 0, 1, 2 … for numbers. */
  readonly slots: MetricsRecord;
}

/** A value that is the same in every line of a shape is NaN or infinite: these are written as words, and any number is a slot. */
export function isConstant(slot: number): boolean {
  return !Number.isFinite(slot);
}

const quote = 0x22;
const backslash = 0x5c;
const minus = 0x2d;
const number = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?/y;

/** The shape of a line, given with its newline; undefined where it is no record of metrics. */
export function shapeOf(line: Buffer): LineShape | undefined {
  const texts = textsOf(line);
  // Whatever parseMetrics makes of a line depends on the numbers in it only where it returns them, so it is asked what it does with
  // each: this way both can never be at odds.
  const template = texts.map((text, slot) => (slot === 0 ? text.toString() : `${slot - 1}${text.toString()}`)).join('');
  const slots = parseMetrics(template);
  return slots && { texts, slots };
}

function textsOf(line: Buffer): Buffer[] {
  const ascii = line.toString('latin1');
  const texts: Buffer[] = [];
  let from = 0;
  for (let at = 0; at < line.length;) {
    const byte = line[at] as number;
    if (byte === quote) at = endOfString(line, at);
    else if (byte === minus || (byte >= 0x30 && byte <= 0x39)) {
      number.lastIndex = at;
      // "-Infinity" begins like a number and is none.
      if (!number.test(ascii)) at++;
      else {
        texts.push(line.subarray(from, at));
        from = at = number.lastIndex;
      }
    } else at++;
  }
  texts.push(line.subarray(from));
  return texts;
}

/** Behind the string that begins at `at`, or the end of the line. */
function endOfString(line: Buffer, at: number): number {
  let end = at + 1;
  while (end < line.length && line[end] !== quote) end += line[end] === backslash ? 2 : 1;
  return end + 1;
}
