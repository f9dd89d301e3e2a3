/** Bytes beyond which a line is no line of text but something else: ten thousand metrics take half of this. */
const longestLine = 1 << 20;

const newline = 0x0a;
const carriageReturn = 0x0d;

/** Where a text is cut. */
export interface LineBreaks {
  /**
   * Whether a carriage return alone ends a piece of a line, as it does in what a program writes to a terminal: a progress bar draws itself
   * anew for hours, in one line. A piece keeps its carriage return, by which it is told from the last one of its line.
   */
  readonly atCarriageReturns?: boolean | undefined;
}

/** Cuts bytes that come in chunks into lines. What follows the last newline is held back: it may not be complete. */
export class LineSplitter {
  private readonly inPieces: boolean;
  private held: Buffer[] = [];
  private heldBytes = 0;
  /** Why the bytes up to the next break are dropped: the line is too long, or nobody knows where it began. */
  private skipping: 'overlong' | 'begun' | undefined;
  /** Lines that were dropped because they were too long to be one; each stands among the others as an empty one. */
  overlong = 0;

  constructor({ atCarriageReturns = false }: LineBreaks = {}) {
    this.inPieces = atCarriageReturns;
  }

  /** Whether the bytes so far end within a line. */
  get withinLine(): boolean {
    return this.heldBytes > 0 || this.skipping !== undefined;
  }

  /** What follows the last newline; empty where it is too long to be a line. */
  get heldText(): string {
    return Buffer.concat(this.held).toString('utf8');
  }

  /** The lines that these bytes complete, without their newlines (`\n` or `\r\n`). The chunk may be used again afterwards. */
  feed(chunk: Buffer): readonly string[] {
    const end = this.lastBreak(chunk);
    if (end < 0) {
      this.hold(chunk);
      return [];
    }
    // Cut before decoding: a chunk may end within a character, a line never does.
    let lines = this.cut(Buffer.concat([...this.held, chunk.subarray(0, end + 1)]).toString('utf8'));
    if (this.skipping === 'overlong') lines = [lines[0]?.endsWith('\r') === true ? '\r' : '', ...lines.slice(1)];
    else if (this.skipping === 'begun') lines = lines.slice(1);
    this.clear();
    this.hold(chunk.subarray(end + 1));
    return lines;
  }

  /** Drops everything up to the next newline: the bytes to come begin within a line. */
  skipLine(): void {
    this.clear();
    this.skipping = 'begun';
  }

  /** Forgets what is held back, because the file began anew. */
  clear(): void {
    this.held = [];
    this.heldBytes = 0;
    this.skipping = undefined;
  }

  /** Index of the last byte that ends a line, or a piece of one; −1: none does. */
  private lastBreak(chunk: Buffer): number {
    const end = chunk.lastIndexOf(newline);
    if (!this.inPieces) return end;
    // Carriage returns at the very end may belong to the newline that comes next.
    let last = chunk.length - 1;
    while (last >= 0 && chunk[last] === carriageReturn) last--;
    return last < 0 ? -1 : Math.max(end, chunk.lastIndexOf(carriageReturn, last));
  }

  /** The lines of a text that ends with a break. */
  private cut(text: string): readonly string[] {
    if (!text.includes('\r')) return text.split('\n').slice(0, -1);
    if (!this.inPieces) return text.split(/\r?\n/).slice(0, -1);
    // The look behind keeps this linear: a run of carriage returns is looked at once, not from each of them.
    const pieces = text.replaceAll(/(?<!\r)\r+\n/g, '\n').split(/\n|(?<=\r)/);
    return text.endsWith('\n') ? pieces.slice(0, -1) : pieces;
  }

  private hold(bytes: Buffer): void {
    if (bytes.length === 0 || this.skipping !== undefined) return;
    if (this.heldBytes + bytes.length > longestLine) {
      this.clear();
      this.skipping = 'overlong';
      this.overlong++;
      return;
    }
    this.held.push(Buffer.from(bytes));
    this.heldBytes += bytes.length;
  }
}
