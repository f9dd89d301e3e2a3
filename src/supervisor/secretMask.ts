/** Bytes below which a value is too common to be looked for in everything that is printed. */
export const leastLength = 8;
/** What stands for a secret. */
const mask = Buffer.from('***');

/** A text without secrets. */
export function withoutSecrets(text: string, secrets: readonly string[]): string {
  const mask = new SecretMask(secrets);
  return Buffer.concat([mask.feed(Buffer.from(text)).bytes, mask.end()]).toString('utf8');
}

/** A piece of output, and whether bytes are held back behind it. */
interface MaskedBytes {
  readonly bytes: Buffer;
  readonly holdsBack: boolean;
}

/**
 * Replaces secrets in bytes that come in chunks, also where one is cut in two. Bytes are held back only where a chunk ends with what a
 * secret begins with.
 */
export class SecretMask {
  /** Longest first: of two that begin alike the longer one is the one that is there. */
  private readonly secrets: readonly Buffer[];
  private held: Buffer = Buffer.alloc(0);
  /** How many of the held bytes were given out after all, because nothing followed for too long. */
  private given = 0;

  constructor(secrets: readonly string[]) {
    this.secrets = [...new Set(secrets)]
      .map((secret) => Buffer.from(secret))
      .filter(({ length }) => length >= leastLength)
      .sort((a, b) => b.length - a.length);
  }

  feed(chunk: Buffer): MaskedBytes {
    if (this.secrets.length === 0) return { bytes: chunk, holdsBack: false };
    const text = this.held.length === 0 ? chunk : Buffer.concat([this.held, chunk]);
    const pieces: Buffer[] = [];
    /** Up to here everything is decided, and up to there given out: more where there was a pause. */
    let end = 0;
    let from = this.given;
    const next = this.secrets.map((secret) => ({ secret, at: text.indexOf(secret) }));
    let keep = this.beginningIn(text, 0);
    for (;;) {
      for (const each of next) if (each.at >= 0 && each.at < end) each.at = text.indexOf(each.secret, end);
      const found = next.filter(({ at }) => at >= 0).toSorted((a, b) => a.at - b.at)[0];
      // One within what may be the beginning of a longer one waits for that.
      if (found === undefined || keep <= found.at) break;
      pieces.push(text.subarray(from, Math.max(from, found.at)), mask);
      end = found.at + found.secret.length;
      from = Math.max(from, end);
      if (keep < end) keep = this.beginningIn(text, end);
    }
    pieces.push(text.subarray(from, Math.max(from, keep)));
    this.held = Buffer.from(text.subarray(keep));
    this.given = Math.max(0, from - keep);
    return { bytes: pieces.length === 1 ? (pieces[0] as Buffer) : Buffer.concat(pieces), holdsBack: this.given < this.held.length };
  }

  /**
   * What is held back, where nothing has followed it for a while: it is remembered, in case that the rest of a secret follows. What is long
   * enough to be of use to somebody is only given with what shows that it is no secret.
   */
  flush(): Buffer {
    if (this.held.length >= leastLength) return this.held.subarray(this.held.length);
    const bytes = this.held.subarray(this.given);
    this.given = this.held.length;
    return bytes;
  }

  /** The end of the output: such a beginning of a secret is replaced as well. */
  end(): Buffer {
    const rest = this.held.subarray(this.given);
    const isLong = this.held.length >= leastLength;
    this.held = Buffer.alloc(0);
    this.given = 0;
    return isLong ? mask : rest;
  }

  /** Where, from `from`, the end of a text may be the beginning of a secret; its length where nowhere. */
  private beginningIn(text: Buffer, from: number): number {
    let earliest = text.length;
    for (const secret of this.secrets) {
      let at = Math.max(from, text.length - secret.length + 1);
      for (; (at = text.indexOf(secret[0] as number, at)) >= 0 && at < earliest; at++)
        if (text.compare(secret, 0, text.length - at, at) === 0) earliest = at;
    }
    return earliest;
  }
}
