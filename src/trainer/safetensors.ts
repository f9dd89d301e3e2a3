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
  if (headerBytes > file.length - 8) throw new Error('the file is cut off or is no safetensors file');
  const header = JSON.parse(new TextDecoder().decode(file.subarray(8, 8 + headerBytes))) as Record<
    string,
    { dtype: string; shape: number[]; data_offsets: [number, number] }
  >;
  const tensors = new Map<string, Tensor>();
  for (const [
    name,
    {
      dtype,
      shape,
      data_offsets: [from, to],
    },
  ] of Object.entries(header)) {
    if (name === '__metadata__') continue;
    if (dtype !== 'F32') throw new Error(`tensor "${name}" is ${dtype}; only F32 is read`);
    if (to > file.length - 8 - headerBytes) throw new Error(`tensor "${name}" is cut off`);
    // A copy, because the values need not be aligned in the file; not file.slice, which on a Buffer copies nothing.
    const values = new Float32Array((to - from) / 4);
    new Uint8Array(values.buffer).set(file.subarray(8 + headerBytes + from, 8 + headerBytes + to));
    tensors.set(name, { shape, values });
  }
  return tensors;
}
