// Backward pass of causal self-attention for one sequence. The attention weights are not kept: they are computed again from queries,
// keys and log Σ exp, a block of queries at a time (Dao et al., "FlashAttention", 2022).
import { gatherRows } from './embedding';
import { multiply } from './matmul';
import { packPanels, packStrips, packTransposedPanels } from './operands';
import { exp4, load4, multiplyAdd, sum4 } from './vector';

/** Queries in a block. */
const block: i32 = 32;

/** Bytes of work space that `attentionBackward` needs for sequences of up to `tokens`, a multiple of 8. */
export function attentionScratchBytes(headWidth: i32, tokens: i32): i32 {
  const columns = (headWidth + 7) & ~7;
  return (tokens * (2 * headWidth + columns + 12 + 2 * block) + block * (3 * headWidth + 2 * columns) + 4 * headWidth) << 2;
}

/**
 * Adds to dQkv[n × 3 · width] the gradient with respect to queries, keys and values, where `count` queries at ascending positions
 * have the output gradient dOut[count × width]. Kept from the forward pass: out [tokens × width], heads [3][heads][tokens][headWidth]
 * and logSums [heads × tokens]. dQkv has n = last position + 1 rows, rounded up to 4.
 */
export function attentionBackward(
  dQkv: usize, dOut: usize, out: usize, heads: usize, logSums: usize, positions: usize, scratch: usize,
  count: i32, headCount: i32, headWidth: i32, tokens: i32,
): void {
  const rowBytes = <usize>headWidth << 2, headBytes = <usize>tokens * rowBytes, partBytes = <usize>headCount * headBytes;
  for (let h: usize = 0; h < <usize>headCount; h++) {
    const column = h * rowBytes;
    const queries = heads + h * headBytes;
    headBackward(
      dQkv + column, dOut + column, out + column, queries, queries + partBytes, queries + 2 * partBytes,
      logSums + h * (<usize>tokens << 2), positions, scratch, count, headWidth, headWidth * headCount,
    );
  }
}

/** The same for one head: queries, keys, values [tokens × headWidth]; dQkv, dOut and out point at the head's columns. */
function headBackward(
  dQkv: usize, dOut: usize, out: usize, queries: usize, keys: usize, values: usize, logSums: usize, positions: usize, scratch: usize,
  count: i32, headWidth: i32, width: i32,
): void {
  const n = load<i32>(positions + (<usize>(count - 1) << 2)) + 1;
  const columns = (headWidth + 7) & ~7, padded = (n + 7) & ~7;
  const keyColumns = scratch;
  const valueColumns = keyColumns + (<usize>(padded * headWidth) << 2);
  const keyPanels = valueColumns + (<usize>(padded * headWidth) << 2);
  const scores = keyPanels + (<usize>(padded * columns) << 2);
  const dWeights = scores + (<usize>(padded * 4) << 2);
  const dScores = dWeights + (<usize>(padded * 4) << 2);
  const weightsT = dScores + (<usize>(padded * 4) << 2);
  const dScoresT = weightsT + (<usize>(padded * block) << 2);
  const queryRows = dScoresT + (<usize>(padded * block) << 2);
  const queryStrips = queryRows + (<usize>(block * headWidth) << 2);
  const dOutStrips = queryStrips + (<usize>(block * headWidth) << 2);
  const queryPanels = dOutStrips + (<usize>(block * headWidth) << 2);
  const dOutPanels = queryPanels + (<usize>(block * columns) << 2);
  const dQuery = dOutPanels + (<usize>(block * columns) << 2);

  packTransposedPanels(keyColumns, keys, headWidth, n, headWidth);
  packTransposedPanels(valueColumns, values, headWidth, n, headWidth);
  packPanels(keyPanels, keys, headWidth, n, headWidth);
  for (let first = 0; first < count; first += block) {
    const size = min(block, count - first);
    const at = positions + (<usize>first << 2), d = dOut + (<usize>(first * width) << 2);
    const reach = load<i32>(at + (<usize>(size - 1) << 2)) + 1;
    gatherRows(queryRows, queries, at, size, headWidth);
    packStrips(queryStrips, queryRows, headWidth, size, headWidth);
    packPanels(queryPanels, queryRows, headWidth, size, headWidth);
    packStrips(dOutStrips, d, width, size, headWidth);
    packPanels(dOutPanels, d, width, size, headWidth);
    for (let i = 0; i < size; i += 4) {
      const rows = min(4, size - i);
      const strip = <usize>(i * headWidth) << 2, here = at + (<usize>i << 2);
      const visible = load<i32>(here + (<usize>(rows - 1) << 2)) + 1;
      multiply(scores, padded, queryStrips + strip, 0, keyColumns, headWidth << 3, 0, 4, (visible + 7) & ~7, headWidth, false);
      multiply(dWeights, padded, dOutStrips + strip, 0, valueColumns, headWidth << 3, 0, 4, (visible + 7) & ~7, headWidth, false);
      const turned = <usize>i << 4;
      scoreGradients(dScores, dScoresT + turned, weightsT + turned, scores, dWeights, d + (<usize>(i * width) << 2), out, logSums, here, rows, visible, reach, padded, headWidth, width);
      multiply(dQuery, headWidth, dScores, 0, keyPanels, n << 3, 0, 4, headWidth, visible, false);
      for (let r = 0; r < rows; r++) {
        const target = dQkv + <usize>(load<i32>(here + (<usize>r << 2)) * 3 * width << 2), row = dQuery + (<usize>(r * headWidth) << 2);
        for (let j: usize = 0; j < <usize>headWidth << 2; j += 16) v128.store(target + j, f32x4.add(load4(target + j), load4(row + j)));
      }
    }
    const dKeys = dQkv + (<usize>width << 2), dValues = dKeys + (<usize>width << 2);
    multiply(dKeys, 3 * width, dScoresT, block << 2, queryPanels, size << 3, 0, reach, headWidth, size, true);
    multiply(dValues, 3 * width, weightsT, block << 2, dOutPanels, size << 3, 0, reach, headWidth, size, true);
  }
}

