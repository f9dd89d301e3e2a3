import { existsSync } from 'node:fs';
import path from 'node:path';

/** A file of dist/: the programs stand beside it, the tests somewhere below. It need not be there. */
export function besideProgram(name: string): string {
  for (let folder = __dirname; ; folder = path.dirname(folder)) {
    const file = path.join(folder, name);
    if (existsSync(file) || folder === path.dirname(folder)) return file;
  }
}
