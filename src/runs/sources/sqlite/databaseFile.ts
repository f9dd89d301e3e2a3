import { readSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { ignoreMissing } from '../../directory/missing.ts';
import { openRegular } from '../../directory/regularFile.ts';
import { loggedPages } from './writeAheadLog.ts';
import type { LoggedPages } from './writeAheadLog.ts';

/** A database up to this size is read at one go; of a bigger one, the pages that are asked for. */
const mostAtOnce = 64 << 20;
/** What is read at one go of a bigger one, around a page that is asked for. */
const pieceBytes = 1 << 18;
const headerBytes = 100;
const magic = 'SQLite format 3\0';
/** A rollback journal that is not only left over begins so. */
const journalMagic = Buffer.from('d9d505f920a163d7', 'hex');

/** A database as it is at a moment, or was: the bytes of the file with what its write-ahead log adds. */
export interface Snapshot {
  readonly bytes: Uint8Array;
  /** Whether nobody has written to the database since, so that all that was read belongs together. */
  isStill(): Promise<boolean>;
  /** What the system said when a page could not be read. */
  readonly failure: unknown;
  close(): Promise<void>;
}

/** That a file cannot be read while another program is writing to it, or is none that we can read; the message is a part of a sentence. */
export class DatabaseFileError extends Error {
  override readonly name = 'DatabaseFileError';
  constructor(
    message: string,
    /** Whether it will be otherwise in a moment. */
    readonly isBusy: boolean,
  ) {
    super(message);
  }
}

/** Whether a file begins like a database of SQLite 3. */
export function isDatabase(head: Buffer): boolean {
  return head.length >= headerBytes && head.toString('latin1', 0, magic.length) === magic;
}

/**
 * Reads a database without taking part in its locks, because these are files, or bytes of files, in its folder: what was read counts only
 * if nobody has written to it meanwhile. A program that writes by a rollback journal begins with the journal and counts its changes in
 * the first page; one that writes by a log copies from there only what stands in the log. Undefined: there is no database, or not yet.
 * `most`: bytes of a database that is read at one go. Throws a DatabaseFileError, an UnusableFileError, or the system's error.
 */
export async function snapshotOf(file: string, most = mostAtOnce): Promise<Snapshot | undefined> {
  const database = await openRegular(file).catch(ignoreMissing);
  if (!database) return undefined;
  let log: FileHandle | undefined;
  const close = async () => {
    await database.close();
    await log?.close();
  };
  try {
    log = await openRegular(`${file}-wal`).catch(ignoreMissing);
    const state = new DatabaseState(file, database, log);
    const header = await state.begin();
    if (header === undefined) {
      await close();
      return undefined;
    }
    const { size } = await database.stat();
    const bytes = size <= most ? await readAll(database, size) : undefined;
    const logged = log && isLogged(header) ? await loggedPages(log) : undefined;
    if (logged && logged.pageSize !== pageSizeOf(header)) throw new DatabaseFileError('its log has pages of another size', false);
    if (!bytes) {
      const paged = new PagedBytes(database.fd, size, log?.fd, logged);
      return { bytes: paged as unknown as Uint8Array, isStill: () => state.isUntouched(), close, get failure() { return paged.failure; } }; // prettier-ignore
    }
    const whole = log && logged ? await withPages(bytes, log, logged) : bytes;
    if (!(await state.isOfOnePiece())) throw new DatabaseFileError('it changes while it is read', true);
    await close();
    markUnlogged(whole, 0);
    return { bytes: whole, isStill: () => Promise.resolve(true), close: () => Promise.resolve(), failure: undefined };
  } catch (error) {
    await close();
    throw error;
  }
}

/** What tells whether a database is written to. */
class DatabaseState {
  private header: Buffer = Buffer.alloc(0);
  private logHeader: Buffer = Buffer.alloc(0);
  private modified = '';

  constructor(
    private readonly file: string,
    private readonly database: FileHandle,
    private readonly log: FileHandle | undefined,
  ) {}

  /** The header; undefined: the file is empty. Throws a DatabaseFileError. */
  async begin(): Promise<Buffer | undefined> {
    this.header = await beginningOf(this.database, headerBytes);
    if (this.header.length === 0) return undefined;
    if (!isDatabase(this.header)) throw new DatabaseFileError('this is no database of SQLite 3', false);
    this.logHeader = await this.logBeginning();
    this.modified = await this.modification();
    if ((await this.hasJournal()) || !(await this.hasSameHeader())) throw new DatabaseFileError('a program is writing to it', true);
    return this.header;
  }

  /** Whether what was read of the database, and then of the log, belongs together. */
  async isOfOnePiece(): Promise<boolean> {
    // What a checkpoint copied into the database meanwhile stands in the log as well, unless that was begun anew.
    if (this.logHeader.length > 0 && isLogged(this.header)) return (await this.logBeginning()).equals(this.logHeader);
    return this.isUntouched();
  }

  /** Whether nobody has written to the database. */
  async isUntouched(): Promise<boolean> {
    if (!(await this.logBeginning()).equals(this.logHeader)) return false;
    if (!(await this.hasSameHeader()) || (await this.hasJournal())) return false;
    return (await this.hasSameHeader()) && (await this.modification()) === this.modified;
  }

  private async hasSameHeader(): Promise<boolean> {
    return (await beginningOf(this.database, headerBytes)).equals(this.header);
  }

  private async modification(): Promise<string> {
    const { size, mtimeMs } = await this.database.stat();
    return `${size} ${mtimeMs}`;
  }

  /** Of the log as it is now; a program that opens the database may begin one. */
  private async logBeginning(): Promise<Buffer> {
    if (this.log) return beginningOf(this.log, 32);
    return withFile(`${this.file}-wal`, (log) => beginningOf(log, 32));
  }

  private async hasJournal(): Promise<boolean> {
    const beginning = await withFile(`${this.file}-journal`, (journal) => beginningOf(journal, journalMagic.length));
    return beginning.equals(journalMagic);
  }
}

/**
 * The bytes of a database that is too big to be read at one go, as sql.js takes them: it asks for the length, keeps what `slice` gives
 * as the contents of a file, and reads that by `subarray`.
 */
class PagedBytes {
  readonly length: number;
  failure: unknown;
  private piece: Buffer = Buffer.alloc(0);
  private pieceAt = 0;

  constructor(
    private readonly database: number,
    private readonly size: number,
    private readonly log: number | undefined,
    private readonly logged: LoggedPages | undefined,
  ) {
    this.length = logged ? logged.pageCount * logged.pageSize : size;
  }

  slice(): this {
    return this;
  }

  subarray(from: number, to: number): Uint8Array {
    const bytes = Buffer.alloc(to - from);
    try {
      this.fill(bytes, from);
    } catch (error) {
      this.failure ??= error;
    }
    markUnlogged(bytes, from);
    return bytes;
  }

  private fill(bytes: Buffer, from: number): void {
    const { log, logged } = this;
    if (log === undefined || !logged) return this.fillFromDatabase(bytes, from);
    for (let at = 0; at < bytes.length;) {
      const page = Math.floor((from + at) / logged.pageSize);
      const within = from + at - page * logged.pageSize;
      const part = bytes.subarray(at, at + logged.pageSize - within);
      const offset = logged.offsets.get(page + 1);
      if (offset === undefined) this.fillFromDatabase(part, from + at);
      else readSync(log, part, 0, part.length, offset + within);
      at += part.length;
    }
  }

  private fillFromDatabase(bytes: Buffer, from: number): void {
    if (from < this.pieceAt || from + bytes.length > this.pieceAt + this.piece.length) {
      this.pieceAt = Math.floor(from / pieceBytes) * pieceBytes;
      const piece = Buffer.allocUnsafe(
        Math.max(0, Math.min(Math.max(pieceBytes, from + bytes.length - this.pieceAt), this.size - this.pieceAt)),
      );
      this.piece = piece.subarray(0, readSync(this.database, piece, 0, piece.length, this.pieceAt));
    }
    this.piece.copy(bytes, 0, from - this.pieceAt, from - this.pieceAt + bytes.length);
  }
}

/** Says in the header that there is no log: what stood there is in these bytes. `from`: where they begin. */
function markUnlogged(bytes: Uint8Array, from: number): void {
  for (const at of [18, 19]) if (at >= from && at - from < bytes.length && bytes[at - from] === 2) bytes[at - from] = 1;
}

function isLogged(header: Buffer): boolean {
  return header[18] === 2 && header[19] === 2;
}

function pageSizeOf(header: Buffer): number {
  const size = header.readUInt16BE(16);
  return size === 1 ? 65_536 : size;
}

async function withPages(bytes: Buffer, log: FileHandle, { pageSize, offsets, pageCount }: LoggedPages): Promise<Buffer> {
  const most = Math.max(bytes.length, Math.max(...offsets.keys()) * pageSize);
  const whole = Buffer.alloc(Math.min(pageCount * pageSize, most));
  bytes.copy(whole);
  for (const [page, offset] of offsets) if (page * pageSize <= whole.length) await log.read(whole, (page - 1) * pageSize, pageSize, offset);
  return whole;
}

async function readAll(file: FileHandle, size: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(size);
  let length = 0;
  for (let read = 1; read > 0 && length < size; length += read) read = (await file.read(bytes, length, size - length, length)).bytesRead;
  return bytes.subarray(0, length);
}

async function beginningOf(file: FileHandle, count: number): Promise<Buffer> {
  return readAll(file, Math.min(count, (await file.stat()).size));
}

/** What is read of a file; no bytes where there is none. */
async function withFile(file: string, read: (handle: FileHandle) => Promise<Buffer>): Promise<Buffer> {
  const handle = await openRegular(file).catch(ignoreMissing);
  if (!handle) return Buffer.alloc(0);
  try {
    return await read(handle);
  } finally {
    await handle.close();
  }
}
