// Gated recurrent unit, one sequence at a time. All arrays are float32, row-major; H = hidden units, a multiple of 4.
// A position keeps four gate vectors side by side, [4 × H]: r, z, n and hn (the recurrent part of n before the reset gate).
import { exp4, load4, multiplyAdd } from './vector';

// @ts-ignore: decorator
@inline function sigmoid4(x: v128): v128 {
  return f32x4.div(f32x4.splat(1), f32x4.add(f32x4.splat(1), exp4(f32x4.neg(x))));
}

// @ts-ignore: decorator
@inline function tanh4(x: v128): v128 {
  return f32x4.sub(f32x4.div(f32x4.splat(2), f32x4.add(f32x4.splat(1), exp4(f32x4.mul(f32x4.splat(-2), x)))), f32x4.splat(1));
}

/**
 * out[N] = x[K] · w[K × N], or out += with `add`; the sum runs over k in order. K and N are multiples of 4. Blocks of 32 columns for
 * hidden vectors and of 24 for the ledger's vocabulary keep enough sums in registers to hide an addition's latency.
 */
export function multiplyVector(out: usize, x: usize, w: usize, K: i32, N: i32, add: bool): void {
  const rowBytes = <usize>N << 2;
  const end = x + (<usize>K << 2);
  let j: i32 = 0;
  for (; j + 32 <= N; j += 32) {
    const o = out + (<usize>j << 2);
    let a0 = f32x4.splat(0), a1 = a0, a2 = a0, a3 = a0, a4 = a0, a5 = a0, a6 = a0, a7 = a0;
    if (add) {
      a0 = v128.load(o, 0);
      a1 = v128.load(o, 16);
      a2 = v128.load(o, 32);
      a3 = v128.load(o, 48);
      a4 = v128.load(o, 64);
      a5 = v128.load(o, 80);
      a6 = v128.load(o, 96);
      a7 = v128.load(o, 112);
    }
    let row = w + (<usize>j << 2);
    for (let p = x; p < end; p += 16) {
      let s = v128.load32_splat(p, 0);
      a0 = multiplyAdd(s, v128.load(row, 0), a0);
      a1 = multiplyAdd(s, v128.load(row, 16), a1);
      a2 = multiplyAdd(s, v128.load(row, 32), a2);
      a3 = multiplyAdd(s, v128.load(row, 48), a3);
      a4 = multiplyAdd(s, v128.load(row, 64), a4);
      a5 = multiplyAdd(s, v128.load(row, 80), a5);
      a6 = multiplyAdd(s, v128.load(row, 96), a6);
      a7 = multiplyAdd(s, v128.load(row, 112), a7);
      row += rowBytes;
      s = v128.load32_splat(p, 4);
      a0 = multiplyAdd(s, v128.load(row, 0), a0);
      a1 = multiplyAdd(s, v128.load(row, 16), a1);
      a2 = multiplyAdd(s, v128.load(row, 32), a2);
      a3 = multiplyAdd(s, v128.load(row, 48), a3);
      a4 = multiplyAdd(s, v128.load(row, 64), a4);
      a5 = multiplyAdd(s, v128.load(row, 80), a5);
      a6 = multiplyAdd(s, v128.load(row, 96), a6);
      a7 = multiplyAdd(s, v128.load(row, 112), a7);
      row += rowBytes;
      s = v128.load32_splat(p, 8);
      a0 = multiplyAdd(s, v128.load(row, 0), a0);
      a1 = multiplyAdd(s, v128.load(row, 16), a1);
      a2 = multiplyAdd(s, v128.load(row, 32), a2);
      a3 = multiplyAdd(s, v128.load(row, 48), a3);
      a4 = multiplyAdd(s, v128.load(row, 64), a4);
      a5 = multiplyAdd(s, v128.load(row, 80), a5);
      a6 = multiplyAdd(s, v128.load(row, 96), a6);
      a7 = multiplyAdd(s, v128.load(row, 112), a7);
      row += rowBytes;
      s = v128.load32_splat(p, 12);
      a0 = multiplyAdd(s, v128.load(row, 0), a0);
      a1 = multiplyAdd(s, v128.load(row, 16), a1);
      a2 = multiplyAdd(s, v128.load(row, 32), a2);
      a3 = multiplyAdd(s, v128.load(row, 48), a3);
      a4 = multiplyAdd(s, v128.load(row, 64), a4);
      a5 = multiplyAdd(s, v128.load(row, 80), a5);
      a6 = multiplyAdd(s, v128.load(row, 96), a6);
      a7 = multiplyAdd(s, v128.load(row, 112), a7);
      row += rowBytes;
    }
    v128.store(o, a0, 0);
    v128.store(o, a1, 16);
    v128.store(o, a2, 32);
    v128.store(o, a3, 48);
    v128.store(o, a4, 64);
    v128.store(o, a5, 80);
    v128.store(o, a6, 96);
    v128.store(o, a7, 112);
  }
  for (; j + 24 <= N; j += 24) {
    const o = out + (<usize>j << 2);
    let a0 = f32x4.splat(0), a1 = a0, a2 = a0, a3 = a0, a4 = a0, a5 = a0;
    if (add) {
      a0 = v128.load(o, 0);
      a1 = v128.load(o, 16);
      a2 = v128.load(o, 32);
      a3 = v128.load(o, 48);
      a4 = v128.load(o, 64);
      a5 = v128.load(o, 80);
    }
    let row = w + (<usize>j << 2);
    for (let p = x; p < end; p += 16) {
      let s = v128.load32_splat(p, 0);
      a0 = multiplyAdd(s, v128.load(row, 0), a0);
      a1 = multiplyAdd(s, v128.load(row, 16), a1);
      a2 = multiplyAdd(s, v128.load(row, 32), a2);
      a3 = multiplyAdd(s, v128.load(row, 48), a3);
      a4 = multiplyAdd(s, v128.load(row, 64), a4);
      a5 = multiplyAdd(s, v128.load(row, 80), a5);
      row += rowBytes;
      s = v128.load32_splat(p, 4);
      a0 = multiplyAdd(s, v128.load(row, 0), a0);
      a1 = multiplyAdd(s, v128.load(row, 16), a1);
      a2 = multiplyAdd(s, v128.load(row, 32), a2);
      a3 = multiplyAdd(s, v128.load(row, 48), a3);
      a4 = multiplyAdd(s, v128.load(row, 64), a4);
      a5 = multiplyAdd(s, v128.load(row, 80), a5);
      row += rowBytes;
      s = v128.load32_splat(p, 8);
      a0 = multiplyAdd(s, v128.load(row, 0), a0);
      a1 = multiplyAdd(s, v128.load(row, 16), a1);
      a2 = multiplyAdd(s, v128.load(row, 32), a2);
      a3 = multiplyAdd(s, v128.load(row, 48), a3);
      a4 = multiplyAdd(s, v128.load(row, 64), a4);
      a5 = multiplyAdd(s, v128.load(row, 80), a5);
      row += rowBytes;
      s = v128.load32_splat(p, 12);
      a0 = multiplyAdd(s, v128.load(row, 0), a0);
      a1 = multiplyAdd(s, v128.load(row, 16), a1);
      a2 = multiplyAdd(s, v128.load(row, 32), a2);
      a3 = multiplyAdd(s, v128.load(row, 48), a3);
      a4 = multiplyAdd(s, v128.load(row, 64), a4);
      a5 = multiplyAdd(s, v128.load(row, 80), a5);
      row += rowBytes;
    }
    v128.store(o, a0, 0);
    v128.store(o, a1, 16);
    v128.store(o, a2, 32);
    v128.store(o, a3, 48);
    v128.store(o, a4, 64);
    v128.store(o, a5, 80);
  }
  for (; j < N; j += 4) {
    const o = out + (<usize>j << 2);
    let a0 = add ? load4(o) : f32x4.splat(0);
    let row = w + (<usize>j << 2);
    for (let p = x; p < end; p += 4) {
      a0 = multiplyAdd(v128.load32_splat(p), v128.load(row), a0);
      row += rowBytes;
    }
    v128.store(o, a0);
  }
}

