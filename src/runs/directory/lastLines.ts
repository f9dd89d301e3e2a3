import { readEndSync } from '../directory/regularFile.ts';

/**
 * The last lines of a text file, at most 8 KiB of them; empty where there is none, or none that can be read. `from`: the byte before
 * which nothing counts.
 */
export function lastLines(file: string, count: number, from = 0): string {
  return readEndSync(file, 8192, from).trimEnd().split('\n').slice(-count).join('\n').trim();
}
