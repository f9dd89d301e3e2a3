import type { Random } from '../../src/core/random.ts';

/** Pieces that parsers stumble over: of JSON, of Python's JSON, of text files. */
const pieces: readonly string[] = [
  '{', '}', '[', ']', ',', ':', '"', '\\', '\\"', '\\u', '\\ud800', '\\u0000', '/', '//', '/*', '*/', '#',
  '\n', '\r\n', '\r', '\t', ' ', '\u00a0', '\u2028', '\ufeff', '\0', '\u001b[31m', '\ud83d', '\udc00', '😀', 'é', '\ufffd',
  'null', 'true', 'false', 'NaN', 'Infinity', '-Infinity', 'undefined', 'nan', 'inf',
  '0', '-0', '1', '-1', '1.', '.5', '01', '1e999', '-1e999', '1e-999', '5e-324', '9007199254740993', '1e400', '1E+2', '0x10',
  '123456789012345678901234567890', '"NaN"', '"Infinity"', '""', '{}', '[]', '[[]]', '{"":{}}',
  '"__proto__":', '"constructor":', '"toString":', '"step":', '"data":', '"time":', '"length":', '"step":1,"step":2,',
]; // prettier-ignore

/** Values that a key may have in a document that somebody else wrote. */
const oddValues: readonly unknown[] = [
  null, true, false, 0, -0, -1, 0.5, 1e308, -1e308, 5e-324, 2 ** 53, 2 ** 53 + 2, 4294967296, -2147483649, Number.NaN, Infinity, -Infinity,
  '', 'a', 'NaN', '1', '\0', '../../x', '__proto__', 'é😀\ud800', '\u001b[2J', [], {}, [[]], [null], [1, 'a', null], { a: 1 }, { length: 3 },
  { toString: 1 }, undefined,
]; // prettier-ignore

export function pick<T>(random: Random, from: readonly T[]): T {
  return from[random.integer(from.length)] as T;
}

/** Most inputs are small; some are as big as such a file may be. */
function someSize(random: Random, most: number): number {
  const chance = random.uniform();
  const limit = chance < 0.97 ? 2048 : chance < 0.9985 ? 65_536 : most;
  return Math.ceil(random.uniform() * Math.min(limit, most));
}

/** JSON that is as full as its size allows: what takes most memory is what is short. */
export function fullDocument(random: Random, most: number): string {
  const unit = pick(random, ['{}', '[]', '0', '""', '{"a":1}', '[[]]', '"x"', 'null', '1.5', 'NaN', '{"a":{}}']);
  const size = Math.ceil(random.uniform() * most);
  const list = `[${`${unit},`.repeat(Math.floor((size - 20) / (unit.length + 1)))}0]`;
  return random.chance(0.5) ? list : `{"step":1,"data":${list}}`;
}

/** A text near `base`, cut, repeated, spliced and strewn with what parsers stumble over; at most about `most` characters. */
export function mutatedText(random: Random, base: string, most: number): string {
  let text = base;
  const size = someSize(random, most);
  if (random.chance(0.3) && size > text.length) text = grown(random, text, size);
  for (let left = random.integer(6); left > 0; left--) text = mutatedOnce(random, text);
  return text.slice(0, most);
}

/** The same for bytes: a text whose bytes need not be characters. */
export function mutatedBytes(random: Random, base: Buffer, most: number): Buffer {
  if (random.chance(0.5)) return Buffer.from(mutatedText(random, base.toString('utf8'), most)).subarray(0, most);
  const bytes = Buffer.from(base);
  for (let left = 1 + random.integer(6); left > 0 && bytes.length > 0; left--) bytes[random.integer(bytes.length)] = random.integer(256);
  return random.chance(0.3) ? bytes.subarray(0, random.integer(bytes.length + 1)) : bytes;
}

/** A value like `base`, in which some entries are something else, missing, too many or too deep. */
export function mutatedValue(random: Random, base: unknown): unknown {
  let value: unknown = structuredClone(base);
  for (let left = 1 + random.integer(3); left > 0; left--) value = withOddEntry(random, value);
  return value;
}

function withOddEntry(random: Random, value: unknown): unknown {
  if (random.chance(0.15) || typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return oddValue(random);
  const keys = Object.keys(value);
  const isNew = keys.length === 0 || random.chance(0.05);
  // A list has entries and nothing else: what came from JSON has no keys of another kind.
  const key = isNew
    ? Array.isArray(value)
      ? String(value.length)
      : pick(random, ['__proto__', 'constructor', 'x', '0', ''])
    : pick(random, keys);
  const object = value as Record<string, unknown>;
  if (random.chance(0.1)) {
    if (Array.isArray(value)) value.splice(random.integer(value.length + 1), random.integer(2), oddValue(random));
    else delete object[key];
    return value;
  }
  // Never what an object inherits: that would be changed for the whole process.
  const changed = withOddEntry(random, Object.hasOwn(object, key) ? object[key] : undefined);
  Object.defineProperty(object, key, { value: changed, enumerable: true, configurable: true, writable: true });
  return value;
}

function oddValue(random: Random): unknown {
  const kind = random.integer(40);
  if (kind === 0) return 'x'.repeat(someSize(random, 100_000));
  if (kind === 1) return Array.from({ length: someSize(random, 20_000) }, () => structuredClone(pick(random, oddValues)));
  if (kind === 2) return nested(random, 1 + random.integer(300));
  if (kind === 3) return Object.fromEntries(Array.from({ length: random.integer(1000) }, (_, index) => [`k${index}`, index]));
  return structuredClone(pick(random, oddValues));
}

function nested(random: Random, levels: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < levels; level++) value = random.chance(0.5) ? [value] : { a: value };
  return value;
}

function mutatedOnce(random: Random, text: string): string {
  const from = random.integer(text.length + 1);
  const to = Math.min(text.length, from + random.integer(random.chance(0.2) ? text.length + 1 : 20));
  switch (random.integer(7)) {
    case 0:
      return text.slice(0, from);
    case 1:
      return text.slice(0, from) + text.slice(to);
    case 2:
      return text.slice(0, to) + text.slice(from);
    case 3:
      return text.slice(0, from) + pick(random, pieces) + text.slice(to);
    case 4:
      return text.slice(0, from) + String.fromCharCode(random.integer(random.chance(0.8) ? 128 : 65_536)) + text.slice(from + 1);
    default:
      return text.slice(0, from) + pick(random, pieces) + text.slice(from);
  }
}

/** One thing over and over in the middle of a text, until it is `size` characters long: what is not linear shows. */
function grown(random: Random, text: string, size: number): string {
  const at = random.integer(text.length + 1);
  const slice = text.slice(at, at + 1 + random.integer(60));
  const unit = random.chance(0.5) && slice !== '' ? slice : pick(random, pieces) + (random.chance(0.3) ? pick(random, pieces) : '');
  return text.slice(0, at) + unit.repeat(Math.ceil((size - text.length) / unit.length)) + text.slice(at);
}
