// Causal self-attention, one query at a time over the keys and values of its own sequence. A slot keeps queries, keys and values head
// by head ("heads" for short): queries and values [heads][tokens][headWidth], keys in panels of eight, [heads][tokens / 8][headWidth][8],
// so that a query meets sixteen keys at once without a sum across lanes. headWidth is a multiple of 4, tokens one of 16.
import { exp4, load4, multiplyAdd, sum4 } from './vector';

/** Takes qkv[count × 3 · width] apart: row i goes to position positions[i] of the heads at byte offset `heads` of the slot slots[i]. */
export function splitHeads(qkv: usize, slots: usize, positions: usize, heads: i32, count: i32, headCount: i32, headWidth: i32, tokens: i32): void {
  const rowBytes = <usize>headWidth << 2, headBytes = <usize>tokens * rowBytes, partBytes = <usize>headCount * headBytes;
  const key = qkv + <usize>headCount * rowBytes, value = key + <usize>headCount * rowBytes;
  for (let i: usize = 0; i < <usize>count; i++) {
    const slot = <usize>load<u32>(slots + (i << 2)) + heads, position = <usize>load<u32>(positions + (i << 2));
    const from = i * (3 * <usize>headCount * rowBytes);
    for (let h: usize = 0; h < <usize>headCount; h++) {
      const row = from + h * rowBytes, head = slot + h * headBytes;
      const panel = head + partBytes + (position >> 3) * (rowBytes << 3) + ((position & 7) << 2);
      for (let j: usize = 0; j < rowBytes; j += 16) {
        v128.store(head + position * rowBytes + j, load4(qkv + row + j));
        v128.store(head + 2 * partBytes + position * rowBytes + j, load4(value + row + j));
      }
      for (let j: usize = 0; j < rowBytes; j += 4) store<f32>(panel + (j << 3), load<f32>(key + row + j));
    }
  }
}

/**
 * out[count × width]: what each row's query reads from the positions up to its own. Keeps in the row's slot a copy of it in the array
 * [tokens × width] at byte offset `kept`, and log Σ exp of the scores in the array [heads × tokens] at `logSums`.
 * `scores`: work space of `tokens` floats.
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
      const queries = slot + heads + h * headBytes, keys = queries + partBytes, values = keys + partBytes;
      const n = <i32>position + 1;
      const logSum = attend(out, scores, queries + position * rowBytes, keys, values, n, headWidth);
      store<f32>(slot + logSums + ((h * tokens + position) << 2), logSum);
      const copy = slot + kept + position * width + h * rowBytes;
      for (let j: usize = 0; j < rowBytes; j += 16) v128.store(copy + j, load4(out + j));
      out += rowBytes;
    }
  }
}

/** out[headWidth] = softmax(query · keysᵀ / √headWidth) · values over n keys; returns log Σ exp. Reads keys up to n rounded up to 16. */
function attend(out: usize, scores: usize, query: usize, keys: usize, values: usize, n: i32, headWidth: i32): f32 {
  const largest = scoreKeys(scores, query, keys, n, headWidth);
  const shift = f32x4.splat(largest), end = scores + (<usize>n << 2);
  let sums = f32x4.splat(0);
  for (let p = scores; p < end; p += 32) {
    const e0 = exp4(f32x4.sub(load4(p), shift)), e1 = exp4(f32x4.sub(v128.load(p, 16), shift));
    v128.store(p, e0);
    v128.store(p, e1, 16);
    sums = f32x4.add(sums, f32x4.add(e0, e1));
  }
  const sum = sum4(sums);
  mixValues(out, scores, values, n, headWidth, 1 / sum);
  return largest + <f32>Math.log(<f64>sum);
}

/** scores[n] = query · keysᵀ / √headWidth, then −∞ up to n rounded up to 16; returns the largest. */
function scoreKeys(scores: usize, query: usize, keys: usize, n: i32, headWidth: i32): f32 {
  const panelBytes = <usize>headWidth << 5, queryEnd = query + (<usize>headWidth << 2);
  const scale = f32x4.splat(1 / sqrt<f32>(<f32>headWidth));
  let largest = f32x4.splat(-Infinity);
  for (let first = 0; first < n; first += 16) {
    let s0 = f32x4.splat(0), s1 = s0, s2 = s0, s3 = s0;
    let low = keys, high = keys + panelBytes;
    for (let q = query; q < queryEnd; q += 4) {
      const x = v128.load32_splat(q);
      s0 = multiplyAdd(x, v128.load(low), s0);
      s1 = multiplyAdd(x, v128.load(low, 16), s1);
      s2 = multiplyAdd(x, v128.load(high), s2);
      s3 = multiplyAdd(x, v128.load(high, 16), s3);
      low += 32;
      high += 32;
    }
    s0 = f32x4.mul(s0, scale);
    s1 = f32x4.mul(s1, scale);
    s2 = f32x4.mul(s2, scale);
    s3 = f32x4.mul(s3, scale);
    const known = n - first;
    if (known < 16) {
      s0 = hideFrom(known, s0);
      s1 = hideFrom(known - 4, s1);
      s2 = hideFrom(known - 8, s2);
      s3 = hideFrom(known - 12, s3);
    }
    v128.store(scores, s0);
    v128.store(scores, s1, 16);
    v128.store(scores, s2, 32);
    v128.store(scores, s3, 48);
    largest = f32x4.pmax(largest, f32x4.pmax(f32x4.pmax(s0, s1), f32x4.pmax(s2, s3)));
    scores += 64;
    keys += 2 * panelBytes;
  }
  return max(max(f32x4.extract_lane(largest, 0), f32x4.extract_lane(largest, 1)), max(f32x4.extract_lane(largest, 2), f32x4.extract_lane(largest, 3)));
}

/** −∞ in the lanes from `known` on. */
// @ts-ignore: decorator
@inline function hideFrom(known: i32, scores: v128): v128 {
  return v128.bitselect(scores, f32x4.splat(-Infinity), i32x4.lt_s(i32x4(0, 1, 2, 3), i32x4.splat(known)));
}

/** out[headWidth] = scale · weights[n] · values[n × headWidth] */
function mixValues(out: usize, weights: usize, values: usize, n: i32, headWidth: i32, scale: f32): void {
  const rowBytes = <usize>headWidth << 2;
  const end = weights + (<usize>n << 2);
  const scale4 = f32x4.splat(scale);
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
    v128.store(out + j, f32x4.mul(a0, scale4));
    v128.store(out + j, f32x4.mul(a1, scale4), 16);
    v128.store(out + j, f32x4.mul(a2, scale4), 32);
    v128.store(out + j, f32x4.mul(a3, scale4), 48);
  }
  for (; j < rowBytes; j += 16) {
    let a = f32x4.splat(0);
    let value = values + j;
    for (let p = weights; p < end; p += 4) {
      a = multiplyAdd(v128.load32_splat(p), load4(value), a);
      value += rowBytes;
    }
    v128.store(out + j, f32x4.mul(a, scale4));
  }
}
