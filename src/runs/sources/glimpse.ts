import { openRegular } from '../directory/regularFile.ts';
import type { Glimpse } from './format.ts';

const glimpseBytes = 64 << 10;

/** Looks at the beginning and the end of a file. Throws an UnusableFileError where it is no regular file, or the system's error. */
export async function glimpse(file: string): Promise<Glimpse> {
  const handle = await openRegular(file);
  try {
    const { size } = await handle.stat();
    const read = async (from: number, bytes: number): Promise<Buffer> => {
      const buffer = Buffer.alloc(bytes);
      const { bytesRead } = await handle.read(buffer, 0, bytes, from);
      return buffer.subarray(0, bytesRead);
    };
    const head = await read(0, Math.min(size, glimpseBytes));
    const rest = Math.min(size - head.length, glimpseBytes);
    return { file, head, tail: await read(size - rest, rest), size };
  } finally {
    await handle.close();
  }
}