/** One step: h[H] → hNext[H]; `input` is the token's row [3 × H] of the input table, `recurrent` [3 × H × H]. Keeps `gates`. */
export function gruStep(hNext: usize, gates: usize, h: usize, input: usize, recurrent: usize, H: i32): void {
  const bytes = <usize>H << 2;
  const square = bytes * H;
  const r = gates, z = gates + bytes, n = gates + 2 * bytes, hn = gates + 3 * bytes;
  multiplyVector(r, h, recurrent, H, H, false);
  multiplyVector(z, h, recurrent + square, H, H, false);
  multiplyVector(hn, h, recurrent + 2 * square, H, H, false);
  for (let j: usize = 0; j < bytes; j += 16) {
    const rv = sigmoid4(f32x4.add(load4(r + j), load4(input + j)));
    const zv = sigmoid4(f32x4.add(load4(z + j), load4(input + bytes + j)));
    const nv = tanh4(multiplyAdd(rv, load4(hn + j), load4(input + 2 * bytes + j)));
    v128.store(r + j, rv);
    v128.store(z + j, zv);
    v128.store(n + j, nv);
    v128.store(hNext + j, multiplyAdd(zv, f32x4.sub(load4(h + j), nv), nv));
  }
}

/** logits[V] = h[H] · output[H × V] + bias[V] */
export function gruLogits(logits: usize, h: usize, output: usize, bias: usize, H: i32, V: i32): void {
  memory.copy(logits, bias, <usize>V << 2);
  multiplyVector(logits, h, output, H, V, true);
}

