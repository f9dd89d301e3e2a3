/** One line of `metrics.jsonl`: the metrics of one step; `time` in seconds since 1970. */
export interface MetricsRecord {
  readonly step: number;
  readonly time: number;
  readonly data: Readonly<Record<string, number>>;
}

const named: Readonly<Record<string, number>> = { NaN: Number.NaN, Infinity: Number.POSITIVE_INFINITY, '-Infinity': Number.NEGATIVE_INFINITY };

/**
 * One line of `metrics.jsonl`, without the newline. JSON has no NaN or infinity: they are written as the strings "NaN",
 * "Infinity" and "-Infinity".
 */
export function formatMetrics(record: MetricsRecord): string {
  return JSON.stringify(record, (_key, value: unknown) => (typeof value === 'number' && !Number.isFinite(value) ? String(value) : value));
}

/**
 * Reads one line of `metrics.jsonl`, also as Python's json writes it (bare NaN and Infinity). Values that are no numbers are
 * left out; `time` is NaN where the writer gave none. Returns undefined for anything that is no metrics record.
 */
export function parseMetrics(line: string): MetricsRecord | undefined {
  const value = parseJson(line) ?? parseJson(line.replace(/(?<=[:[,]\s*)(-?Infinity|NaN)(?=\s*[,}\]])/g, '"$1"'));
  if (typeof value !== 'object' || value === null) return undefined;
  const { step, time, data } = value as { step?: unknown; time?: unknown; data?: unknown };
  if (typeof step !== 'number' || !Number.isFinite(step) || typeof data !== 'object' || data === null || Array.isArray(data)) return undefined;
  const numbers: Record<string, number> = {};
  for (const [key, entry] of Object.entries(data)) {
    const number = typeof entry === 'string' ? named[entry] : entry;
    if (typeof number === 'number') numbers[key] = number;
  }
  return { step, time: typeof time === 'number' ? time : Number.NaN, data: numbers };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
