import type { FileHandle } from 'node:fs/promises';

const newline = 0x0a;
const chunkBytes = 4 << 20;

/** A line of a file, in a buffer that is used again for the next ones. */
export interface ByteLine {
  /** From 1. */
  readonly number: number;
  readonly bytes: Buffer;
  readonly from: number;
  /** Before the newline. */
  readonly to: number;
  /** Longer than a line may be; the bytes are none of it. */
  readonly isOverlong: boolean;
  /** Of the file, up to the end of the line. */
  readonly read: number;
}

/** The lines of an open file, also a last one without its newline; one that is longer than `longest` bytes is passed over. */
export async function* byteLines(handle: FileHandle, longest: number): AsyncGenerator<ByteLine> {
  let buffer = Buffer.allocUnsafe(chunkBytes);
  /** Bytes of the buffer that are a part of a line whose end has not been read. */
  let held = 0;
  let number = 1;
  let position = 0;
  let isSkipping = false;
  for (;;) {
    if (held === buffer.length) {
      if (buffer.length < longest) {
        const larger = Buffer.allocUnsafe(Math.min(2 * buffer.length, longest));
        buffer.copy(larger, 0, 0, held);
        buffer = larger;
      } else {
        isSkipping = true;
        held = 0;
      }
    }
    const { bytesRead } = await handle.read(buffer, held, buffer.length - held, position);
    const length = held + bytesRead;
    position += bytesRead;
    const bytes = buffer.subarray(0, length);
    let from = 0;
    for (let end = bytes.indexOf(newline, held); end >= 0; end = bytes.indexOf(newline, from)) {
      yield { number, bytes, from: isSkipping ? end : from, to: end, isOverlong: isSkipping, read: position - length + end };
      isSkipping = false;
      number++;
      from = end + 1;
    }
    if (bytesRead === 0) {
      if (length > from || isSkipping)
        yield { number, bytes, from, to: isSkipping ? from : length, isOverlong: isSkipping, read: position };
      return;
    }
    if (isSkipping) held = 0;
    else {
      buffer.copyWithin(0, from, length);
      held = length - from;
    }
  }
}