/**
 * Back-propagation through positions length − 1 … 0. `dLogits` [length × V] may have rows of zeros, which cost nothing.
 * states [(length + 1) × H] (row 0 is the initial state), gates [length × 4H], tokens int32 [length].
 * recurrentT [3 × H × H] and outputT [V × H] are transposed weights. Writes dGates [length × 4H] (dr, dz, dn·r, dn) and adds to
 * the gradients of the input table, bias and output. `cut` > 0 stops the flow of gradient from positions that are multiples of it to those before.
 */
export function gruBackward(
  dGates: usize, dLogits: usize, states: usize, gates: usize, tokens: usize, recurrentT: usize, outputT: usize,
  gInput: usize, gOutput: usize, gBias: usize, dh: usize, length: i32, H: i32, V: i32, cut: i32,
): void {
  const bytes = <usize>H << 2, square = bytes * H, vBytes = <usize>V << 2;
  const one = f32x4.splat(1);
  memory.fill(dh, 0, bytes);
  for (let t = length - 1; t >= 0; t--) {
    const dl = dLogits + <usize>t * vBytes;
    let any = i32x4.splat(0);
    for (let v: usize = 0; v < vBytes; v += 16) any = v128.or(any, load4(dl + v));
    if (v128.any_true(any)) {
      multiplyVector(dh, dl, outputT, V, H, true);
      for (let v: usize = 0; v < vBytes; v += 16) v128.store(gBias + v, f32x4.add(load4(gBias + v), load4(dl + v)));
      addOuter(gOutput, states + <usize>(t + 1) * bytes, dl, H, V);
    }
    const g = gates + <usize>t * 4 * bytes, d = dGates + <usize>t * 4 * bytes, h = states + <usize>t * bytes;
    const gx = gInput + <usize>load<i32>(tokens + (<usize>t << 2)) * 3 * bytes;
    for (let j: usize = 0; j < bytes; j += 16) {
      const r = load4(g + j), z = load4(g + bytes + j), n = load4(g + 2 * bytes + j), hn = load4(g + 3 * bytes + j);
      const D = load4(dh + j);
      const dz = f32x4.mul(f32x4.mul(f32x4.mul(D, f32x4.sub(load4(h + j), n)), z), f32x4.sub(one, z));
      const dn = f32x4.mul(f32x4.mul(D, f32x4.sub(one, z)), f32x4.sub(one, f32x4.mul(n, n)));
      const dr = f32x4.mul(f32x4.mul(f32x4.mul(dn, hn), r), f32x4.sub(one, r));
      v128.store(d + j, dr);
      v128.store(d + bytes + j, dz);
      v128.store(d + 2 * bytes + j, f32x4.mul(dn, r));
      v128.store(gx + j, f32x4.add(load4(gx + j), dr));
      v128.store(gx + bytes + j, f32x4.add(load4(gx + bytes + j), dz));
      v128.store(gx + 2 * bytes + j, f32x4.add(load4(gx + 2 * bytes + j), dn));
      v128.store(dh + j, f32x4.mul(D, z));
    }
    if (cut > 0 && t % cut === 0) memory.fill(dh, 0, bytes);
    else for (let q: usize = 0; q < 3; q++) multiplyVector(dh, d + q * bytes, recurrentT + q * square, H, H, true);
  }
}

