import type { OpenOptions, RunFormat, RunPlace, RunReader, RunSink } from './format.ts';
import { FileTail } from '../directory/fileTail.ts';
import type { LineBreaks } from '../directory/lineSplitter.ts';

/** Makes steps of the lines of a file. */
export interface LineDecoder {
  /**
   * Takes in the next lines, without their newlines; `number` is that of the first, from 1. With `atCarriageReturns` they are pieces of
   * lines: one that ends with a carriage return has more of the same line behind it.
   */
  take(lines: readonly string[], number: number): void;
  /**
   * The file ends here for now: tells what was held back in the hope of more, if that is certain to be whole. `isLast`: nobody will
   * read again, so that there will be no more.
   */
  settle?(isLast: boolean): void;
  /** The file ends within this line for good: tells of it what is certain. */
  takeTorn?(line: string, number: number): void;
}

/** A format whose files are text, read line by line; every file is a run. */
export function lineFormat(
  format: Omit<RunFormat, 'open'>,
  /** A decoder for a file, at its beginning; another one when the file began anew. */
  decoderFor: (sink: RunSink, file: string) => LineDecoder,
  breaks: LineBreaks = {},
): RunFormat {
  return { ...format, open: ({ source }: RunPlace, sink, options) => new LineReader(source, sink, decoderFor, { ...options, ...breaks }) };
}

class LineReader implements RunReader {
  private readonly tail: FileTail;
  private decoder: LineDecoder;
  /** Lines so far. */
  private count = 0;

  constructor(file: string, sink: RunSink, decoderFor: (sink: RunSink, file: string) => LineDecoder, options: OpenOptions & LineBreaks) {
    this.decoder = decoderFor(sink, file);
    this.tail = new FileTail(
      file,
      {
        lines: (lines) => {
          this.decoder.take(lines, this.count + 1);
          this.count += options.atCarriageReturns === true ? lines.filter((line) => !line.endsWith('\r')).length : lines.length;
        },
        overlong: () => sink.malformed({ line: this.count + 1, why: 'it has more than 1 MB without an end' }),
        reset: () => {
          this.count = 0;
          sink.reset();
          this.decoder = decoderFor(sink, file);
        },
      },
      options,
    );
  }

  async read({ isLast = false } = {}): Promise<void> {
    await this.tail.read();
    if (isLast && this.tail.withinLine) this.decoder.takeTorn?.(this.tail.heldText, this.count + 1);
    this.decoder.settle?.(isLast);
  }
}
