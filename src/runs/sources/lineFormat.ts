import { setImmediate as nextTurn } from 'node:timers/promises';
import { besideProgram } from '../besideProgram.ts';
import { LineScanner } from '../columns/lineScanner.ts';
import type { ScannedLines } from '../columns/lineScanner.ts';
import { RangeReader } from '../columns/readRange.ts';
import type { TailPosition } from '../directory/byteTail.ts';
import { FileTail } from '../directory/fileTail.ts';
import { LineSplitter } from '../directory/lineSplitter.ts';
import type { LineBreaks } from '../directory/lineSplitter.ts';
import type { OpenOptions, RunFormat, RunPlace, RunReader, RunSink } from './format.ts';
import { GatheringSink } from './gatheringSink.ts';

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
  /** For lines that differ in their numbers alone, which are read much faster; left out: there are none. */
  readonly shaped?: ShapedLines | undefined;
}

/**
 * A record of a line has to be what `take` would tell of that line; what else that would do is done by `took`. The decoder is asked to
 * `settle` after every line that it takes, and does not `forget`.
 */
export type ShapedLines = Omit<ScannedLines, 'take'>;

/** A format whose files are text, read line by line; every file is a run. */
export function lineFormat(
  format: Omit<RunFormat, 'open'>,
  /** A decoder for a file, at its beginning; another one when the file began anew. */
  decoderFor: (sink: RunSink, file: string) => LineDecoder,
  breaks: LineBreaks = {},
): RunFormat {
  return { ...format, open: ({ source }: RunPlace, sink, options) => new LineReader(source, sink, decoderFor, { ...options, ...breaks }) };
}

/** Bytes of a file that is worth the kernel. */
const bigFile = 1 << 20;
/** Milliseconds after which others get their turn. */
const turn = 20;

class LineReader implements RunReader {
  private readonly tail: FileTail;
  private readonly gathering: GatheringSink;
  private decoder: LineDecoder;
  /** Lines so far. */
  private count = 0;

  constructor(
    file: string,
    sink: RunSink,
    private readonly decoderFor: (sink: RunSink, file: string) => LineDecoder,
    private readonly options: OpenOptions & LineBreaks,
  ) {
    this.gathering = new GatheringSink(sink);
    this.decoder = decoderFor(this.gathering, file);
    this.tail = new FileTail(
      file,
      {
        lines: (lines) => this.takeLines(lines),
        bulk: (descriptor, size) => this.takeBulk(descriptor, size),
        overlong: () => sink.malformed({ line: this.count + 1, why: 'it has more than 1 MB without an end' }),
        reset: () => this.reset(),
      },
      options,
    );
  }

  async read({ isLast = false } = {}): Promise<void> {
    await this.tail.read();
    if (isLast && this.tail.withinLine) this.decoder.takeTorn?.(this.tail.heldText, this.count + 1);
    this.decoder.settle?.(isLast);
  }

  private reset(): void {
    // What was read is all that will come of the file that was there.
    this.decoder.settle?.(true);
    this.count = 0;
    this.gathering.reset();
    this.decoder = this.decoderFor(this.gathering, this.tail.file);
  }

  private takeLines(lines: readonly string[]): void {
    this.decoder.take(lines, this.count + 1);
    this.count += this.options.atCarriageReturns === true ? lines.filter((line) => !line.endsWith('\r')).length : lines.length;
  }

  /** Reads the whole lines of a big file, up to one that is too long to be one. */
  private async takeBulk(file: number, size: number): Promise<TailPosition | undefined> {
    const { shaped } = this.decoder;
    const scanner = shaped && size >= bigFile ? this.scannerFor(shaped) : undefined;
    if (!scanner) return undefined;
    const range = new RangeReader(file, { from: 0, to: size }, scanner, size);
    this.gathering.gather(scanner);
    try {
      for (let began = performance.now(); !this.options.signal?.aborted && range.read();) {
        if (performance.now() - began < turn) continue;
        await nextTurn();
        began = performance.now();
      }
      this.decoder.settle?.(false);
      this.gathering.pass();
    } catch (error) {
      // The file will be read from its beginning again.
      this.reset();
      throw error;
    }
    return { end: range.end, recent: range.recent };
  }

  private scannerFor(shaped: ShapedLines): LineScanner | undefined {
    const splitter = new LineSplitter(this.options);
    const take = (line: Buffer): boolean => {
      const before = this.gathering.told;
      this.takeLines(splitter.feed(line));
      this.decoder.settle?.(false);
      return this.gathering.told !== before;
    };
    const lines: ScannedLines = {
      textsOf: (line) => shaped.textsOf(line),
      recordOf: (line) => shaped.recordOf(line),
      get longest() {
        return shaped.longest ?? Infinity;
      },
      wholeSteps: shaped.wholeSteps ?? false,
      take,
      placeTimes: (times) => shaped.placeTimes?.(times),
      took: (count, ...rest) => {
        this.count += count;
        shaped.took?.(count, ...rest);
      },
    };
    try {
      return new LineScanner(besideProgram('reader.wasm'), lines);
    } catch {
      return undefined;
    }
  }
}
