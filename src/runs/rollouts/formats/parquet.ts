import type { AsyncBuffer, FileMetaData } from 'hyparquet';
import type * as hyparquet from 'hyparquet';
import type { FileHandle } from 'node:fs/promises';
import { bytesText } from '../../../core/notation.ts';
import { openRegular } from '../../directory/regularFile.ts';
import { RunDirectoryError, unreadable } from '../../directory/runDirectoryError.ts';
import type { Row } from './mapping.ts';

/** Bytes of a row group, unpacked, which is in memory as a whole. */
const largestGroup = 512 << 20;

export interface Column {
  readonly name: string;
  /** Parquet's own type, e.g. DOUBLE, INT64, BYTE_ARRAY; undefined: a list or another that has parts. */
  readonly type: string | undefined;
}

/** Columns of a parquet file. Throws a RunDirectoryError where it is none, or is damaged. */
export async function parquetColumns(file: string): Promise<readonly Column[]> {
  return withFile(file, async (_, { schema }) => {
    const columns: Column[] = [];
    // The schema is a tree in the order of its nodes, each with the number of its children; the first is the root.
    for (let at = 1; at < schema.length; at = behind(schema, at)) columns.push({ name: schema[at]!.name, type: schema[at]!.type });
    return columns;
  });
}

/** The rows of a parquet file, a row group in memory at a time; whole numbers as numbers. Throws a RunDirectoryError. */
export async function* parquetRows(file: string): AsyncGenerator<Row> {
  const groups = await withFile(file, async (_, { row_groups }) =>
    row_groups.map((group) => ({ rows: Number(group.num_rows), bytes: Number(group.total_byte_size) })),
  );
  let start = 0;
  for (const { rows, bytes } of groups) {
    if (bytes > largestGroup) {
      const problem = `has row groups of ${bytesText(bytes)}, and at most ${bytesText(largestGroup)} are read at a time`;
      throw new RunDirectoryError(file, problem, 'Write it with smaller row groups.');
    }
    const end = start + rows;
    const found = await withFile(file, async (buffer, metadata, { parquetReadObjects }) =>
      parquetReadObjects({ file: buffer, metadata, rowStart: start, rowEnd: end }),
    );
    for (const row of found) yield plain(row) as Row;
    start = end;
  }
}

type Library = typeof hyparquet;

async function withFile<T>(file: string, use: (buffer: AsyncBuffer, metadata: FileMetaData, library: Library) => Promise<T>): Promise<T> {
  // Loaded where there is such a file: most people have none.
  const library = await import('hyparquet');
  const handle = await openRegular(file).catch((error: unknown) => {
    throw unreadable(file, error);
  });
  try {
    const buffer = bufferOf(handle, (await handle.stat()).size);
    return await use(buffer, await library.parquetMetadataAsync(buffer), library);
  } catch (error) {
    const problem = `this is no parquet file, or a damaged one: ${error instanceof Error ? error.message : String(error)}`;
    throw new RunDirectoryError(file, problem, 'If it is being written, wait until it is complete; otherwise have it written anew.');
  } finally {
    await handle.close();
  }
}

function bufferOf(handle: FileHandle, byteLength: number): AsyncBuffer {
  return {
    byteLength,
    async slice(start, end = byteLength) {
      const bytes = new Uint8Array(Math.max(0, Math.min(end, byteLength) - start));
      let length = 0;
      for (let read = 1; read > 0 && length < bytes.length; length += read)
        read = (await handle.read(bytes, length, bytes.length - length, start + length)).bytesRead;
      return bytes.buffer;
    },
  };
}

/** Index behind a node of the schema and all below it. */
function behind(schema: FileMetaData['schema'], at: number): number {
  let next = at + 1;
  for (let child = 0; child < (schema[at]!.num_children ?? 0) && next < schema.length; child++) next = behind(schema, next);
  return next;
}

/** As JSON would have it: whole numbers are no BigInt, times are texts. */
function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : value.toString();
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Uint8Array) return `${value.length} bytes`;
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, plain(each)]));
  return value;
}
