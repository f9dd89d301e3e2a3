import { ByteTail } from './byteTail.ts';
import type { ByteTailOptions, TailPosition } from './byteTail.ts';
import { LineSplitter } from './lineSplitter.ts';
import type { LineBreaks } from './lineSplitter.ts';

export interface TailListener {
  /** Complete lines, in order; a big file comes in several calls, each after what the one before it promised. */
  lines(lines: readonly string[]): unknown;
  /** Takes in the beginning of the open file, which is `size` bytes long, at one go. Undefined: it does not, the lines shall come. */
  bulk?(file: number, size: number): Promise<TailPosition | undefined>;
  /** The line behind those that came last is too long to be one; it comes as an empty one. */
  overlong?(): void;
  /** The file began anew (truncated, rotated, deleted): what came before is no longer in it. */
  reset(): void;
}

/** `lastBytes`: the first line is the next one. */
export interface TailOptions extends ByteTailOptions, LineBreaks {}

/** Reads a growing text file bit by bit: each `read` gives the lines that are new. Begins again where a `ByteTail` does. */
export class FileTail {
  private readonly listener: TailListener;
  private readonly splitter: LineSplitter;
  private readonly tail: ByteTail;

  constructor(file: string, listener: TailListener, options: TailOptions = {}) {
    this.listener = listener;
    this.splitter = new LineSplitter(options);
    const bytes = (chunk: Buffer) => this.feed(chunk);
    const bulk = async (descriptor: number, size: number) => listener.bulk?.(descriptor, size);
    const skipped = () => {
      this.splitter.skipLine();
    };
    const reset = () => {
      this.splitter.clear();
      listener.reset();
    };
    this.tail = new ByteTail(file, { bytes, bulk, skipped, reset }, options);
  }

  get file(): string {
    return this.tail.file;
  }

  /** Lines dropped because they were too long to be one. */
  get overlongLines(): number {
    return this.splitter.overlong;
  }

  /** Whether the file, as far as it was read, ends within a line. */
  get withinLine(): boolean {
    return this.splitter.withinLine;
  }

  /** The beginning of that line; empty where it is too long to be one. */
  get heldText(): string {
    return this.splitter.heldText;
  }

  /**
   * Reads to the end of the file as it is now. Throws the system's error unless the file is merely not there, and an
   * UnusableFileError where it is no regular file.
   */
  read(): Promise<void> {
    return this.tail.read();
  }

  private async feed(chunk: Buffer): Promise<void> {
    const { overlong } = this.splitter;
    const lines = this.splitter.feed(chunk);
    if (lines.length > 0) await this.listener.lines(lines);
    if (this.splitter.overlong > overlong) this.listener.overlong?.();
  }
}
