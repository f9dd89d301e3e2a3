import { FileTail } from './fileTail.ts';
import type { TailListener } from './fileTail.ts';
import { unreadable } from './runDirectoryError.ts';

/** What became of the lines of a file. */
export interface LinesRead {
  /** Lines that were not taken; empty ones do not count. */
  readonly malformed: number;
  /** Whether the file ends within a line, which was held back. */
  readonly torn: boolean;
}

/**
 * Hands each complete line of a file to `take`, which tells whether it was a record. A missing file has no lines. `bulk`: takes in the
 * beginning of a long file at one go, as for a FileTail.
 */
export async function readLines(file: string, take: (line: string) => boolean, bulk?: TailListener['bulk']): Promise<LinesRead> {
  let malformed = 0;
  const lines = (batch: readonly string[]): void => {
    for (const line of batch) if (!take(line) && line.trim() !== '') malformed++;
  };
  const tail = new FileTail(file, { lines, reset: () => undefined, ...(bulk && { bulk }) });
  try {
    await tail.read();
  } catch (error) {
    throw unreadable(file, error);
  }
  return { malformed: malformed + tail.overlongLines, torn: tail.withinLine };
}
