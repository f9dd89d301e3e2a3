import { closeSync, fstatSync, ftruncateSync, readSync, writeSync } from 'node:fs';
import { openForAppending } from './ownFile.ts';
import { RunWriteError } from './runDirectoryError.ts';

/** The system's write: bytes written, which may be fewer than asked for. */
export type Write = (descriptor: number, bytes: Uint8Array, offset: number, length: number) => number;

/**
 * A file that grows line by line. A line is handed to the system as a whole, in one call, so that a process killed at any moment
 * leaves every line but the last one complete; a last line that was cut short is closed before the next one is added.
 */
export class LineFile {
  readonly file: string;
  private readonly descriptor: number;
  private readonly write: Write;
  /** Bytes that were there before. */
  private readonly start: number;
  /** Whether the file ends within a line. */
  private torn: boolean;

  constructor(file: string, write: Write = writeSync) {
    this.file = file;
    this.write = write;
    try {
      this.descriptor = openForAppending(file);
      this.start = fstatSync(this.descriptor).size;
      this.torn = endsWithinLine(this.descriptor);
    } catch (error) {
      throw new RunWriteError(file, error);
    }
  }

  /** Adds a line, given without its newline. Throws a RunWriteError. */
  append(line: string): void {
    const bytes = Buffer.from(`${this.torn ? '\n' : ''}${line}\n`);
    try {
      // The descriptor outlives the file's name: without this look a run in a deleted directory would write into nothing.
      if (fstatSync(this.descriptor).nlink === 0) throw Object.assign(new Error('deleted'), { code: 'ENOENT' });
      for (let done = 0; done < bytes.length;) {
        done += this.write(this.descriptor, bytes, done, bytes.length - done);
        this.torn = done < bytes.length;
      }
    } catch (error) {
      throw new RunWriteError(this.file, error);
    }
  }

  /** Takes back all lines that were added. Throws a RunWriteError. */
  forget(): void {
    try {
      ftruncateSync(this.descriptor, this.start);
      this.torn = endsWithinLine(this.descriptor);
    } catch (error) {
      throw new RunWriteError(this.file, error);
    }
  }

  close(): void {
    closeSync(this.descriptor);
  }
}

function endsWithinLine(descriptor: number): boolean {
  const { size } = fstatSync(descriptor);
  if (size === 0) return false;
  const last = Buffer.alloc(1);
  readSync(descriptor, last, 0, 1, size - 1);
  return last[0] !== 0x0a;
}
