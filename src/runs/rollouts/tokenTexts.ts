const slots = 1 << 16;
const longestKept = 48;
const backslash = 0x5c;

interface Known {
  readonly bytes: Buffer;
  readonly text: string;
}

/** Texts of JSON strings by their bytes: the tokens of a step are the same few thousand over and over. */
export class TokenTexts {
  /** By a hash of the bytes; a later one takes the place of another with the same hash. */
  private readonly known: (Known | undefined)[] = Array.from<undefined>({ length: slots });

  /** The text of a JSON string whose content is `bytes` from `from` to before `to`, with some `hash` of these; undefined: it is none. */
  read(bytes: Buffer, from: number, to: number, hash: number): string | undefined {
    if (to - from > longestKept) return decoded(bytes, from, to);
    const slot = (hash ^ (hash >>> 16)) & (slots - 1);
    const known = this.known[slot];
    if (known !== undefined && isSame(known.bytes, bytes, from, to)) return known.text;
    const text = decoded(bytes, from, to);
    if (text !== undefined) this.known[slot] = { bytes: Buffer.from(bytes.subarray(from, to)), text };
    return text;
  }
}

function isSame(known: Buffer, bytes: Buffer, from: number, to: number): boolean {
  if (known.length !== to - from) return false;
  for (let at = 0; at < known.length; at++) if (known[at] !== bytes[from + at]) return false;
  return true;
}

function decoded(bytes: Buffer, from: number, to: number): string | undefined {
  let isPlain = true;
  for (let at = from; at < to; at++) {
    const code = bytes[at]!;
    if (code < 0x20) return undefined;
    if (code === backslash) isPlain = false;
  }
  const text = bytes.toString('utf8', from, to);
  if (isPlain) return text;
  try {
    return JSON.parse(`"${text}"`) as string;
  } catch {
    return undefined;
  }
}
