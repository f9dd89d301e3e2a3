import { isObject, parse, parseNumber, setOwn, stringify } from './json.ts';

/** One line of `metrics.jsonl`: the metrics of one step; `time` in seconds since 1970. */
export interface MetricsRecord {
  readonly step: number;
  readonly time: number;
  readonly data: Readonly<Record<string, number>>;
}

/**
 * One line of `metrics.jsonl`, without the newline. JSON has no NaN or infinity: they are written as the strings "NaN",
 * "Infinity" and "-Infinity". `note`: what somebody noted about the step, in a line for other programs.
 */
export function formatMetrics(record: MetricsRecord & { readonly note?: string }): string {
  return stringify(record);
}

const shortestLine = '{"step":1,"data":{}}'.length;

/**
 * Reads one line of `metrics.jsonl`, also as Python's json writes it (bare NaN and Infinity). A value of null is NaN, as which Hugging
 * Face's trainer writes it; other values that are no numbers are left out; `time` is NaN where the writer gave none. Returns undefined
 * for anything that is no metrics record.
 */
export function parseMetrics(line: string): MetricsRecord | undefined {
  // A file of something else has many short lines, and JSON.parse takes longer to refuse one than to read it.
  if (line.length < shortestLine) return undefined;
  const value = parse(line);
  if (!isObject(value)) return undefined;
  const { step, time, data } = value;
  if (typeof step !== 'number' || !Number.isFinite(step) || !isObject(data)) return undefined;
  return { step, time: typeof time === 'number' ? time : Number.NaN, data: numbersOf(data) };
}

/** The numbers of an object, by key. Nearly always it has nothing else and is not copied: a run can have a million lines. */
function numbersOf(data: Readonly<Record<string, unknown>>): Readonly<Record<string, number>> {
  if (hasOnlyNumbers(data)) return data;
  const numbers: Record<string, number> = {};
  for (const [key, value] of Object.entries(data)) {
    const number = value === null ? Number.NaN : parseNumber(value);
    if (number !== undefined) setOwn(numbers, key, number);
  }
  return numbers;
}

function hasOnlyNumbers(data: Readonly<Record<string, unknown>>): data is Readonly<Record<string, number>> {
  for (const key in data) if (typeof data[key] !== 'number') return false;
  return true;
}
