import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

/**
 * The last lines of a text file, at most 8 KiB of them; empty where there is none, or none that can be read. `from`: the byte before
 * which nothing counts.
 */
export function lastLines(file: string, count: number, from = 0): string {
  let descriptor: number;
  try {
    descriptor = openSync(file, 'r');
  } catch {
    return '';
  }
  try {
    const { size } = fstatSync(descriptor);
    const bytes = Buffer.alloc(Math.min(Math.max(0, size - from), 8192));
    const length = readSync(descriptor, bytes, 0, bytes.length, size - bytes.length);
    return bytes.toString('utf8', 0, length).trimEnd().split('\n').slice(-count).join('\n').trim();
  } catch {
    return '';
  } finally {
    closeSync(descriptor);
  }
}
