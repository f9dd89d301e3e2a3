import { watch } from 'node:fs';
import type { FSWatcher } from 'node:fs';

export interface WatchOptions {
  /** Milliseconds between looks where the system reports no change; it misses some, and on network file systems all. */
  readonly pollMs?: number;
  /** Least milliseconds between looks: many small writes are taken in together. */
  readonly gatherMs?: number;
}

/**
 * Looks at a directory now, after every change, and every so often; one look at a time. The directory need not be there: `look`
 * tells whether it is. Keeps the process alive until it is closed.
 */
export class DirectoryWatch {
  /** Settles after the first look. What a look throws ends the watch as an unhandled rejection: it is a mistake in a program. */
  readonly firstLook: Promise<void>;
  private readonly dir: string;
  private readonly look: () => Promise<boolean>;
  private readonly pollMs: number;
  private readonly gatherMs: number;
  private watcher: FSWatcher | undefined;
  private changed = false;
  private closed = false;
  /** Whether the present pause is to end at a change. */
  private idle = false;
  /** Ends the present pause. */
  private wake: () => void = () => undefined;
  /** Those who wait for the next look. */
  private readonly waiting: (() => void)[] = [];

  constructor(dir: string, look: () => Promise<boolean>, { pollMs = 1000, gatherMs = 100 }: WatchOptions = {}) {
    this.dir = dir;
    this.look = look;
    this.pollMs = pollMs;
    this.gatherMs = gatherMs;
    this.firstLook = new Promise((resolve) => void this.loop(resolve));
  }

  /** Looks at once, and settles when that is done: for those who must know what is there now. */
  lookNow(): Promise<void> {
    if (this.closed) return Promise.resolve();
    return new Promise((resolve) => {
      this.waiting.push(resolve);
      this.wake();
    });
  }

  /** Looks no more; a look under way is finished. */
  close(): void {
    this.closed = true;
    this.unwatch();
    this.wake();
    for (const resolve of this.waiting.splice(0)) resolve();
  }

  private async loop(onLooked: () => void): Promise<void> {
    while (!this.closed) {
      // Before the look, so that no change falls between the two.
      this.watcher ??= this.watch();
      this.changed = false;
      const waiting = this.waiting.splice(0);
      if (!(await this.look())) this.unwatch();
      onLooked();
      for (const resolve of waiting) resolve();
      await this.pause(this.gatherMs);
      this.idle = true;
      if (!this.changed) await this.pause(this.pollMs - this.gatherMs);
      this.idle = false;
    }
  }

  private watch(): FSWatcher | undefined {
    try {
      const watcher = watch(this.dir, () => {
        this.changed = true;
        if (this.idle) this.wake();
      });
      watcher.on('error', () => this.unwatch());
      return watcher;
    } catch {
      // Not there, or the system's watches are used up: polling does.
      return undefined;
    }
  }

  private unwatch(): void {
    this.watcher?.close();
    this.watcher = undefined;
  }

  private async pause(milliseconds: number): Promise<void> {
    if (this.closed || this.waiting.length > 0 || milliseconds <= 0) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
