import { openRegular } from '../directory/regularFile.ts';
import type { Glimpse } from './format.ts';

const headBytes = 64 << 10;

/** Looks at the beginning of a file. Throws an UnusableFileError where it is no regular file, or the system's error. */
export async function glimpse(file: string): Promise<Glimpse> {
  const handle = await openRegular(file);
  try {
    const { size } = await handle.stat();
    const head = Buffer.alloc(Math.min(size, headBytes));
    const { bytesRead } = await handle.read(head, 0, head.length, 0);
    return { file, head: head.subarray(0, bytesRead), size };
  } finally {
    await handle.close();
  }
}
