import { RayError } from './rayError.ts';

/** Characters by which a log is known again. It begins with the time at which the job was taken on, in milliseconds. */
const headLength = 256;

/**
 * A job's log, of which the cluster always gives the whole: tells what is new in it. A log that begins differently is another one (the
 * cluster has begun it anew), and is new from its start; one that is shorter than before has nothing new.
 */
export class JobLog {
  private head = '';
  /** In the reading that goes on: characters within the head, and bytes. */
  private within = 0;
  private at = 0;

  /** `bytes` of the log, as UTF-8, that were taken before. */
  constructor(private bytes = 0) {}

  /** Bytes of the log that were taken. */
  get taken(): number {
    return this.bytes;
  }

  /** The log is read from its start again. */
  begin(): void {
    this.within = 0;
    this.at = 0;
  }

  /** The next piece of the log; returns what is new of it, as UTF-8. */
  take(text: string): Buffer {
    if (this.within < headLength) {
      const piece = text.slice(0, headLength - this.within);
      const expected = this.head.slice(this.within, this.within + piece.length);
      if (!piece.startsWith(expected)) {
        const before = this.head.slice(0, this.within);
        this.head = '';
        this.bytes = 0;
        this.begin();
        return this.take(before + text);
      }
      if (piece.length > expected.length) this.head = this.head.slice(0, this.within) + piece;
      this.within += piece.length;
    }
    const bytes = Buffer.from(text);
    const start = Math.max(0, this.bytes - this.at);
    this.at += bytes.length;
    this.bytes = Math.max(this.bytes, this.at);
    return bytes.subarray(start);
  }
}

/** Characters before the log in an answer: `{"logs": "`. */
const longestOpening = 1000;

/** The log in an answer of `GET /api/jobs/ID/logs`, `{"logs": "…"}`, as it arrives: it may be far too long for the memory. */
export class LogAnswer {
  private readonly decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  private rest = '';
  private part: 'opening' | 'log' | 'end' = 'opening';

  /** Returns what of the log is in the next bytes. Throws a RayError where the answer is no log. */
  take(bytes: Uint8Array): string {
    this.rest += this.decoder.decode(bytes, { stream: true });
    if (this.part === 'opening' && !this.openLog()) return '';
    if (this.part === 'end') {
      this.rest = '';
      return '';
    }
    const end = this.endOfWhole();
    const json = this.rest.slice(0, end);
    this.rest = this.rest.slice(end);
    if (this.rest.startsWith('"')) this.part = 'end';
    try {
      return JSON.parse(`"${json}"`) as string;
    } catch (error) {
      throw notALog(error);
    }
  }

  /** The answer is over. Throws a RayError where that was no log, or not the whole of it. */
  end(): void {
    if (this.part !== 'end') throw notALog();
  }

  private openLog(): boolean {
    const [opening] = /^\s*\{\s*"logs"\s*:\s*"/.exec(this.rest) ?? [];
    if (opening === undefined) {
      if (this.rest.length > longestOpening || !/^\s*(\{|$)/.test(this.rest)) throw notALog();
      return false;
    }
    this.rest = this.rest.slice(opening.length);
    this.part = 'log';
    return true;
  }

  /** Where the last character ends that is there as a whole, or the quote that ends the log. */
  private endOfWhole(): number {
    const text = this.rest;
    for (let at = 0; at < text.length;) {
      const code = text.charCodeAt(at);
      if (code === 0x22) return at;
      if (code !== 0x5c) {
        at++;
        continue;
      }
      let length = text[at + 1] === 'u' ? 6 : 2;
      if (/^\\u[dD][89abAB]/.test(text.slice(at, at + 4))) {
        // Half a character, if another escape follows.
        const next = text.slice(at + 6, at + 8);
        if (next === '' || next === '\\') return at;
        if (next === '\\u') length = 12;
      }
      if (at + length > text.length) return at;
      at += length;
    }
    return text.length;
  }
}

function notALog(cause?: unknown): RayError {
  return new RayError('stranger', 'What answers there is no Ray head: it was asked for the log of a job, and gave something else.', {
    cause,
  });
}
