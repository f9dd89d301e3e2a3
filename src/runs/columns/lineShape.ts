import { parseMetrics } from '../../core/records/metrics.ts';
import type { MetricsRecord } from '../../core/records/metrics.ts';

/** Where a value of a record is in its line: which of the numbers it is, or that it is the same in every line of the shape. */
export type ValueSource = { readonly slot: number } | { readonly constant: number };

/**
 * What lines have in common that differ in their numbers alone. Nearly all lines of a run have the same shape: a program writes the
 * same metrics in the same order.
 */
export interface LineShape {
  /** The bytes before each number and after the last, newline included. */
  readonly texts: readonly Buffer[];
  readonly step: ValueSource;
  readonly time: ValueSource;
  readonly data: ReadonlyMap<string, ValueSource>;
}

/** How a format writes a record into a line. */
export interface LineGrammar {
  /** The bytes before each number of a line and after the last. What is not recognised as a number is text; text has to be the same in all lines of a shape. */
  textsOf(line: Buffer): readonly Buffer[];
  /** The record that a line is, given with its newline; undefined: it is none, or tells of more than its numbers. */
  recordOf(line: string): MetricsRecord | undefined;
}

/** metrics.jsonl. */
export const metricsGrammar: LineGrammar = { textsOf: jsonTexts, recordOf: parseMetrics };

/** No number of a template is this high before its second reading. */
const shift = 1_000_000;

const quote = 0x22;
const backslash = 0x5c;
const minus = 0x2d;
const number = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?/y;

/** The shape of a line, given with its newline; undefined where it is no record, or one whose step is no number of the line. */
export function shapeOf(line: Buffer, grammar: LineGrammar): LineShape | undefined {
  const texts = grammar.textsOf(line);
  // Whatever a format makes of a line depends on the numbers in it only where it returns them, so it is asked what it does with
  // each, twice: this way both can never be at odds.
  const template = (from: number) =>
    texts.map((text, slot) => (slot === 0 ? text.toString() : `${from + slot - 1}${text.toString()}`)).join('');
  const low = grammar.recordOf(template(0));
  const high = low && grammar.recordOf(template(shift));
  if (!low || !high) return undefined;
  const step = sourceOf(low.step, high.step);
  const time = sourceOf(low.time, high.time);
  const keys = Object.keys(low.data);
  if (!step || 'constant' in step || !time || keys.length !== Object.keys(high.data).length) return undefined;
  const data = new Map<string, ValueSource>();
  for (const key of keys) {
    const source = Object.hasOwn(high.data, key) ? sourceOf(low.data[key] as number, high.data[key] as number) : undefined;
    if (!source) return undefined;
    data.set(key, source);
  }
  return { texts, step, time, data };
}

function sourceOf(low: number, high: number): ValueSource | undefined {
  if (Object.is(low, high)) return { constant: low };
  return high - low === shift ? { slot: low } : undefined;
}

/** Those of a line of JSON: its numbers outside of strings. */
export function jsonTexts(line: Buffer): readonly Buffer[] {
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