/** g[K × N] += x[K]ᵀ · y[N] */
function addOuter(g: usize, x: usize, y: usize, K: i32, N: i32): void {
  const rowBytes = <usize>N << 2;
  for (let k = 0; k < K; k++) {
    const s = v128.load32_splat(x + (<usize>k << 2));
    for (let j: usize = 0; j < rowBytes; j += 16) v128.store(g + j, multiplyAdd(s, load4(y + j), load4(g + j)));
    g += rowBytes;
  }
}

/**
 * g[K × N] += Σ_t a[t, :]ᵀ · b[t, :] over t = 0 … T − 1, in order; rows of a and b lie aStride and bStride elements apart.
 * K and N are multiples of 4. Four rows by eight columns of g stay in registers while t runs.
 */
export function addOuterProducts(g: usize, a: usize, b: usize, T: i32, K: i32, N: i32, aStride: i32, bStride: i32): void {
  const rowBytes = <usize>N << 2, aBytes = <usize>aStride << 2, bBytes = <usize>bStride << 2;
  for (let k = 0; k < K; k += 4) {
    const g0 = g + <usize>k * rowBytes, g1 = g0 + rowBytes, g2 = g1 + rowBytes, g3 = g2 + rowBytes;
    let j: usize = 0;
    for (; j + 32 <= rowBytes; j += 32) {
      let c00 = load4(g0 + j), c01 = v128.load(g0 + j, 16), c10 = load4(g1 + j), c11 = v128.load(g1 + j, 16);
      let c20 = load4(g2 + j), c21 = v128.load(g2 + j, 16), c30 = load4(g3 + j), c31 = v128.load(g3 + j, 16);
      let pa = a + (<usize>k << 2), pb = b + j;
      for (let t = 0; t < T; t++) {
        const b0 = v128.load(pb), b1 = v128.load(pb, 16);
        let s = v128.load32_splat(pa);
        c00 = multiplyAdd(s, b0, c00);
        c01 = multiplyAdd(s, b1, c01);
        s = v128.load32_splat(pa, 4);
        c10 = multiplyAdd(s, b0, c10);
        c11 = multiplyAdd(s, b1, c11);
        s = v128.load32_splat(pa, 8);
        c20 = multiplyAdd(s, b0, c20);
        c21 = multiplyAdd(s, b1, c21);
        s = v128.load32_splat(pa, 12);
        c30 = multiplyAdd(s, b0, c30);
        c31 = multiplyAdd(s, b1, c31);
        pa += aBytes;
        pb += bBytes;
      }
      v128.store(g0 + j, c00);
      v128.store(g0 + j, c01, 16);
      v128.store(g1 + j, c10);
      v128.store(g1 + j, c11, 16);
      v128.store(g2 + j, c20);
      v128.store(g2 + j, c21, 16);
      v128.store(g3 + j, c30);
      v128.store(g3 + j, c31, 16);
    }
    for (; j < rowBytes; j += 16) {
      let c0 = load4(g0 + j), c1 = load4(g1 + j), c2 = load4(g2 + j), c3 = load4(g3 + j);
      let pa = a + (<usize>k << 2), pb = b + j;
      for (let t = 0; t < T; t++) {
        const bv = v128.load(pb);
        c0 = multiplyAdd(v128.load32_splat(pa), bv, c0);
        c1 = multiplyAdd(v128.load32_splat(pa, 4), bv, c1);
        c2 = multiplyAdd(v128.load32_splat(pa, 8), bv, c2);
        c3 = multiplyAdd(v128.load32_splat(pa, 12), bv, c3);
        pa += aBytes;
        pb += bBytes;
      }
      v128.store(g0 + j, c0);
      v128.store(g1 + j, c1);
      v128.store(g2 + j, c2);
      v128.store(g3 + j, c3);
    }
  }
}

/** out[C × R] = in[R × C]ᵀ */
export function transposeMatrix(out: usize, input: usize, R: i32, C: i32): void {
  for (let r = 0; r < R; r++) {
    for (let c = 0; c < C; c++) store<f32>(out + (<usize>(c * R + r) << 2), load<f32>(input + (<usize>(r * C + c) << 2)));
  }
}