/** One query's attention weights on the four keys from `key` on; 0 behind its own position. */
// @ts-ignore: decorator
@inline function weights4(scores: usize, scale: v128, logSum: v128, visible: v128): v128 {
  return v128.and(exp4(f32x4.sub(f32x4.mul(load4(scores), scale), logSum)), visible);
}

/**
 * From the raw scores and dWeights [4 × padded] of up to four queries, for keys 0 … visible − 1: the strip dScores [visible][4] and,
 * for keys 0 … reach − 1 (0 from `visible` on), the strips' columns of weightsᵀ and dScoresᵀ, [reach / 4][block][4].
 * dScore = weight · (dWeight − dOut · out) / √headWidth.
 */
function scoreGradients(
  dScores: usize, dScoresT: usize, weightsT: usize, scores: usize, dWeights: usize, dOut: usize, out: usize, logSums: usize, positions: usize,
  rows: i32, visible: i32, reach: i32, padded: i32, headWidth: i32, width: i32,
): void {
  const scale: f32 = 1 / sqrt<f32>(<f32>headWidth);
  const stripBytes: usize = block << 4;
  const rowBytes = <usize>padded << 2, headBytes = <usize>headWidth << 2;
  for (let r = 0; r < 4; r++) {
    const row = <usize>r;
    // Rows that only fill up the strip see no key, and so get no weight.
    const position: i32 = r < rows ? load<i32>(positions + (row << 2)) : -1;
    const logSum = f32x4.splat(r < rows ? load<f32>(logSums + (<usize>position << 2)) : 0);
    let products = f32x4.splat(0);
    if (r < rows) {
      const o = out + (<usize>(position * width) << 2), d = dOut + (row * width << 2);
      for (let j: usize = 0; j < headBytes; j += 16) products = multiplyAdd(load4(d + j), load4(o + j), products);
    }
    const mean = f32x4.splat(sum4(products)), scale4 = f32x4.splat(scale), limit = i32x4.splat(position);
    let key = i32x4(0, 1, 2, 3);
    let s = scores + row * rowBytes, dw = dWeights + row * rowBytes, strip = dScores + (row << 2);
    let wt = weightsT + (row << 4), dt = dScoresT + (row << 4);
    let k = 0;
    for (; k < visible; k += 4) {
      const seen = i32x4.le_s(key, limit);
      const w = weights4(s, scale4, logSum, seen);
      const ds = v128.and(f32x4.mul(f32x4.mul(w, f32x4.sub(load4(dw), mean)), scale4), seen);
      v128.store(wt, w);
      v128.store(dt, ds);
      store<f32>(strip, f32x4.extract_lane(ds, 0));
      store<f32>(strip, f32x4.extract_lane(ds, 1), 16);
      store<f32>(strip, f32x4.extract_lane(ds, 2), 32);
      store<f32>(strip, f32x4.extract_lane(ds, 3), 48);
      key = i32x4.add(key, i32x4.splat(4));
      s += 16;
      dw += 16;
      strip += 64;
      wt += stripBytes;
      dt += stripBytes;
    }
    for (; k < reach; k += 4) {
      v128.store(wt, f32x4.splat(0));
      v128.store(dt, f32x4.splat(0));
      wt += stripBytes;
      dt += stripBytes;
    }
  }
}
