import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** Root folder of this package, found by walking up from `start`, so that it is the same for a source file and its bundle. */
export function packageRoot(start = path.dirname(fileURLToPath(import.meta.url))): string {
  for (let folder = start; ; folder = path.dirname(folder)) {
    if (packageName(folder) === 'otb-run-inspector') return folder;
    if (folder === path.dirname(folder)) throw new Error(`${start} is not inside the otb-run-inspector package; install it again.`);
  }
}

/** Version in this package's package.json. */
export function packageVersion(root: string): string {
  return (JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as { version: string }).version;
}

function packageName(folder: string): unknown {
  const file = path.join(folder, 'package.json');
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as { name?: unknown }).name : undefined;
}
