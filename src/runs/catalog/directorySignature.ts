import type { Stats } from 'node:fs';
import path from 'node:path';
import { runFiles } from '../../core/records/run.ts';

/** Of a run directory, what its signature is made of. */
export function signedFiles(dir: string): readonly string[] {
  return ['', runFiles.events, runFiles.metrics].map((name) => path.join(dir, name));
}

/** Changes with what is there; undefined: nothing is. */
export function directorySignature(files: readonly (Stats | undefined)[]): string {
  return files.map((status) => (status ? `${status.ino} ${status.size} ${status.mtimeMs}` : '')).join();
}
