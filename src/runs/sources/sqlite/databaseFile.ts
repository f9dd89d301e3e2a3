import { readSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { ignoreMissing } from '../../directory/missing.ts';
import { openRegular } from '../../directory/regularFile.ts';
import type { PagesElsewhere } from './pagesElsewhere.ts';
import { journaledPages, journalMagic } from './rollbackJournal.ts';
import { loggedPages } from './writeAheadLog.ts';

/** A database up to this size is read at one go; of a bigger one, the pages that are asked for. */
const mostAtOnce = 64 << 20;
/** What is read at one go of a bigger one, around a page that is asked for. */
const pieceBytes = 1 << 18;
const headerBytes = 100;
const busy = 'a program is writing to it';
const magic = 'SQLite format 3\0';
/** A journal that was not written for so long belongs to a transaction that takes long, or whose program was killed. */
const settledMs = 200;

/** A database as its last transaction left it: the bytes of the file with what its write-ahead log adds, or its rollback journal restores. */
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
 * the first page, so that a journal at rest undoes what stands in the database of a transaction that was not committed; one that writes by
 * a log copies from there only what stands in the log. Undefined: there is no database, or not yet.
 * `most`: bytes of a database that is read at one go. Throws a DatabaseFileError, an UnusableFileError, or the system's error.
 */
export async function snapshotOf(file: string, most = mostAtOnce): Promise<Snapshot | undefined> {
  const database = await openRegular(file).catch(ignoreMissing);
  if (!database) return undefined;
  let [log, journal]: (FileHandle | undefined)[] = [];
  const close = async () => {
    await database.close();
    await log?.close();
    await journal?.close();
  };
  try {
    log = await openRegular(`${file}-wal`).catch(ignoreMissing);
    journal = await openRegular(`${file}-journal`).catch(ignoreMissing);
    const state = new DatabaseState(file, database, log, journal);
    const header = await state.begin();
    const beside = header && state.hasJournal ? journal : log;
    const { size } = await database.stat();
    const bytes = header && size <= most ? await readAll(database, size) : undefined;
    const pages = header && beside ? await pagesOf(beside, header, state.hasJournal) : undefined;
    if (header === undefined || pages?.pageCount === 0) {
      await close();
      return undefined;
    }
    if (!bytes) {
      const paged = new PagedBytes(database.fd, size, beside?.fd, pages);
      return { bytes: paged as unknown as Uint8Array, isStill: () => state.isUntouched(), close, get failure() { return paged.failure; } }; // prettier-ignore
    }
    const whole = beside && pages ? await withPages(bytes, beside, pages) : bytes;
    if (!(await state.isOfOnePiece())) throw new DatabaseFileError('it changes while it is read', true);
    await close();
    markUnlogged(whole, 0);
    return { bytes: whole, isStill: () => Promise.resolve(true), close: () => Promise.resolve(), failure: undefined };
  } catch (error) {
    await close();
    throw error;
  }
}

/** What a log or a journal has for a database that begins with `header`. Throws a DatabaseFileError. */
async function pagesOf(beside: FileHandle, header: Buffer, isJournal: boolean): Promise<PagesElsewhere | undefined> {
  if (isJournal) {
    const pages = await journaledPages(beside);
    if (!pages) throw new DatabaseFileError(busy, true);
    return pages;
  }
  const pages = isLogged(header) ? await loggedPages(beside) : undefined;
  if (pages && pages.pageSize !== pageSizeOf(header)) throw new DatabaseFileError('its log has pages of another size', false);
  return pages;
}

/** What tells whether a database is written to. */
class DatabaseState {
  private header: Buffer = Buffer.alloc(0);
  private logHeader: Buffer = Buffer.alloc(0);
  private modified = '';
  /** Empty: there is no journal, or only one that is left over. */
  private journalState = '';

  constructor(
    private readonly file: string,
    private readonly database: FileHandle,
    private readonly log: FileHandle | undefined,
    private readonly journal: FileHandle | undefined,
  ) {}

  /** Whether a transaction was begun and not committed. */
  get hasJournal(): boolean {
    return this.journalState !== '';
  }

  /** The header; undefined: the file is empty. Throws a DatabaseFileError. */
  async begin(): Promise<Buffer | undefined> {
    this.header = await beginningOf(this.database, headerBytes);
    if (this.header.length === 0) return undefined;
    if (!isDatabase(this.header)) throw new DatabaseFileError('this is not a SQLite 3 database', false);
    this.logHeader = await this.logBeginning();
    this.modified = await this.modification();
    this.journalState = await stateOf(this.journal);
    if (!(await this.isJournalAtRest()) || !(await this.hasSameHeader())) throw new DatabaseFileError(busy, true);
    return this.header;
  }

  /** Whether what was read of the database, and then of the log, belongs together. */
  async isOfOnePiece(): Promise<boolean> {
    // What a checkpoint copied into the database meanwhile stands in the log as well, unless that was begun anew.
    if (this.logHeader.length > 0 && isLogged(this.header) && !this.hasJournal) return (await this.logBeginning()).equals(this.logHeader);
    return this.isUntouched();
  }

  /** Whether nobody has written to the database. */
  async isUntouched(): Promise<boolean> {
    if (!(await this.logBeginning()).equals(this.logHeader)) return false;
    if (!(await this.hasSameHeader()) || !(await this.isJournalAtRest())) return false;
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

  /** Whether there is still no journal, or the same, and that is not being written. */
  private async isJournalAtRest(): Promise<boolean> {
    const journal = await openRegular(`${this.file}-journal`).catch(ignoreMissing);
    try {
      if ((await stateOf(journal)) !== this.journalState) return false;
      return !journal || !this.hasJournal || Math.abs(Date.now() - (await journal.stat()).mtimeMs) > settledMs;
    } finally {
      await journal?.close();
    }
  }
}

/** What tells a journal from another one and from itself before something was added; empty: there is none, or it is only left over. */
async function stateOf(journal: FileHandle | undefined): Promise<string> {
  if (!journal || !(await beginningOf(journal, journalMagic.length)).equals(journalMagic)) return '';
  const { ino, size, mtimeMs } = await journal.stat();
  return `${ino} ${size} ${mtimeMs}`;
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
    /** The log or the journal, and what it has. */
    private readonly beside: number | undefined,
    private readonly pages: PagesElsewhere | undefined,
  ) {
    this.length = pages ? pages.pageCount * pages.pageSize : size;
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
    const { beside, pages } = this;
    if (beside === undefined || !pages) return this.fillFromDatabase(bytes, from);
    for (let at = 0; at < bytes.length;) {
      const page = Math.floor((from + at) / pages.pageSize);
      const within = from + at - page * pages.pageSize;
      const part = bytes.subarray(at, at + pages.pageSize - within);
      const offset = pages.offsets.get(page + 1);
      if (offset === undefined) this.fillFromDatabase(part, from + at);
      else readSync(beside, part, 0, part.length, offset + within);
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

async function withPages(bytes: Buffer, beside: FileHandle, { pageSize, offsets, pageCount }: PagesElsewhere): Promise<Buffer> {
  let most = bytes.length;
  for (const page of offsets.keys()) most = Math.max(most, page * pageSize);
  const whole = Buffer.alloc(Math.min(pageCount * pageSize, most));
  bytes.copy(whole);
  for (const [page, offset] of offsets)
    if (page * pageSize <= whole.length) await beside.read(whole, (page - 1) * pageSize, pageSize, offset);
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
