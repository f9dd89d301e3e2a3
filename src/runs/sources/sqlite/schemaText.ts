import { closeSync, readSync } from 'node:fs';
import { openRegularSync } from '../../directory/regularFile.ts';
import type { Glimpse } from '../format.ts';
import { isDatabase } from './databaseFile.ts';

/** The schema of a store stands among its first pages, though not in the first 64 KiB: MLflow's makes itself anew again and again. */
const mostBytes = 4 << 20;

/** The beginnings of a database and of its log, in which its schema is to be found, as text; empty: the file is no database. */
export function schemaText({ file, head }: Glimpse): string {
  if (!isDatabase(head)) return '';
  return `${beginningOf(file)}${beginningOf(`${file}-wal`)}`;
}

function beginningOf(file: string): string {
  let descriptor: number | undefined;
  try {
    descriptor = openRegularSync(file);
    const bytes = Buffer.allocUnsafe(mostBytes);
    return bytes.toString('latin1', 0, readSync(descriptor, bytes, 0, bytes.length, 0));
  } catch {
    return '';
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}
