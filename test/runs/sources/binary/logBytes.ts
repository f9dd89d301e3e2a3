import { crc32 } from '../../../../src/runs/sources/binary/checksums.ts';
import { field } from './eventBytes.ts';

const blockBytes = 32 << 10;

/** The content of a file of W&B with these records, cut at blocks as wandb's `datastore.py` cuts them. */
export function logFile(...records: readonly Buffer[]): Buffer {
  const parts: Buffer[] = [Buffer.from([0x3a, 0x57, 0x26, 0x42, 0xe1, 0xbe, 0])];
  let size = 7;
  const add = (part: Buffer) => {
    parts.push(part);
    size += part.length;
  };
  for (const record of records) {
    let rest = record;
    for (let isFirst = true; isFirst || rest.length > 0; isFirst = false) {
      if (blockBytes - (size % blockBytes) < 7) add(Buffer.alloc(blockBytes - (size % blockBytes)));
      const data = rest.subarray(0, blockBytes - (size % blockBytes) - 7);
      rest = rest.subarray(data.length);
      add(piece(rest.length === 0 ? (isFirst ? 1 : 4) : isFirst ? 2 : 3, data));
    }
  }
  return Buffer.concat(parts);
}

function piece(kind: number, data: Buffer): Buffer {
  const bytes = Buffer.alloc(7 + data.length);
  bytes.writeUInt16LE(data.length, 4);
  bytes[6] = kind;
  data.copy(bytes, 7);
  bytes.writeUInt32LE(crc32(new DataView(bytes.buffer, bytes.byteOffset, bytes.length), 6, bytes.length), 0);
  return bytes;
}

/** A record of the history. A key is nested at its dots, unless it begins with one; values are JSON. `step` undefined: the record has none. */
export function historyRecord(step: number | undefined, values: Readonly<Record<string, string>>): Buffer {
  const items = Object.entries(values).map(([key, json]) => {
    const keys = key.startsWith('.') ? [field(1, key.slice(1))] : key.split('.').map((part) => field(2, part));
    return field(1, Buffer.concat([...keys, field(16, json)]));
  });
  return field(2, Buffer.concat([...items, ...(step === undefined ? [] : [field(2, field(1, BigInt(step)))])]));
}

export function configRecord(values: Readonly<Record<string, string>>): Buffer {
  return field(5, Buffer.concat(Object.entries(values).map(([key, json]) => field(1, Buffer.concat([field(1, key), field(16, json)])))));
}

export function exitRecord(code: number): Buffer {
  return field(18, field(1, code));
}
