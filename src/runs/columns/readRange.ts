import { readSync } from 'node:fs';
import type { Stretches } from '../../core/records/stretch.ts';
import type { LineScanner } from './lineScanner.ts';
import type { MetricScanner } from './metricScanner.ts';

/** The lines of a file that begin in [from, to). */
export interface ByteRange {
  readonly from: number;
  readonly to: number;
}

export interface RangeRead {
  readonly stretches: Stretches;
  /** Lines that are no records; empty ones do not count. */
  readonly malformed: number;
  /** Where the first line begins. Ranges that follow each other fit together if one begins where the other ended. */
  readonly begin: number;
  /** Behind the last line that was read. */
  readonly end: number;
  /** The last bytes before `end`. */
  readonly recent: Uint8Array;
}

/** How many bytes before its end a range keeps; see ByteTail. */
const recentBytes = 64;
/** Room that a table gets beyond its steps: a run goes on, and a table that has to grow copies all it has. */
const room = 1.25;
const newline = 0x0a;

/**
 * Reads the lines of an open file that begin in a range and are complete; stops early at a line that is longer than the scanner's
 * input, or where the run goes back all the time. `reserved`: how many bytes of the file the table is to hold in the end. Throws the system's error.
 */
export function readRange(file: number, range: ByteRange, scanner: MetricScanner, reserved: number): RangeRead {
  const reader = new RangeReader(file, range, scanner, reserved);
  while (reader.read());
  const { begin, end, recent } = reader;
  return { stretches: scanner.stretches, malformed: scanner.malformed, begin, end, recent };
}

/** The same, bit by bit. */
export class RangeReader {
  readonly begin: number;
  end: number;
  recent = new Uint8Array();
  private held = 0;

  constructor(
    private readonly file: number,
    private readonly range: ByteRange,
    private readonly scanner: LineScanner,
    private readonly reserved: number,
  ) {
    this.begin = this.end = range.from === 0 ? 0 : firstLine(file, range.from, scanner.input);
  }

  /** Reads on. Returns whether there is more. */
  read(): boolean {
    const { file, scanner, range, reserved, begin, end, held } = this;
    const { input, stretches } = scanner;
    if (end >= range.to) return false;
    const bytesRead = readSync(file, input, held, input.length - held, end + held);
    const length = held + bytesRead;
    // The last line of the range holds the byte before `to`.
    const last = end + length < range.to ? -1 : input.subarray(0, length).indexOf(newline, range.to - 1 - end);
    const used = scanner.scan(last < 0 ? length : last + 1);
    if (used > 0) this.recent = Uint8Array.from(input.subarray(Math.max(0, used - recentBytes), used));
    if (end === begin && used > 0) stretches.reserve(Math.ceil((room * reserved * stretches.steps) / used));
    this.end += used;
    this.held = length - used;
    input.copyWithin(0, used, length);
    return bytesRead > 0 && !stretches.isFull;
  }
}

/** Where the first line begins that does so at or after `from`; the end of the file where none does. */
function firstLine(file: number, from: number, buffer: Buffer): number {
  for (let at = from - 1; ;) {
    const bytesRead = readSync(file, buffer, 0, buffer.length, at);
    const end = buffer.subarray(0, bytesRead).indexOf(newline);
    if (end >= 0) return at + end + 1;
    at += bytesRead;
    if (bytesRead === 0) return at;
  }
}
