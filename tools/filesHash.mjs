import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';

/** A hash of the names and contents of files, and of all that is in folders, given relative to `root`. What is not there does not count. */
export function filesHash(root, names) {
  const hash = createHash('sha256');
  const add = (file) => {
    if (!existsSync(file)) return;
    if (statSync(file).isDirectory()) for (const name of readdirSync(file).sort()) add(path.join(file, name));
    else hash.update(path.relative(root, file)).update('\0').update(readFileSync(file)).update('\0');
  };
  for (const name of names) add(path.join(root, name));
  return hash.digest('hex');
}
