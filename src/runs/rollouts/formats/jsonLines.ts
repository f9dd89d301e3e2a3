import { bytesText } from '../../../core/notation.ts';
import { parse } from '../../../core/records/json.ts';
import { openRegular } from '../../directory/regularFile.ts';
import { RunDirectoryError, unreadable } from '../../directory/runDirectoryError.ts';
import { byteLines } from '../byteLines.ts';

/** A row of a file, its number from 1, or what is wrong with it, as a part of a sentence. */
export type ReadRow = { readonly line: number; readonly value: unknown } | { readonly line: number; readonly problem: string };

/** Bytes beyond which a line is no response; one of 100,000 tokens with ten numbers each takes half of it. */
const longestLine = 32 << 20;
/** Of JSON in a line. */
const mostValues = 4_000_000;

/**
 * The lines of a JSONL file, one at a time; empty ones are left out. What stands behind the last newline counts where it is whole, and
 * waits where it is not. Throws a RunDirectoryError where the file cannot be read.
 */
export async function* jsonLines(file: string): AsyncGenerator<ReadRow> {
  const handle = await openRegular(file).catch((error: unknown) => {
    throw unreadable(file, error);
  });
  try {
    const { size } = await handle.stat();
    for await (const { number: line, bytes, from, to, isOverlong, read } of byteLines(handle, longestLine)) {
      if (isOverlong) {
        yield { line, problem: `is longer than ${bytesText(longestLine)}` };
        continue;
      }
      const text = bytes.toString('utf8', from, to);
      if (text.trim() === '') continue;
      const value = parse(text, { values: mostValues });
      if (value !== undefined) yield { line, value };
      else if (read < size) yield { line, problem: text.includes('\0') ? 'is not text' : 'is not valid JSON' };
    }
  } catch (error) {
    throw error instanceof RunDirectoryError ? error : unreadable(file, error);
  } finally {
    await handle.close();
  }
}
