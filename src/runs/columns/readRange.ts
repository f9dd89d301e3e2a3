import { readSync } from 'node:fs';
import type { Stretches } from '../../core/records/stretch.ts';
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
export function readRange(file: number, { from, to }: ByteRange, scanner: MetricScanner, reserved: number): RangeRead {
  const { input, stretches } = scanner;
  const begin = from === 0 ? 0 : firstLine(file, from, input);
  let end = begin;
  let held = 0;
  let recent = new Uint8Array();
  while (end < to) {
    const bytesRead = readSync(file, input, held, input.length - held, end + held);
    const length = held + bytesRead;
    // The last line of the range holds the byte before `to`.
    const last = end + length < to ? -1 : input.subarray(0, length).indexOf(newline, to - 1 - end);
    const used = scanner.scan(last < 0 ? length : last + 1);
    if (used > 0) recent = Uint8Array.from(input.subarray(Math.max(0, used - recentBytes), used));
    if (end === begin && used > 0) stretches.reserve(Math.ceil((room * reserved * stretches.steps) / used));
    end += used;
    held = length - used;
    input.copyWithin(0, used, length);
    if (bytesRead === 0 || stretches.isFull) break;
  }
  return { stretches, malformed: scanner.malformed, begin, end, recent };
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
