import type { FileHandle } from 'node:fs/promises';
import { isPageSize } from './pagesElsewhere.ts';
import type { PagesElsewhere } from './pagesElsewhere.ts';

/** A journal that is not only left over begins so, and so does each of its parts. */
export const journalMagic = Buffer.from('d9d505f920a163d7', 'hex');

const headerBytes = 28;
/** A count of records that says: as many as the file has. */
const uncounted = 0xffffffff;

/**
 * Reads the journal of a database, `-journal`, by https://www.sqlite.org/fileformat2.html#the_rollback_journal: the pages as they were
 * before a transaction that was not committed, as far as they may have been overwritten. Undefined: there is no such transaction, or it
 * is one of several databases.
 */
export async function journaledPages(journal: FileHandle): Promise<PagesElsewhere | undefined> {
  const { size } = await journal.stat();
  const first = await headerAt(journal, 0);
  if (!first || (await endsWithMagic(journal, size))) return undefined;
  const { pageCount, sectorSize, pageSize } = first;
  if (!isPageSize(pageSize) || sectorSize < 32 || sectorSize > 65_536 || (sectorSize & (sectorSize - 1)) !== 0) return undefined;
  const found: PagesElsewhere & { offsets: Map<number, number> } = { pageSize, offsets: new Map(), pageCount };
  const record = Buffer.alloc(4 + pageSize + 4);
  for (let at = 0; ; at = Math.ceil(at / sectorSize) * sectorSize) {
    const part = at === 0 ? first : await headerAt(journal, at);
    if (!part) return found;
    at += sectorSize;
    for (let left = part.records; left > 0; left--, at += record.length) {
      const { bytesRead } = await journal.read(record, 0, record.length, at);
      const page = record.readUInt32BE(0);
      // What was not written whole is of a page that was not overwritten.
      if (bytesRead < record.length || page === 0 || checksum(record, pageSize, part.salt) !== record.readUInt32BE(4 + pageSize)) return found; // prettier-ignore
      if (!found.offsets.has(page)) found.offsets.set(page, at + 4);
    }
  }
}

async function headerAt(journal: FileHandle, at: number) {
  const header = Buffer.alloc(headerBytes);
  const { bytesRead } = await journal.read(header, 0, headerBytes, at);
  if (bytesRead < headerBytes || !header.subarray(0, journalMagic.length).equals(journalMagic)) return undefined;
  const [count, salt, pageCount, sectorSize, pageSize] = [8, 12, 16, 20, 24].map((from) => header.readUInt32BE(from)) as [number, number, number, number, number]; // prettier-ignore
  return { records: count === uncounted ? Infinity : count, salt, pageCount, sectorSize, pageSize };
}

/** Whether the journal ends with the name of one that it shares with other databases. */
async function endsWithMagic(journal: FileHandle, size: number): Promise<boolean> {
  const end = Buffer.alloc(journalMagic.length);
  if (size < end.length) return false;
  await journal.read(end, 0, end.length, size - end.length);
  return end.equals(journalMagic);
}

/** Of a record: its salt and some bytes of its page. */
function checksum(record: Buffer, pageSize: number, salt: number): number {
  let sum = salt;
  for (let at = pageSize - 200; at > 0; at -= 200) sum += record[4 + at] ?? 0;
  return sum >>> 0;
}
