/** Bytes beyond which a line is no line of text but something else: ten thousand metrics take half of this. */
const longestLine = 1 << 20;

/** Cuts bytes that come in chunks into lines. What follows the last newline is held back: it may not be complete. */
export class LineSplitter {
  private held: Buffer[] = [];
  private heldBytes = 0;
  private skipping = false;
  /** Lines that were dropped because they were too long to be one. */
  overlong = 0;

  /** Whether the bytes so far end within a line. */
  get withinLine(): boolean {
    return this.heldBytes > 0 || this.skipping;
  }

  /** What follows the last newline; empty where it is too long to be a line. */
  get heldText(): string {
    return Buffer.concat(this.held).toString('utf8');
  }

  /** The lines that these bytes complete, without their newlines (`\n` or `\r\n`). The chunk may be used again afterwards. */
  feed(chunk: Buffer): readonly string[] {
    const end = chunk.lastIndexOf(0x0a);
    if (end < 0) {
      this.hold(chunk);
      return [];
    }
    // Cut before decoding: a chunk may end within a character, a line never does.
    const complete = Buffer.concat([...this.held, chunk.subarray(0, end + 1)]).toString('utf8');
    const lines = complete.split(complete.includes('\r') ? /\r?\n/ : '\n').slice(0, -1);
    if (this.skipping) lines.shift();
    this.clear();
    this.hold(chunk.subarray(end + 1));
    return lines;
  }

  /** Drops everything up to the next newline: the bytes to come begin within a line. */
  skipLine(): void {
    this.clear();
    this.skipping = true;
  }

  /** Forgets what is held back, because the file began anew. */
  clear(): void {
    this.held = [];
    this.heldBytes = 0;
    this.skipping = false;
  }

  private hold(bytes: Buffer): void {
    if (bytes.length === 0 || this.skipping) return;
    if (this.heldBytes + bytes.length > longestLine) {
      this.clear();
      this.skipping = true;
      this.overlong++;
      return;
    }
    this.held.push(Buffer.from(bytes));
    this.heldBytes += bytes.length;
  }
}
