import { closeSync, readSync, statSync } from 'node:fs';
import type { Stats } from 'node:fs';
import { stat } from 'node:fs/promises';
import { ignoreMissing, isMissing } from './missing.ts';
import { openSeen, openSeenSync } from './regularFile.ts';

/** Lines of one chunk are taken in at one go: with JSON.parse in about 3 ms. */
const usualChunk = 1 << 18;
/** How many of the bytes read last are compared at the next read, to notice that a file was written anew. */
const memoryBytes = 64;

export interface ByteListener {
  /** The next bytes, which hold until what it returns has settled. */
  bytes(bytes: Buffer): unknown;
  /** Takes in the beginning of the open file, which is `size` bytes long, at one go. Undefined: it does not, the bytes shall come. */
  bulk?(file: number, size: number): Promise<TailPosition | undefined>;
  /** What comes next is not the beginning of the file, but `lastBytes` before its end. */
  skipped?(): void;
  /** The file began anew (truncated, rotated, deleted): what came before is no longer in it. */
  reset(): void;
}

/** How far a file was read. */
export interface TailPosition {
  /** Where to read on. */
  readonly end: number;
  /** The last bytes before `end`. */
  readonly recent: Uint8Array;
}

export interface ByteTailOptions {
  /** How far before the end of a longer file to begin; default: at its beginning. */
  readonly lastBytes?: number | undefined;
  /** Bytes that are read at a time. */
  readonly chunkBytes?: number | undefined;
  /** Ends a read under way. */
  readonly signal?: AbortSignal | undefined;
  /** Whether it is read without the help of other threads: of a file on this machine that is read for each of its lines, that is much less work. */
  readonly atOnce?: boolean | undefined;
}

/** An open file, and what it was when it was opened. */
interface OpenFile {
  readonly descriptor: number;
  readonly status: Stats;
  /** Number of bytes from this position on. */
  read(bytes: Buffer, position: number): number | Promise<number>;
  close(): void | Promise<void>;
}

/**
 * Reads a growing file bit by bit: each `read` gives the bytes that are new. Notices when the file is truncated, replaced by another one,
 * or deleted, and then begins again. Keeps no descriptor open between reads, so it never holds a deleted file.
 */
export class ByteTail {
  readonly file: string;
  private readonly listener: ByteListener;
  private readonly options: Readonly<{ lastBytes: number; chunkBytes: number; signal: AbortSignal | undefined; atOnce: boolean }>;
  private offset = 0;
  private inode = 0;
  private modified = 0;
  private recent: Buffer = Buffer.alloc(0);

  constructor(
    file: string,
    listener: ByteListener,
    { lastBytes = Infinity, chunkBytes = usualChunk, signal, atOnce = false }: ByteTailOptions = {},
  ) {
    this.file = file;
    this.listener = listener;
    this.options = { lastBytes, chunkBytes, signal, atOnce };
  }

  /**
   * Reads to the end of the file as it is now. Throws the system's error unless the file is merely not there, and an
   * UnusableFileError where it is no regular file.
   */
  async read(): Promise<void> {
    const { atOnce } = this.options;
    const seen = atOnce ? statSync(this.file, { throwIfNoEntry: false }) : await stat(this.file).catch(ignoreMissing);
    if (seen && this.isUnchanged(seen)) return;
    // A file may be read anew for each of its lines: nothing is asked of the system twice.
    const opened = seen && (atOnce ? openedAtOnce(this.file, seen) : await openedFile(this.file, seen).catch(ignoreMissing));
    if (!opened) {
      this.startAgain(0);
      this.modified = 0;
      return;
    }
    const { ino, size, mtimeMs } = opened.status;
    try {
      this.modified = mtimeMs;
      if (this.offset > 0 && (ino !== this.inode || size < this.offset || !(await this.continues(opened, size)))) this.startAgain(ino);
      this.inode = ino;
      const { lastBytes } = this.options;
      if (this.offset === 0 && size > lastBytes) this.skipTo(size - lastBytes);
      if (this.offset === 0) await this.readInBulk(opened, size);
      if (size > this.offset) await this.readOn(opened, size);
    } finally {
      await opened.close();
    }
  }

  private isUnchanged({ ino, size, mtimeMs }: Stats): boolean {
    return this.inode !== 0 && ino === this.inode && size === this.offset && mtimeMs === this.modified;
  }

  private async readInBulk({ descriptor }: OpenFile, size: number): Promise<void> {
    const position = await this.listener.bulk?.(descriptor, size);
    if (!position) return;
    this.offset = position.end;
    this.recent = Buffer.from(position.recent);
  }

  private async readOn(file: OpenFile, size: number): Promise<void> {
    const { chunkBytes, signal } = this.options;
    const chunk = Buffer.allocUnsafe(Math.min(size - this.offset, chunkBytes));
    while (this.offset < size && !signal?.aborted) {
      const bytesRead = await file.read(chunk, this.offset);
      if (bytesRead === 0) return;
      await this.take(chunk.subarray(0, bytesRead));
    }
  }

  /** Whether the file still has what was read last, and with that the next bytes of it, which are taken in. */
  private async continues(file: OpenFile, size: number): Promise<boolean> {
    const { chunkBytes, signal } = this.options;
    const { length } = this.recent;
    const bytes = Buffer.allocUnsafe(length + Math.min(size - this.offset, chunkBytes));
    const bytesRead = await file.read(bytes, this.offset - length);
    if (bytesRead < length || !bytes.subarray(0, length).equals(this.recent)) return false;
    if (bytesRead > length && !signal?.aborted) await this.take(bytes.subarray(length, bytesRead));
    return true;
  }

  private async take(bytes: Buffer): Promise<void> {
    this.offset += bytes.length;
    this.recent = Buffer.concat([this.recent, bytes.subarray(-memoryBytes)]).subarray(-memoryBytes);
    await this.listener.bytes(bytes);
  }

  private skipTo(offset: number): void {
    this.offset = offset;
    this.listener.skipped?.();
  }

  private startAgain(inode: number): void {
    const began = this.offset > 0;
    this.offset = 0;
    this.inode = inode;
    this.recent = Buffer.alloc(0);
    if (began) this.listener.reset();
  }
}

async function openedFile(file: string, seen: Stats): Promise<OpenFile> {
  const { handle, status } = await openSeen(file, seen);
  return {
    descriptor: handle.fd,
    status,
    read: async (bytes, position) => (await handle.read(bytes, 0, bytes.length, position)).bytesRead,
    close: () => handle.close(),
  };
}

/** Undefined: it has gone meanwhile. */
function openedAtOnce(file: string, seen: Stats): OpenFile | undefined {
  try {
    const { descriptor, status } = openSeenSync(file, seen);
    return {
      descriptor,
      status,
      read: (bytes, position) => readSync(descriptor, bytes, 0, bytes.length, position),
      close: () => closeSync(descriptor),
    };
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}
