import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** `npm run build` puts the kernel and the worker into dist/, somewhere above the bundled tests. */
let folder = path.dirname(fileURLToPath(import.meta.url));
while (!existsSync(path.join(folder, 'reader.wasm'))) {
  if (folder === path.dirname(folder)) throw new Error('reader.wasm is not built. Run "npm run build".');
  folder = path.dirname(folder);
}

export const kernelFile = path.join(folder, 'reader.wasm');
export const workerFile = path.join(folder, 'reader.mjs');
/** The worker that reads runs that have ended for a catalog. */
export const endedFile = path.join(folder, 'ended.mjs');
