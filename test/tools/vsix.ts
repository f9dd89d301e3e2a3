import { readFileSync } from 'node:fs';
import { inflateRawSync } from 'node:zlib';

export interface PackedFile {
  readonly name: string;
  content(): Buffer;
}

/** The files in a package, which is a ZIP archive: PKWARE's APPNOTE.TXT, sections 4.3.7, 4.3.12 and 4.3.16. */
export function packedFiles(file: string): readonly PackedFile[] {
  const zip = readFileSync(file);
  const end = zip.lastIndexOf('PK\x05\x06', undefined, 'latin1');
  if (end < 0) throw new Error(`${file} is no ZIP archive`);
  const files: PackedFile[] = [];
  let at = zip.readUInt32LE(end + 16);
  for (let left = zip.readUInt16LE(end + 10); left > 0; left--) {
    const [method, packedSize, nameLength] = [zip.readUInt16LE(at + 10), zip.readUInt32LE(at + 20), zip.readUInt16LE(at + 28)];
    const local = zip.readUInt32LE(at + 42);
    const start = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
    const packed = zip.subarray(start, start + packedSize);
    files.push({
      name: zip.toString('utf8', at + 46, at + 46 + nameLength),
      content: () => (method === 0 ? packed : inflateRawSync(packed)),
    });
    at += 46 + nameLength + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32);
  }
  return files;
}
