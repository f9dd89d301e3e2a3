import type { OpenOptions, RunFormat, RunPlace, RunReader, RunSink } from './format.ts';
import { FileTail } from '../directory/fileTail.ts';

/** Makes steps of the lines of a file. */
export interface LineDecoder {
  /** Takes in the next lines, without their newlines; `number` is that of the first, from 1. */
  take(lines: readonly string[], number: number): void;
  /** The file ends here for now: tells what was held back in the hope of more, if that is certain to be whole. */
  settle?(): void;
  /** The file ends within this line for good: tells of it what is certain. */
  takeTorn?(line: string, number: number): void;
}

/** A format whose files are text, read line by line; every file is a run. */
export function lineFormat(
  format: Omit<RunFormat, 'open'>,
  /** A decoder for a file, at its beginning; another one when the file began anew. */
  decoderFor: (sink: RunSink, file: string) => LineDecoder,
): RunFormat {
  return { ...format, open: ({ source }: RunPlace, sink, options) => new LineReader(source, sink, decoderFor, options) };
}

class LineReader implements RunReader {
  private readonly tail: FileTail;
  private decoder: LineDecoder;
  /** Lines so far. */
  private count = 0;

  constructor(file: string, sink: RunSink, decoderFor: (sink: RunSink, file: string) => LineDecoder, { signal }: OpenOptions = {}) {
    this.decoder = decoderFor(sink, file);
    this.tail = new FileTail(
      file,
      {
        lines: (lines) => {
          this.decoder.take(lines, this.count + 1);
          this.count += lines.length;
        },
        reset: () => {
          this.count = 0;
          sink.reset();
          this.decoder = decoderFor(sink, file);
        },
      },
      { signal },
    );
  }

  async read({ isLast = false } = {}): Promise<void> {
    await this.tail.read();
    if (isLast && this.tail.withinLine) this.decoder.takeTorn?.(this.tail.heldText, this.count + 1);
    this.decoder.settle?.();
  }
}
