// Matrix product in the manner of Goto and van de Geijn, "Anatomy of High-Performance Matrix Multiplication" (2008): four rows by eight
// columns of the result stay in registers, and the right operand is packed so that it is read in the order in which it lies.
import { load4, multiplyAdd } from './vector';

/**
 * c[rows × columns] = bias + a · b, or c += bias + a · b with `accumulate`.
 * a: any matrix whose rows lie `aRowBytes` and whose columns lie `aColumnBytes` apart: as it is, or a transpose. b: panels of eight
 * columns, [columns / 8][depth][8], `bStride` floats apart. c: row-major, rows `cStride` floats apart. bias [columns], or 0 for none.
 * `rows` is rounded up to 4: so far a is read, and c written. `columns` is a multiple of 4. Each element is one sum in the order of depth,
 * so that it depends on its own row and column only.
 */
export function multiply(
  c: usize, cStride: i32, a: usize, aRowBytes: i32, aColumnBytes: i32, b: usize, bStride: i32, bias: usize, rows: i32, columns: i32, depth: i32, accumulate: bool,
): void {
  const rowBytes = <usize>cStride << 2;
  for (let j = 0; j < columns; j += 8) {
    const panel = b + <usize>(j >> 3) * (<usize>bStride << 2);
    const end = panel + (<usize>depth << 5);
    const column = <usize>j << 2;
    const whole = j + 8 <= columns;
    for (let i = 0; i < rows; i += 4) {
      const c0 = c + <usize>i * rowBytes + column, c1 = c0 + rowBytes, c2 = c1 + rowBytes, c3 = c2 + rowBytes;
      let x00 = f32x4.splat(0), x01 = x00;
      if (bias) {
        x00 = load4(bias + column);
        if (whole) x01 = v128.load(bias + column, 16);
      }
      let x10 = x00, x11 = x01, x20 = x00, x21 = x01, x30 = x00, x31 = x01;
      // V8 puts all loads of a turn before its sums: eight sums, two columns and four splats are what its fifteen registers hold. To unroll
      // this loop, or to widen the tile, makes it slower; six rows of pre-packed splats win a tenth, and packing them costs as much.
      let p0 = a + <usize>i * aRowBytes, p1 = p0 + aRowBytes, p2 = p1 + aRowBytes, p3 = p2 + aRowBytes;
      for (let q = panel; q < end; q += 32) {
        const b0 = v128.load(q), b1 = v128.load(q, 16);
        let s = v128.load32_splat(p0);
        x00 = multiplyAdd(s, b0, x00);
        x01 = multiplyAdd(s, b1, x01);
        s = v128.load32_splat(p1);
        x10 = multiplyAdd(s, b0, x10);
        x11 = multiplyAdd(s, b1, x11);
        s = v128.load32_splat(p2);
        x20 = multiplyAdd(s, b0, x20);
        x21 = multiplyAdd(s, b1, x21);
        s = v128.load32_splat(p3);
        x30 = multiplyAdd(s, b0, x30);
        x31 = multiplyAdd(s, b1, x31);
        p0 += aColumnBytes;
        p1 += aColumnBytes;
        p2 += aColumnBytes;
        p3 += aColumnBytes;
      }
      // What is there already is added last: to begin with it would have every sum wait for memory.
      if (accumulate) {
        x00 = f32x4.add(x00, load4(c0));
        x10 = f32x4.add(x10, load4(c1));
        x20 = f32x4.add(x20, load4(c2));
        x30 = f32x4.add(x30, load4(c3));
        if (whole) {
          x01 = f32x4.add(x01, v128.load(c0, 16));
          x11 = f32x4.add(x11, v128.load(c1, 16));
          x21 = f32x4.add(x21, v128.load(c2, 16));
          x31 = f32x4.add(x31, v128.load(c3, 16));
        }
      }
      v128.store(c0, x00);
      v128.store(c1, x10);
      v128.store(c2, x20);
      v128.store(c3, x30);
      if (whole) {
        v128.store(c0, x01, 16);
        v128.store(c1, x11, 16);
        v128.store(c2, x21, 16);
        v128.store(c3, x31, 16);
      }
    }
  }
}
