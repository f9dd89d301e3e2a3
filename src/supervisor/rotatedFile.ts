import { closeSync, fstatSync, linkSync, lstatSync, openSync, readSync, renameSync, rmSync, writeSync } from 'node:fs';
import path from 'node:path';
import { removeQuietly } from '../runs/directory/atomicFile.ts';
import type { Write } from '../runs/directory/lineFile.ts';
import { openForAppending } from '../runs/directory/ownFile.ts';

export interface RotationLimits {
  /** Size of a file at which the next is begun, at the end of a line. */
  readonly maxBytes: number;
  /** Number of files, the current one among them. */
  readonly files: number;
}

const newline = 0x0a;
const carriageReturn = 0x0d;

/**
 * A file that grows to a size and then becomes `NAME.1`, the one before it `NAME.2` and so on; the oldest goes. At every moment, also when
 * the process is killed, the current file has its name, and each byte is in one of them.
 */
export class RotatedFile {
  private descriptor: number | undefined;
  private size = 0;
  /** The last byte; of an empty file a newline. */
  private last = newline;

  /**
   * @param folder tells where the file is, now: a run directory may be moved while the run goes on
   * @param write of the system
   */
  constructor(
    private readonly folder: () => string,
    private readonly name: string,
    private readonly limits: RotationLimits,
    private readonly write: Write = writeSync,
  ) {}

  /** Appends bytes. Throws the system's error; `taken` says how many of the bytes are in the file. */
  append(bytes: Buffer, taken: (count: number) => void): void {
    for (let from = 0; from < bytes.length;) {
      this.open();
      const rest = bytes.subarray(from);
      const part = this.partOf(rest);
      if (part === 0) {
        this.rotate();
        continue;
      }
      const count = this.write(this.descriptor as number, rest, 0, part);
      this.size += count;
      if (count > 0) this.last = rest[count - 1] as number;
      from += count;
      taken(count);
    }
  }

  /** Begins a new file, unless the current one is empty. Throws the system's error; then the current one goes on. */
  rotate(): void {
    this.open();
    if (this.size === 0) return;
    const file = this.current;
    const { files } = this.limits;
    this.replace(file, () => {
      for (let number = files - 2; number >= 1; number--) renameIfThere(`${file}.${number}`, `${file}.${number + 1}`);
      if (files === 1) return;
      rmSync(`${file}.1`, { force: true });
      try {
        linkSync(file, `${file}.1`);
      } catch {
        // A file system without such links: for a moment there is no file of this name.
        renameSync(file, `${file}.1`);
      }
    });
  }

  close(): void {
    if (this.descriptor !== undefined) closeSync(this.descriptor);
    this.descriptor = undefined;
  }

  /** How many of these bytes still belong into the current file; 0: the next file begins. */
  private partOf(bytes: Buffer): number {
    const { maxBytes } = this.limits;
    const room = maxBytes - this.size;
    if (bytes.length <= room) return bytes.length;
    const lastEnd = room > 0 ? bytes.lastIndexOf(newline, room - 1) : -1;
    if (lastEnd >= 0) return lastEnd + 1;
    if (this.size > 0 && this.last === newline) return 0;
    // The line goes on beyond the limit; one that never ends, such as a progress bar's, is cut where it begins anew, or at twice the size.
    const nextEnd = bytes.indexOf(newline);
    const most = Math.max(0, room + maxBytes);
    if (nextEnd >= 0 && nextEnd < most) return nextEnd + 1;
    if (bytes.length <= most) return bytes.length;
    const anew = most > 0 ? bytes.lastIndexOf(carriageReturn, most - 1) : -1;
    if (anew >= 0) return anew + 1;
    return this.last === carriageReturn ? 0 : most;
  }

  private open(): void {
    // Somebody may have deleted the file: what is written then would be nowhere.
    if (this.descriptor !== undefined && fstatSync(this.descriptor).nlink > 0) return;
    this.close();
    const file = this.current;
    const descriptor = openForAppending(file);
    this.descriptor = descriptor;
    const { size, ino } = fstatSync(descriptor);
    this.size = size;
    this.last = lastByte(descriptor, size);
    // Killed between the two steps of a rotation: the second one is still to be done.
    if (this.limits.files > 1 && lstatSync(`${file}.1`, { throwIfNoEntry: false })?.ino === ino) this.replace(file, () => undefined);
  }

  /** Puts an empty file, made before anything is done to the others, in the place of the current one. */
  private replace(file: string, before: () => void): void {
    const fresh = `${file}.new`;
    rmSync(fresh, { force: true });
    const descriptor = openSync(fresh, 'ax+');
    try {
      before();
      renameSync(fresh, file);
    } catch (error) {
      closeSync(descriptor);
      removeQuietly(fresh);
      throw error;
    }
    this.close();
    this.descriptor = descriptor;
    this.size = 0;
    this.last = newline;
  }

  private get current(): string {
    return path.join(this.folder(), this.name);
  }
}

function renameIfThere(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

function lastByte(descriptor: number, size: number): number {
  const last = Buffer.of(newline);
  if (size > 0) readSync(descriptor, last, 0, 1, size - 1);
  return last.readUInt8();
}
