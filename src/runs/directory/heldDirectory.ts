import { closeSync, fstatSync, openSync, readlinkSync, statSync } from 'node:fs';
import type { BigIntStats } from 'node:fs';

/** A directory itself rather than its name: knows where it is also after somebody has moved it or given it another name. */
export class HeldDirectory {
  private readonly descriptor: number | undefined;
  private readonly status: BigIntStats;
  private known: string;
  private closed = false;

  /** Throws the system's error. */
  constructor(readonly firstPath: string) {
    this.known = firstPath;
    // Windows opens no directories, and does not move one in which a file is open.
    this.descriptor = process.platform === 'win32' ? undefined : openSync(firstPath, 'r');
    this.status = this.descriptor === undefined ? statSync(firstPath, { bigint: true }) : fstatSync(this.descriptor, { bigint: true });
  }

  /**
   * Where the directory is now; after the end, where it was then. Throws an error with the code ENOENT where it was deleted, and EMOVED where it may also have been moved
   * and the system does not say where to.
   */
  get path(): string {
    if (!this.closed && !this.isAt(this.known)) this.known = this.newPath();
    return this.known;
  }

  /** Whether it had another path when it was last looked for. */
  get wasMoved(): boolean {
    return this.known !== this.firstPath;
  }

  close(): void {
    this.closed = true;
    if (this.descriptor !== undefined) closeSync(this.descriptor);
  }

  private isAt(place: string): boolean {
    const status = statSync(place, { bigint: true, throwIfNoEntry: false });
    return status !== undefined && status.ino === this.status.ino && status.dev === this.status.dev;
  }

  private newPath(): string {
    if (process.platform !== 'linux' || this.descriptor === undefined)
      throw Object.assign(new Error('moved or deleted'), { code: 'EMOVED' });
    const place = readlinkSync(`/proc/self/fd/${this.descriptor}`);
    if (!this.isAt(place)) throw Object.assign(new Error('deleted'), { code: 'ENOENT' });
    return place;
  }
}
