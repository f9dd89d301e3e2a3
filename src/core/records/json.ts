/** JSON has no NaN or infinity: everything that we write has them as these strings. */
const named: Readonly<Record<string, number>> = {
  NaN: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
  '-Infinity': Number.NEGATIVE_INFINITY,
};

/** Like JSON.stringify, with NaN and infinities as the strings "NaN", "Infinity" and "-Infinity". */
export function stringify(value: unknown, indent?: number): string {
  return JSON.stringify(
    value,
    (_key, entry: unknown) => (typeof entry === 'number' && !Number.isFinite(entry) ? String(entry) : entry),
    indent,
  );
}

/** The number that `stringify` wrote; undefined for anything that is no number. */
export function parseNumber(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  return typeof value === 'string' ? named[value] : undefined;
}

/** Parses JSON, also as Python's json writes it (bare NaN and Infinity); undefined where it is none. */
export function parse(text: string): unknown {
  return (
    parseJson(text) ??
    (/NaN|Infinity/.test(text) ? parseJson(text.replace(/(?<=[:[,]\s*)(-?Infinity|NaN)(?=\s*[,}\]])/g, '"$1"')) : undefined)
  );
}

/** Narrows to an object that is no array. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
