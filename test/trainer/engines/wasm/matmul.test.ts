import assert from 'node:assert/strict';
import path from 'node:path';
import { describe, it } from 'node:test';
import { Random } from '../../../../src/core/random.ts';
import { compileKernels, instantiateKernels } from '../../../../src/trainer/engines/wasm/kernelModule.ts';

const memory = new WebAssembly.Memory({ initial: 32, maximum: 65536, shared: true });
const floats = new Float32Array(memory.buffer);
const kernels = instantiateKernels(compileKernels(path.resolve('dist'), 'simd'), memory);
const random = new Random(23);

/** Addresses far enough apart for every size below. */
const [left, right, panels, bias, out] = [1, 2, 3, 4, 5].map((i) => i * 0x40000) as [number, number, number, number, number];
const outside = 777;

function fillRandom(address: number, count: number): Float64Array {
  const values = Float32Array.from({ length: count }, () => random.uniform() - 0.5);
  floats.set(values, address / 4);
  return Float64Array.from(values);
}

/** How a product comes by its operands. */
const layouts = [
  { name: 'a · b', leftTurned: false, packRight: 'packPanels' },
  { name: 'aᵀ · b', leftTurned: true, packRight: 'packPanels' },
  { name: 'a · bᵀ', leftTurned: false, packRight: 'packTransposedPanels' },
] as const;

function assertProduct(
  { name, leftTurned, packRight }: (typeof layouts)[number],
  rows: number,
  columns: number,
  depth: number,
  accumulate: boolean,
): void {
  const rightTurned = packRight === 'packTransposedPanels';
  const a = fillRandom(left, rows * depth);
  const b = fillRandom(right, columns * depth);
  const start = fillRandom(bias, columns);
  const [aRow, aColumn] = leftTurned ? [4, 4 * rows] : [4 * depth, 4];
  kernels[packRight]!(panels, right, rightTurned ? depth : columns, rightTurned ? columns : depth, rightTurned ? depth : columns);
  const stride = columns + 4;
  floats.fill(outside, out / 4, out / 4 + (rows + 8) * stride);
  kernels['multiply']!(out, stride, left, aRow, aColumn, panels, 8 * depth, bias, rows, columns, depth, accumulate ? 1 : 0);
  const what = `${name}, ${rows} × ${depth} × ${columns}${accumulate ? ', accumulated' : ''}`;
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < stride; j++) {
      let expected = j < columns ? start[j]! + (accumulate ? outside : 0) : outside;
      for (let k = 0; j < columns && k < depth; k++)
        expected += a[leftTurned ? k * rows + i : i * depth + k]! * b[rightTurned ? j * depth + k : k * columns + j]!;
      const actual = floats[out / 4 + i * stride + j]!;
      assert.ok(
        Math.abs(actual - expected) <= 2e-7 * (depth + 2) * Math.max(1, Math.abs(expected)),
        `${what}: ${actual} at (${i}, ${j}), expected ${expected}`,
      );
    }
  }
}

describe('multiply', () => {
  for (const layout of layouts) {
    it(`computes ${layout.name} for sizes that fill its tiles and sizes that do not, and leaves other columns alone`, () => {
      const rowCounts = layout.leftTurned ? [4, 12, 20] : [1, 3, 4, 7, 16];
      for (const rows of rowCounts) {
        for (const columns of [4, 8, 12, 24]) {
          // A depth is a row's width for operands that are transposed on the right, and any number else.
          for (const depth of layout.leftTurned ? [1, 2, 5, 8] : [4, 8, 20]) {
            for (const accumulate of [false, true]) assertProduct(layout, rows, columns, depth, accumulate);
          }
        }
      }
    });
  }
});
