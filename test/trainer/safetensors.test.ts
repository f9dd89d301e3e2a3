import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import type { Tensors } from '../../src/trainer/engines/engine.ts';
import { decodeSafetensors, encodeSafetensors } from '../../src/trainer/safetensors.ts';

const folder = mkdtempSync(path.join(os.tmpdir(), 'otb-safetensors-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const tensors: Tensors = new Map([
  ['weight', { shape: [2, 3], values: new Float32Array([1, -2, 3.5, Number.NaN, Number.POSITIVE_INFINITY, 1e-40]) }],
  ['bias', { shape: [1], values: new Float32Array([7]) }],
  ['empty', { shape: [0], values: new Float32Array(0) }],
]);

describe('safetensors', () => {
  it('come back from a file as they were', () => {
    const file = path.join(folder, 'a.safetensors');
    writeFileSync(file, encodeSafetensors(tensors));
    assert.deepEqual(decodeSafetensors(readFileSync(file)), tensors);
  });

  it('have the layout that other readers expect', () => {
    const file = Buffer.from(encodeSafetensors(tensors));
    const headerBytes = Number(file.readBigUInt64LE(0));
    assert.equal(headerBytes % 8, 0);
    const header = JSON.parse(file.subarray(8, 8 + headerBytes).toString()) as unknown;
    assert.deepEqual(header, {
      weight: { dtype: 'F32', shape: [2, 3], data_offsets: [0, 24] },
      bias: { dtype: 'F32', shape: [1], data_offsets: [24, 28] },
      empty: { dtype: 'F32', shape: [0], data_offsets: [28, 28] },
    });
    assert.equal(file.readFloatLE(8 + headerBytes + 24), 7);
  });

  it('say what is wrong with a file that is cut off, or of another type', () => {
    const file = encodeSafetensors(tensors);
    assert.throws(() => decodeSafetensors(file.subarray(0, 4)), /cut off/);
    assert.throws(() => decodeSafetensors(file.subarray(0, file.length - 3)), /tensor "bias" is cut off/);
    const other = Buffer.from(file.map((byte) => byte));
    other.write('F16', other.indexOf('F32'));
    assert.throws(() => decodeSafetensors(other), /tensor "weight" is F16/);
  });

  it('say what is wrong with a header that is none', () => {
    const withHeader = (header: string): Uint8Array => {
      const json = Buffer.from(header);
      const length = Buffer.alloc(8);
      length.writeBigUInt64LE(BigInt(json.length));
      return Buffer.concat([length, json, Buffer.alloc(8)]);
    };
    const tensor = (changes: object): string => JSON.stringify({ a: { dtype: 'F32', shape: [2], data_offsets: [0, 8], ...changes } });
    assert.equal(decodeSafetensors(withHeader(tensor({}))).size, 1);
    for (const [header, message] of [
      ['null', /no safetensors header/],
      ['[1]', /no safetensors header/],
      ['{"a": null}', /"a" has no type/],
      [tensor({ shape: 'x' }), /"a" has no shape/],
      [tensor({ data_offsets: [8, 0] }), /another size/],
      [tensor({ data_offsets: [-8, 0] }), /no place/],
      [tensor({ shape: [1.5] }), /no shape/],
      [tensor({ shape: [3] }), /another size/],
      [tensor({ data_offsets: [0, 1e15], shape: [2.5e14] }), /cut off/],
    ] as const)
      assert.throws(() => decodeSafetensors(withHeader(header)), message, header);
  });

  it('do not give one value to several tensors: a small file could fill the memory', () => {
    const values = { dtype: 'F32', shape: [2], data_offsets: [0, 8] };
    const json = Buffer.from(JSON.stringify({ a: values, b: values }));
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(json.length));
    assert.throws(() => decodeSafetensors(Buffer.concat([length, json, Buffer.alloc(8)])), /"b" overlaps/);
  });
});
