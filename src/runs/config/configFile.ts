import { isUtf8 } from 'node:buffer';
import { openRegular } from '../directory/regularFile.ts';
import { ConfigError } from './configError.ts';
import { mostCharacters } from './configTree.ts';

/** A character has at most 3 bytes for each of its UTF-16 units; one byte more shows that there is more. */
const mostBytes = 3 * mostCharacters + 1;

/**
 * The text of a config file, at most a little more than a config may have, so that its reader sees that it is too long. Throws a
 * ConfigError where there is no regular file, or no UTF-8 in it.
 */
export async function readConfigFile(file: string): Promise<string> {
  const refuse = (message: string, cause?: unknown): ConfigError =>
    new ConfigError([{ file, line: 0, column: 0, key: file, message, remedy: 'Give the path of a *.otb.json file.' }], { cause });
  let bytes: Buffer;
  try {
    bytes = await firstBytes(file);
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    throw refuse(isMissing ? 'there is no such file' : `cannot be read: ${(error as Error).message}`, error);
  }
  return decode(bytes, file);
}

async function firstBytes(file: string): Promise<Buffer> {
  const handle = await openRegular(file);
  try {
    const { size } = await handle.stat();
    const bytes = Buffer.alloc(Math.min(size, mostBytes));
    let length = 0;
    while (length < bytes.length) {
      const { bytesRead } = await handle.read(bytes, length, bytes.length - length, length);
      if (bytesRead === 0) break;
      length += bytesRead;
    }
    return bytes.subarray(0, length);
  } finally {
    await handle.close();
  }
}

function decode(bytes: Buffer, file: string): string {
  const text = bytes.toString('utf8');
  // Where the file was cut, its last character may be, too.
  if (bytes.length === mostBytes || isUtf8(bytes)) return text;
  const isUtf16 = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
  const before = isUtf16 ? '' : text.slice(0, firstBroken(text, bytes));
  const lines = before.split(/\r\n|\n|\r/);
  const column = (lines.at(-1) ?? '').replace(/^\uFEFF/, '').length + 1;
  const message = isUtf16 ? 'the file is in UTF-16' : 'from here on the file is not in UTF-8';
  throw new ConfigError([{ file, line: lines.length, column, key: '', message, remedy: 'Save it as UTF-8.' }]);
}

/** Index in the decoded text of the first character that stands for bytes that are none; the character itself may be in a text, too. */
function firstBroken(text: string, bytes: Buffer): number {
  let at = 0;
  let index = 0;
  for (const character of text) {
    if (character === '\uFFFD' && bytes.subarray(at, at + 3).toString('latin1') !== '\xEF\xBF\xBD') return index;
    at += Buffer.byteLength(character);
    index += character.length;
  }
  return index;
}
