// The right operand of `multiply`, in panels of eight columns: [columns / 8][depth][8]. Sources are row-major float32, rows `stride` floats
// apart; widths are multiples of 4.
import { load4 } from './vector';

/** out[4][4] = the transposed tile of four rows. */
// @ts-ignore: decorator
@inline function storeTransposed(out: usize, outBytes: usize, r0: v128, r1: v128, r2: v128, r3: v128): void {
  const low01 = v128.shuffle<f32>(r0, r1, 0, 4, 1, 5), high01 = v128.shuffle<f32>(r0, r1, 2, 6, 3, 7);
  const low23 = v128.shuffle<f32>(r2, r3, 0, 4, 1, 5), high23 = v128.shuffle<f32>(r2, r3, 2, 6, 3, 7);
  v128.store(out, v128.shuffle<f32>(low01, low23, 0, 1, 4, 5));
  v128.store(out + outBytes, v128.shuffle<f32>(low01, low23, 2, 3, 6, 7));
  v128.store(out + 2 * outBytes, v128.shuffle<f32>(high01, high23, 0, 1, 4, 5));
  v128.store(out + 3 * outBytes, v128.shuffle<f32>(high01, high23, 2, 3, 6, 7));
}

/** Panels of source[rows × width]: depth `rows`; columns that fill up the last panel are 0. */
export function packPanels(out: usize, source: usize, stride: i32, rows: i32, width: i32): void {
  const rowBytes = <usize>stride << 2, bytes = <usize>width << 2;
  const end = source + <usize>rows * rowBytes;
  for (let j: usize = 0; j < bytes; j += 32) {
    const whole = j + 32 <= bytes;
    for (let row = source + j; row < end + j; row += rowBytes) {
      v128.store(out, load4(row));
      v128.store(out, whole ? v128.load(row, 16) : f32x4.splat(0), 16);
      out += 32;
    }
  }
}

/**
 * Panels of sourceᵀ, where source is [rows × width]: depth `width`, a column for each row. Reads `rows` rounded up to 4; what fills
 * up the last panel beyond that is left as it is.
 */
export function packTransposedPanels(out: usize, source: usize, stride: i32, rows: i32, width: i32): void {
  const rowBytes = <usize>stride << 2, bytes = <usize>width << 2;
  for (let i = 0; i < rows; i += 4) {
    const r0 = source + <usize>i * rowBytes, r1 = r0 + rowBytes, r2 = r1 + rowBytes, r3 = r2 + rowBytes;
    let tile = out + <usize>(i >> 3) * (bytes << 3) + (<usize>(i & 4) << 2);
    for (let j: usize = 0; j < bytes; j += 16) {
      storeTransposed(tile, 32, load4(r0 + j), load4(r1 + j), load4(r2 + j), load4(r3 + j));
      tile += 128;
    }
  }
}

/** From the panels of a matrix [depth × columns] those of its transpose: depth `columns`, a column for each row; both are multiples of 4. */
export function transposePanels(out: usize, panels: usize, columns: i32, depth: i32): void {
  const outPanelBytes = <usize>columns << 5, panelBytes = <usize>depth << 5;
  for (let i = 0; i < columns; i += 4) {
    const from = panels + <usize>(i >> 3) * panelBytes + (<usize>(i & 4) << 2);
    for (let j = 0; j < depth; j += 4) {
      const tile = from + (<usize>j << 5);
      const to = out + <usize>(j >> 3) * outPanelBytes + (<usize>i << 5) + (<usize>(j & 4) << 2);
      storeTransposed(to, 32, load4(tile), v128.load(tile, 32), v128.load(tile, 64), v128.load(tile, 96));
    }
  }
}

/** sums[columns] += the sum over depth of every column of a packed matrix, in order. */
export function addPanelSums(sums: usize, panels: usize, columns: i32, depth: i32): void {
  for (let j = 0; j < columns; j += 8) {
    let low = f32x4.splat(0), high = low;
    const end = panels + (<usize>depth << 5);
    for (; panels < end; panels += 32) {
      low = f32x4.add(low, load4(panels));
      high = f32x4.add(high, v128.load(panels, 16));
    }
    const out = sums + (<usize>j << 2);
    v128.store(out, f32x4.add(load4(out), low));
    if (j + 8 <= columns) v128.store(out, f32x4.add(v128.load(out, 16), high), 16);
  }
}
