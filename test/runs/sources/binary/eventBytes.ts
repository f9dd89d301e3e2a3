import { maskedCrc32c } from '../../../../src/runs/sources/binary/checksums.ts';

/** A field of a protobuf message: `bytes` of any kind, or the value of a varint. */
export function field(number: number, value: Buffer | string | number | bigint): Buffer {
  if (typeof value === 'number' || typeof value === 'bigint') return Buffer.concat([varint(number * 8), varint(value)]);
  const bytes = Buffer.from(value as string);
  return Buffer.concat([varint(number * 8 + 2), varint(bytes.length), bytes]);
}

export function float(number: number, value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(value);
  return Buffer.concat([varint(number * 8 + 5), bytes]);
}

export function double(number: number, value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(value);
  return Buffer.concat([varint(number * 8 + 1), bytes]);
}

function varint(value: number | bigint): Buffer {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  for (; rest > 0x7fn; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  return Buffer.from([...bytes, Number(rest)]);
}

/** An event as TensorBoard's protobuf writes it: a step of 0 is left out. */
export function event(step: number, ...fields: readonly Buffer[]): Buffer {
  return Buffer.concat([double(1, 1.7e9 + step), ...(step === 0 ? [] : [field(2, BigInt(step))]), ...fields]);
}

export function version(text = 'brain.Event:2'): Buffer {
  return event(0, field(3, text));
}

/** An event with values of a step. */
export function scalars(step: number, values: Readonly<Record<string, number>>): Buffer {
  const summary = Object.entries(values).map(([tag, value]) => field(1, Buffer.concat([field(1, tag), float(2, value)])));
  return event(step, field(5, Buffer.concat(summary)));
}

/** An event that says that a process goes on from a step. */
export function start(step: number): Buffer {
  return event(step, field(7, field(1, 1)));
}

/** A record of a TFRecord file. */
export function framed(data: Buffer): Buffer {
  const record = Buffer.alloc(data.length + 16);
  const view = new DataView(record.buffer, record.byteOffset, record.length);
  record.writeUInt32LE(data.length, 0);
  record.writeUInt32LE(maskedCrc32c(view, 0, 8), 8);
  data.copy(record, 12);
  record.writeUInt32LE(maskedCrc32c(view, 12, 12 + data.length), 12 + data.length);
  return record;
}

/** The content of an event file. */
export function eventFile(...events: readonly Buffer[]): Buffer {
  return Buffer.concat(events.map(framed));
}
