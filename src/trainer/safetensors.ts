import { isObject, parse } from '../core/records/json.ts';
import type { Tensor, Tensors } from './engines/engine.ts';

/**
 * The safetensors format (https://huggingface.co/docs/safetensors): eight bytes with the length of a JSON header, the header with
 * each tensor's type, shape and place, then the values. float32 only.
 */
export function encodeSafetensors(tensors: Tensors): Uint8Array {
  const header: Record<string, { dtype: 'F32'; shape: readonly number[]; data_offsets: [number, number] }> = {};
  let offset = 0;
  for (const [name, { shape, values }] of tensors) {
    header[name] = { dtype: 'F32', shape, data_offsets: [offset, offset + values.byteLength] };
    offset += values.byteLength;
  }
  const json = new TextEncoder().encode(JSON.stringify(header));
  // The values start at a multiple of 8; the header may end in spaces.
  const headerBytes = Math.ceil(json.length / 8) * 8;
  const file = new Uint8Array(8 + headerBytes + offset);
  new DataView(file.buffer).setBigUint64(0, BigInt(headerBytes), true);
  file.fill(0x20, 8, 8 + headerBytes);
  file.set(json, 8);
  let at = 8 + headerBytes;
  for (const { values } of tensors.values()) {
    file.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), at);
    at += values.byteLength;
  }
  return file;
}

/** Throws an error that says what is wrong when `file` is no complete float32 safetensors file. */
export function decodeSafetensors(file: Uint8Array): Tensors {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const headerBytes = file.length >= 8 ? Number(view.getBigUint64(0, true)) : Number.POSITIVE_INFINITY;
  if (headerBytes > file.length - 8) throw new Error('the file is cut off or is not a safetensors file');
  const header = parse(new TextDecoder().decode(file.subarray(8, 8 + headerBytes)));
  if (!isObject(header)) throw new Error('the file has no safetensors header');
  const tensors = new Map<string, Tensor>();
  const data = file.subarray(8 + headerBytes);
  let bytes = 0;
  for (const [name, entry] of Object.entries(header)) {
    if (name === '__metadata__') continue;
    const { shape, from, to } = placeOf(name, entry);
    if (to > data.length) throw new Error(`tensor "${name}" is cut off`);
    // Tensors that share their values could need any amount of memory.
    bytes += to - from;
    if (bytes > data.length) throw new Error(`tensor "${name}" overlaps another one`);
    // A copy, because the values need not be aligned in the file; not file.slice, which on a Buffer copies nothing.
    const values = new Float32Array((to - from) / 4);
    new Uint8Array(values.buffer).set(data.subarray(from, to));
    tensors.set(name, { shape, values });
  }
  return tensors;
}

/** What the header says of one tensor: its shape, and its place in the data, in bytes. */
function placeOf(name: string, entry: unknown): { readonly shape: readonly number[]; readonly from: number; readonly to: number } {
  const { dtype, shape, data_offsets: offsets } = isObject(entry) ? entry : {};
  if (typeof dtype !== 'string') throw new Error(`tensor "${name}" has no type`);
  if (dtype !== 'F32') throw new Error(`tensor "${name}" is ${dtype}; only F32 is read`);
  if (!isCounts(shape) || !isCounts(offsets) || offsets.length !== 2) throw new Error(`tensor "${name}" has no shape or no place`);
  const [from, to] = offsets as readonly [number, number];
  if (to - from !== 4 * shape.reduce((product, extent) => product * extent, 1))
    throw new Error(`tensor "${name}" has another size than its shape [${shape.join(', ')}]`);
  return { shape, from, to };
}

function isCounts(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((entry) => Number.isSafeInteger(entry) && (entry as number) >= 0);
}
