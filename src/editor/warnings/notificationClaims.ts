import { createHash } from 'node:crypto';
import { mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';

/** Milliseconds after which a claim is of no use: the run is long over. */
const lifetime = 30 * 24 * 3600 * 1000;

/** Which notifications have been shown, by whichever window: the one that creates the file of a notification shows it. */
export class NotificationClaims {
  constructor(private readonly folder: string) {}

  /** Whether no window has claimed this before; from now on one has. */
  async claim(what: string): Promise<boolean> {
    const name = createHash('sha256').update(what).digest('hex').slice(0, 32);
    try {
      await mkdir(this.folder, { recursive: true });
      await writeFile(path.join(this.folder, name), '', { flag: 'wx' });
      return true;
    } catch (error) {
      // A warning that comes twice is better than one that does not come.
      return (error as NodeJS.ErrnoException).code !== 'EEXIST';
    }
  }

  /** Removes old claims. */
  async prune(): Promise<void> {
    for (const name of await readdir(this.folder).catch(() => [])) {
      const file = path.join(this.folder, name);
      const status = await stat(file).catch(() => undefined);
      if (status && Date.now() - status.mtimeMs > lifetime) await rm(file, { force: true });
    }
  }
}
