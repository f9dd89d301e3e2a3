// Matrix product over packed operands, as in Goto and van de Geijn, "Anatomy of High-Performance Matrix Multiplication" (2008):
// four rows by eight columns of the result stay in registers while both operands are read in the order in which they lie.
import { load4, multiplyAdd } from './vector';

/**
 * c[rows × columns] = bias + a · b, or c += bias + a · b with `accumulate`.
 * a: strips of four rows, [rows / 4][depth][4], `aStride` floats apart. b: panels of eight columns, [columns / 8][depth][8], `bStride`
 * floats apart. c: row-major, rows `cStride` floats apart, with room for `rows` rounded up to 4. bias [columns], or 0 for none.
 * `columns` is a multiple of 4. Each element is one sum in the order of depth, so that it depends on its own row and column only.
 */
export function multiply(
  c: usize, cStride: i32, a: usize, aStride: i32, b: usize, bStride: i32, bias: usize, rows: i32, columns: i32, depth: i32, accumulate: bool,
): void {
  const rowBytes = <usize>cStride << 2;
  for (let j = 0; j < columns; j += 8) {
    const panel = b + <usize>(j >> 3) * (<usize>bStride << 2);
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
      // Eight sums, two columns and four splats fill V8's sixteen registers: to unroll this loop, or to widen the tile, makes it slower.
      let p = a + <usize>(i >> 2) * (<usize>aStride << 2), q = panel;
      const end = p + (<usize>depth << 4);
      while (p < end) {
        const b0 = v128.load(q), b1 = v128.load(q, 16);
        let s = v128.load32_splat(p);
        x00 = multiplyAdd(s, b0, x00);
        x01 = multiplyAdd(s, b1, x01);
        s = v128.load32_splat(p, 4);
        x10 = multiplyAdd(s, b0, x10);
        x11 = multiplyAdd(s, b1, x11);
        s = v128.load32_splat(p, 8);
        x20 = multiplyAdd(s, b0, x20);
        x21 = multiplyAdd(s, b1, x21);
        s = v128.load32_splat(p, 12);
        x30 = multiplyAdd(s, b0, x30);
        x31 = multiplyAdd(s, b1, x31);
        p += 16;
        q += 32;
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
