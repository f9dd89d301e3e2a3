/** JSON has no NaN or infinity: everything that we write has them as these strings. */
const named: ReadonlyMap<unknown, number> = new Map([
  ['NaN', Number.NaN],
  ['Infinity', Number.POSITIVE_INFINITY],
  ['-Infinity', Number.NEGATIVE_INFINITY],
]);

const byteOrderMark = 0xfeff;
const quote = 0x22;
const comma = 0x2c;
const backslash = 0x5c;
const openBracket = 0x5b;
const closeBracket = 0x5d;
const openBrace = 0x7b;
const closeBrace = 0x7d;

/**
 * Levels and values of a text that is still JSON to us, and characters of a text that is worth the look: JSON.parse takes seconds for a
 * million levels, and a hundred megabytes for as many empty objects as fit into the biggest of our files.
 */
const mostLevels = 500;
const mostValues = 250_000;
const longText = 1 << 13;

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
  return typeof value === 'number' ? value : named.get(value);
}

/**
 * Parses JSON, also as Python's json writes it (bare NaN and Infinity, which become the strings of `stringify`) and behind a byte
 * order mark; undefined where it is none, also where it is nested in hundreds of levels or has more than `values` values, by default
 * hundreds of thousands. Takes time in proportion to the length of the text, whatever is in it.
 */
export function parse(text: string, { values = mostValues }: { readonly values?: number } = {}): unknown {
  const json = text.charCodeAt(0) === byteOrderMark ? text.slice(1) : text;
  if (json.length > longText && isBeyond(json, mostLevels, values)) return undefined;
  const value = parseJson(json);
  if (value !== undefined || !/NaN|Infinity/.test(json)) return value;
  const quoted = withNamesQuoted(json);
  return quoted === undefined ? undefined : parseJson(quoted);
}

/** Narrows to an object that is no array. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Sets a key as the object's own, whatever it is called: an assignment to "__proto__" would be lost. */
export function setOwn<T>(object: Record<string, T>, key: string, value: T): void {
  if (key === '__proto__') Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true });
  else object[key] = value;
}

/** The value of a key that is the object's own: every object has a "constructor" and a "toString" that nobody put into it. */
export function getOwn<T>(object: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

/** Whether a JSON text has objects and lists in more than `most` levels. */
export function isNestedBeyond(text: string, most: number): boolean {
  return isBeyond(text, most, Infinity);
}

function isBeyond(text: string, levels: number, values: number): boolean {
  let depth = 0;
  let count = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === quote) at = endOfString(text, at) - 1;
    else if (code === openBracket || code === openBrace) {
      if (++depth > levels || ++count > values) return true;
    } else if (code === comma) {
      if (++count > values) return true;
    } else if (code === closeBracket || code === closeBrace) depth--;
  }
  return false;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** Puts the values NaN, Infinity and -Infinity into quotes, outside of strings; undefined where one of them is a key. */
function withNamesQuoted(text: string): string | undefined {
  let quoted = '';
  let copied = 0;
  for (let at = 0; at < text.length;) {
    if (text.charCodeAt(at) === quote) {
      at = endOfString(text, at);
      continue;
    }
    const name = nameAt(text, at);
    if (name === undefined) {
      at++;
      continue;
    }
    quoted += `${text.slice(copied, at)}"${name}"`;
    at += name.length;
    copied = at;
    while (isSpace(text.charCodeAt(at))) at++;
    if (text[at] === ':') return undefined;
  }
  return quoted + text.slice(copied);
}

function nameAt(text: string, at: number): string | undefined {
  const first = text[at];
  if (first === 'N') return text.startsWith('NaN', at) ? 'NaN' : undefined;
  if (first === 'I') return text.startsWith('Infinity', at) ? 'Infinity' : undefined;
  return first === '-' && text.startsWith('-Infinity', at) ? '-Infinity' : undefined;
}

/** Behind the string that begins at `at`, or behind the end of the text. */
function endOfString(text: string, at: number): number {
  let end = at + 1;
  while (end < text.length && text.charCodeAt(end) !== quote) end += text.charCodeAt(end) === backslash ? 2 : 1;
  return end + 1;
}

/** White space of JSON: space, tab, line feed, carriage return. */
function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x09 || code === 0x0a || code === 0x0d;
}
