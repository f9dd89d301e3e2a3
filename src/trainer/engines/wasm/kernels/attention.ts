// Causal self-attention, one query at a time over the keys and values of its own sequence. A slot keeps queries, keys and values head
// by head, [3][heads][tokens][headWidth] ("heads" for short), so that a head's keys are one stream; headWidth is a multiple of 4.
import { exp4, load4, multiplyAdd, sum4 } from './vector';

/** Takes qkv[count × 3 · width] apart: row i goes to position positions[i] of the heads at byte offset `heads` of the slot slots[i]. */
export function splitHeads(qkv: usize, slots: usize, positions: usize, heads: i32, count: i32, headCount: i32, headWidth: i32, tokens: i32): void {
  const rowBytes = <usize>headWidth << 2;
  for (let i: usize = 0; i < <usize>count; i++) {
    let row = <usize>load<u32>(slots + (i << 2)) + heads + <usize>load<u32>(positions + (i << 2)) * rowBytes;
    for (let part = 0; part < 3 * headCount; part++) {
      for (let j: usize = 0; j < rowBytes; j += 16) v128.store(row + j, load4(qkv + j));
      qkv += rowBytes;
      row += <usize>tokens * rowBytes;
    }
  }
}

/**
 * out[count × width]: what each row's query reads from the positions up to its own. Keeps in the row's slot a copy of it in the array
 * [tokens × width] at byte offset `kept`, and log Σ exp of the scores in the array [heads × tokens] at `logSums`.
 * `scores`: work space of `tokens` floats, rounded up to 4.
 */
export function attendRows(
  out: usize, slots: usize, positions: usize, heads: i32, kept: i32, logSums: i32, scores: usize,
  count: i32, headCount: i32, headWidth: i32, tokens: i32,
): void {
  const rowBytes = <usize>headWidth << 2, headBytes = <usize>tokens * rowBytes;
  const partBytes = <usize>headCount * headBytes, width = <usize>headCount * rowBytes;
  for (let i: usize = 0; i < <usize>count; i++) {
    const slot = <usize>load<u32>(slots + (i << 2)), position = <usize>load<u32>(positions + (i << 2));
    for (let h: usize = 0; h < <usize>headCount; h++) {
      const keys = slot + heads + partBytes + h * headBytes;
      const logSum = scoreKeys(scores, keys - partBytes + position * rowBytes, keys, <i32>position + 1, headWidth);
      mixValues(out, scores, keys + partBytes, <i32>position + 1, headWidth);
      store<f32>(slot + logSums + ((h * tokens + position) << 2), logSum);
      const copy = slot + kept + position * width + h * rowBytes;
      for (let j: usize = 0; j < rowBytes; j += 16) v128.store(copy + j, load4(out + j));
      out += rowBytes;
    }
  }
}

/** scores[n] = softmax(query · keysᵀ / √headWidth); returns log Σ exp. Reads and writes up to n rounded up to 4. */
function scoreKeys(scores: usize, query: usize, keys: usize, n: i32, headWidth: i32): f32 {
  const rowBytes = <usize>headWidth << 2;
  const scale = f32x4.splat(1 / sqrt<f32>(<f32>headWidth));
  const end = scores + (<usize>n << 2);
  let largest4 = f32x4.splat(-Infinity);
  for (let p = scores; p < end; p += 16) {
    const k1 = keys + rowBytes, k2 = k1 + rowBytes, k3 = k2 + rowBytes;
    let s0 = f32x4.splat(0), s1 = s0, s2 = s0, s3 = s0;
    for (let j: usize = 0; j < rowBytes; j += 16) {
      const q = load4(query + j);
      s0 = multiplyAdd(q, load4(keys + j), s0);
      s1 = multiplyAdd(q, load4(k1 + j), s1);
      s2 = multiplyAdd(q, load4(k2 + j), s2);
      s3 = multiplyAdd(q, load4(k3 + j), s3);
    }
    keys = k3 + rowBytes;
    // The four sums of four lanes each, side by side.
    const even = f32x4.add(v128.shuffle<f32>(s0, s1, 0, 4, 1, 5), v128.shuffle<f32>(s0, s1, 2, 6, 3, 7));
    const odd = f32x4.add(v128.shuffle<f32>(s2, s3, 0, 4, 1, 5), v128.shuffle<f32>(s2, s3, 2, 6, 3, 7));
    let s = f32x4.add(v128.shuffle<f32>(even, odd, 0, 1, 4, 5), v128.shuffle<f32>(even, odd, 2, 3, 6, 7));
    s = f32x4.mul(s, scale);
    if (p + 16 > end) {
      const known = i32x4.lt_s(i32x4(0, 1, 2, 3), i32x4.splat(<i32>(end - p) >> 2));
      s = v128.bitselect(s, f32x4.splat(-Infinity), known);
    }
    v128.store(p, s);
    largest4 = f32x4.max(largest4, s);
  }
  const largest = max(max(f32x4.extract_lane(largest4, 0), f32x4.extract_lane(largest4, 1)), max(f32x4.extract_lane(largest4, 2), f32x4.extract_lane(largest4, 3)));
  const shift = f32x4.splat(largest);
  let sum4s = f32x4.splat(0);
  for (let p = scores; p < end; p += 16) {
    const e = exp4(f32x4.sub(load4(p), shift));
    v128.store(p, e);
    sum4s = f32x4.add(sum4s, e);
  }
  const sum = sum4(sum4s), inverse = f32x4.splat(1 / sum);
  for (let p = scores; p < end; p += 16) v128.store(p, f32x4.mul(load4(p), inverse));
  return largest + <f32>Math.log(<f64>sum);
}

/** out[headWidth] = weights[n] · values[n × headWidth] */
function mixValues(out: usize, weights: usize, values: usize, n: i32, headWidth: i32): void {
  const rowBytes = <usize>headWidth << 2;
  const end = weights + (<usize>n << 2);
  let j: usize = 0;
  for (; j + 64 <= rowBytes; j += 64) {
    let a0 = f32x4.splat(0), a1 = a0, a2 = a0, a3 = a0;
    let value = values + j;
    for (let p = weights; p < end; p += 4) {
      const w = v128.load32_splat(p);
      a0 = multiplyAdd(w, v128.load(value), a0);
      a1 = multiplyAdd(w, v128.load(value, 16), a1);
      a2 = multiplyAdd(w, v128.load(value, 32), a2);
      a3 = multiplyAdd(w, v128.load(value, 48), a3);
      value += rowBytes;
    }
    v128.store(out + j, a0);
    v128.store(out + j, a1, 16);
    v128.store(out + j, a2, 32);
    v128.store(out + j, a3, 48);
  }
  for (; j < rowBytes; j += 16) {
    let a = f32x4.splat(0);
    let value = values + j;
    for (let p = weights; p < end; p += 4) {
      a = multiplyAdd(v128.load32_splat(p), load4(value), a);
      value += rowBytes;
    }
    v128.store(out + j, a);
  }
}
