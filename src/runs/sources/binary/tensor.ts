import type { ProtobufReader } from './protobuf.ts';

/** A number in a message. */
export interface Scalar {
  readonly value: number;
  /** Where its 4 or 8 bytes are, where it is written as a float or a double. */
  readonly place?: { readonly at: number; readonly isDouble: boolean };
}

/** Types of a TensorProto by their number in tensorflow/core/framework/types.proto, as far as they are numbers with a sign, or without one, and real. */
const types: Readonly<Record<number, { readonly bytes: number; read(view: DataView, at: number): number }>> = {
  1: { bytes: 4, read: (view, at) => view.getFloat32(at, true) },
  2: { bytes: 8, read: (view, at) => view.getFloat64(at, true) },
  3: { bytes: 4, read: (view, at) => view.getInt32(at, true) },
  4: { bytes: 1, read: (view, at) => view.getUint8(at) },
  5: { bytes: 2, read: (view, at) => view.getInt16(at, true) },
  6: { bytes: 1, read: (view, at) => view.getInt8(at) },
  9: { bytes: 8, read: (view, at) => Number(view.getBigInt64(at, true)) },
  14: { bytes: 2, read: (view, at) => bfloat16(view.getUint16(at, true)) },
  17: { bytes: 2, read: (view, at) => view.getUint16(at, true) },
  19: { bytes: 2, read: (view, at) => float16(view.getUint16(at, true)) },
  22: { bytes: 4, read: (view, at) => view.getUint32(at, true) },
  23: { bytes: 8, read: (view, at) => Number(view.getBigUint64(at, true)) },
};

const float = 1;
const double = 2;
const string = 7;
const bfloat = 14;
const half = 19;

/** Fields of a TensorProto. */
const fields = {
  type: 1,
  shape: 2,
  content: 4,
  floats: 5,
  doubles: 6,
  ints: 7,
  strings: 8,
  longs: 10,
  halves: 13,
  uints: 16,
  ulongs: 17,
} as const;
const integerFields: ReadonlySet<number> = new Set([fields.ints, fields.longs, fields.uints, fields.ulongs]);

/** The only number of a tensor; undefined where it has another number of them, or what it has is no number. Throws a ProtobufError. */
export function readTensor(tensor: ProtobufReader): Scalar | undefined {
  let type = 0;
  let size = 1;
  let content: Scalar['place'] | undefined;
  let contentBytes = 0;
  let floats: Scalar | undefined;
  let whole: number | undefined;
  let halves: number | undefined;
  let count = 0;
  while (tensor.next()) {
    const { field, wire, from, to, view } = tensor;
    if (field === fields.type && wire === 'varint') type = tensor.unsigned;
    else if (field === fields.shape && wire === 'bytes') size = elements(tensor.message);
    else if (field === fields.content && wire === 'bytes') {
      content = { at: from, isDouble: false };
      contentBytes = to - from;
    } else if (field === fields.floats && wire !== 'varint') {
      count += (to - from) / 4;
      if (to - from === 4) floats = { value: view.getFloat32(from, true), place: { at: from, isDouble: false } };
    } else if (field === fields.doubles && wire !== 'varint') {
      count += (to - from) / 8;
      if (to - from === 8) floats = { value: view.getFloat64(from, true), place: { at: from, isDouble: true } };
    } else if (field === fields.halves || integerFields.has(field)) {
      const numbers = integers(tensor);
      count += numbers.length;
      if (field === fields.halves) halves = numbers[0];
      else whole = numbers[0];
    }
  }
  const known = types[type];
  if (size !== 1 || known === undefined) return undefined;
  if (content !== undefined && contentBytes > 0) {
    if (contentBytes !== known.bytes) return undefined;
    const value = known.read(tensor.view, content.at);
    return type === float || type === double ? { value, place: { at: content.at, isDouble: type === double } } : { value };
  }
  if (count !== 1) return undefined;
  if (type === float || type === double) return floats?.place?.isDouble === (type === double) ? floats : undefined;
  if (type === half || type === bfloat) return halves === undefined ? undefined : { value: (type === half ? float16 : bfloat16)(halves) };
  return whole === undefined ? undefined : { value: whole };
}

/** The first text of a tensor of texts. Throws a ProtobufError. */
export function tensorText(tensor: ProtobufReader): string | undefined {
  let type = 0;
  let text: string | undefined;
  while (tensor.next()) {
    if (tensor.field === fields.type && tensor.wire === 'varint') type = tensor.unsigned;
    else if (tensor.field === fields.strings && tensor.wire === 'bytes') text ??= tensor.text;
  }
  return type === string ? text : undefined;
}

/** Number of elements of a TensorShapeProto. */
function elements(shape: ProtobufReader): number {
  let product = 1;
  while (shape.next()) {
    if (shape.field !== 2 || shape.wire !== 'bytes') continue;
    const dimension = shape.message;
    let size = 0;
    while (dimension.next()) if (dimension.field === 1 && dimension.wire === 'varint') size = dimension.signed;
    product *= size;
  }
  return product;
}

/** Integers of a field, one or packed; no more than two, because more are no scalar. */
function integers(reader: ProtobufReader): readonly number[] {
  if (reader.wire === 'varint') return [reader.signed];
  return reader.wire === 'bytes' ? reader.packed(2) : [];
}

/** IEEE 754 half precision of its bits. */
function float16(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >>> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** The upper half of a 32-bit float. */
function bfloat16(bits: number): number {
  const view = new DataView(new ArrayBuffer(4));
  view.setUint32(0, (bits & 0xffff) * 0x10000);
  return view.getFloat32(0);
}
