import type { FileHandle } from 'node:fs/promises';
import { isPageSize } from './pagesElsewhere.ts';
import type { PagesElsewhere } from './pagesElsewhere.ts';

const headerBytes = 32;
const frameHeaderBytes = 24;
/** The last bit says in which order the words are that the checksum adds up. */
const magic = 0x377f0682;
/** Frames are read in pieces of about this size. */
const pieceBytes = 1 << 20;

/**
 * Reads the log of a database, `-wal`, as far as it is valid: the newest copy of each page of whole transactions. By https://www.sqlite.org/fileformat2.html#the_write_ahead_log: frames of
 * an earlier use of the log have other salts, those of a transaction under way have no commit behind them. Undefined: it has no pages.
 */
export async function loggedPages(log: FileHandle): Promise<PagesElsewhere | undefined> {
  const header = Buffer.alloc(headerBytes);
  const { bytesRead } = await log.read(header, 0, headerBytes, 0);
  if (bytesRead < headerBytes || (header.readUInt32BE(0) & ~1) >>> 0 !== magic) return undefined;
  const pageSize = header.readUInt32BE(8);
  if (!isPageSize(pageSize)) return undefined;
  const sum = new Checksum((header.readUInt32BE(0) & 1) === 1);
  sum.add(header, 0, 24);
  if (!sum.is(header, 24)) return undefined;

  const frameBytes = frameHeaderBytes + pageSize;
  const piece = Buffer.allocUnsafe(Math.max(1, Math.floor(pieceBytes / frameBytes)) * frameBytes);
  const offsets = new Map<number, number>();
  let pending = new Map<number, number>();
  let pageCount = 0;
  for (let from = headerBytes; ; from += piece.length) {
    const { bytesRead: length } = await log.read(piece, 0, piece.length, from);
    for (let at = 0; at + frameBytes <= length; at += frameBytes) {
      sum.add(piece, at, 8);
      sum.add(piece, at + frameHeaderBytes, pageSize);
      const page = piece.readUInt32BE(at);
      if (page === 0 || piece.compare(header, 16, 24, at + 8, at + 16) !== 0 || !sum.is(piece, at + 16)) return found();
      pending.set(page, from + at + frameHeaderBytes);
      const committed = piece.readUInt32BE(at + 4);
      if (committed === 0) continue;
      pageCount = committed;
      for (const [number, offset] of pending) offsets.set(number, offset);
      pending = new Map();
    }
    if (length < piece.length) return found();
  }

  function found(): PagesElsewhere | undefined {
    return pageCount > 0 ? { pageSize, offsets, pageCount } : undefined;
  }
}

/** The running checksum of a log. */
class Checksum {
  private first = 0;
  private second = 0;

  constructor(private readonly isBigEndian: boolean) {}

  /** Adds `length` bytes, a multiple of 8. */
  add(bytes: Buffer, from: number, length: number): void {
    let { first, second } = this;
    for (let at = from; at < from + length; at += 8) {
      first = (first + this.word(bytes, at) + second) | 0;
      second = (second + this.word(bytes, at + 4) + first) | 0;
    }
    this.first = first;
    this.second = second;
  }

  is(bytes: Buffer, at: number): boolean {
    return bytes.readInt32BE(at) === this.first && bytes.readInt32BE(at + 4) === this.second;
  }

  private word(bytes: Buffer, at: number): number {
    return this.isBigEndian ? bytes.readInt32BE(at) : bytes.readInt32LE(at);
  }
}
