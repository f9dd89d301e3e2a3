import { isObject, parse, parseNumber, stringify } from './json.ts';

/** One line of `metrics.jsonl`: the metrics of one step; `time` in seconds since 1970. */
export interface MetricsRecord {
  readonly step: number;
  readonly time: number;
  readonly data: Readonly<Record<string, number>>;
}

/**
 * One line of `metrics.jsonl`, without the newline. JSON has no NaN or infinity: they are written as the strings "NaN",
 * "Infinity" and "-Infinity".
 */
export function formatMetrics(record: MetricsRecord): string {
  return stringify(record);
}

/**
 * Reads one line of `metrics.jsonl`, also as Python's json writes it (bare NaN and Infinity). Values that are no numbers are
 * left out; `time` is NaN where the writer gave none. Returns undefined for anything that is no metrics record.
 */
export function parseMetrics(line: string): MetricsRecord | undefined {
  const value = parse(line);
  if (!isObject(value)) return undefined;
  const { step, time, data } = value;
  if (typeof step !== 'number' || !Number.isFinite(step) || !isObject(data)) return undefined;
  const numbers: Record<string, number> = {};
  for (const key of Object.keys(data)) {
    const number = parseNumber(data[key]);
    if (number !== undefined) numbers[key] = number;
  }
  return { step, time: typeof time === 'number' ? time : Number.NaN, data: numbers };
}
