// Backward pass of causal self-attention for one sequence. The attention weights are not kept: they are computed again from queries,
// keys and log Σ exp, one tile of queries × keys at a time (Dao et al., "FlashAttention", 2022).
import { gatherRows } from './embedding';
import { multiply } from './matmul';
import { packPanels, packTransposedPanels, transposePanels } from './operands';
import { exp4, load4, multiplyAdd, sum4 } from './vector';

/** Queries and keys of a tile. */
const tileQueries: i32 = 32;
const tileKeys: i32 = 64;

/** Bytes of work space that `attentionBackward` needs for sequences of up to `tokens`. */
export function attentionScratchBytes(headWidth: i32, tokens: i32): i32 {
  const columns = (headWidth + 7) & ~7;
  const perTile = 2 * 4 * tileKeys + 2 * tileKeys * tileQueries + tileQueries * (2 * headWidth + 2 * columns + 1);
  return (tokens * (headWidth + columns) + perTile) << 2;
}

/**
 * Adds to dQkv[n × 3 · width] the gradient with respect to queries, keys and values, where `count` queries at ascending positions
 * have the output gradient dOut[count × width]. Kept from the forward pass: out [tokens × width], `heads` (see attention.ts) and
 * logSums [heads × tokens]. dQkv has n = last position + 1 rows, rounded up to 4.
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
      logSums + h * (<usize>tokens << 2), positions, scratch, count, headWidth, headWidth * headCount, tokens,
    );
  }
}

/** The same for one head; dQkv, dOut and out point at its columns. */
function headBackward(
  dQkv: usize, dOut: usize, out: usize, queries: usize, keys: usize, values: usize, logSums: usize, positions: usize, scratch: usize,
  count: i32, headWidth: i32, width: i32, tokens: i32,
): void {
  const columns = (headWidth + 7) & ~7;
  const rowBytes = <usize>headWidth << 2, panelBytes = <usize>columns << 2;
  const stripBytes: usize = 4 * tileKeys << 2, tileBytes: usize = tileQueries * tileKeys << 2;
  const valueColumns = scratch;
  const keyPanels = valueColumns + <usize>tokens * rowBytes;
  const scores = keyPanels + <usize>tokens * panelBytes;
  const dWeights = scores + stripBytes;
  const weights = dWeights + stripBytes;
  const dScores = weights + tileBytes;
  const queryRows = dScores + tileBytes;
  const dQueries = queryRows + <usize>tileQueries * rowBytes;
  const queryPanels = dQueries + <usize>tileQueries * rowBytes;
  const dOutPanels = queryPanels + <usize>tileQueries * panelBytes;
  const means = dOutPanels + <usize>tileQueries * panelBytes;
  const dKeys = dQkv + (<usize>width << 2), dValues = dKeys + (<usize>width << 2);

  const n = positionAt(positions, count - 1) + 1;
  packTransposedPanels(valueColumns, values, headWidth, n, headWidth);
  for (let tile = 0; tile < n; tile += tileKeys) {
    transposePanels(keyPanels + <usize>tile * panelBytes, keys + <usize>tile * rowBytes, keysFrom(tile, n), headWidth);
  }
  for (let first = 0; first < count; first += tileQueries) {
    const size = min(tileQueries, count - first);
    const at = positions + (<usize>first << 2), d = dOut + (<usize>first * width << 2);
    const reach = positionAt(at, size - 1) + 1;
    gatherRows(queryRows, queries, at, size, headWidth);
    packPanels(queryPanels, queryRows, headWidth, size, headWidth);
    packPanels(dOutPanels, d, width, size, headWidth);
    dotRows(means, d, out, at, size, headWidth, width);
    memory.fill(dQueries, 0, <usize>tileQueries * rowBytes);
    for (let tile = 0; tile < reach; tile += tileKeys) {
      const tileKeyColumns = keys + <usize>tile * rowBytes, tileValueColumns = valueColumns + <usize>tile * rowBytes;
      const tileKeyPanels = keyPanels + <usize>tile * panelBytes;
      const tileSize = min(tileKeys, reach - tile);
      let firstSeeing = 0;
      while (positionAt(at, min(firstSeeing + 3, size - 1)) < tile) firstSeeing += 4;
      for (let i = firstSeeing; i < size; i += 4) {
        const rows = min(4, size - i);
        const row = <usize>i * rowBytes, weightRow = <usize>(i * tileKeys) << 2, here = at + (<usize>i << 2);
        const visible = min(tileSize, positionAt(here, rows - 1) + 1 - tile);
        multiply(scores, tileKeys, queryRows + row, headWidth << 2, 4, tileKeyColumns, headWidth << 3, 0, 4, (visible + 7) & ~7, headWidth, false);
        multiply(dWeights, tileKeys, d + (<usize>(i * width) << 2), width << 2, 4, tileValueColumns, headWidth << 3, 0, 4, (visible + 7) & ~7, headWidth, false);
        for (let r = 0; r < 4; r++) {
          // Rows that only fill up the four see no key, and so get no weight.
          const position = r < rows ? positionAt(here, r) : -1;
          const logSum: f32 = r < rows ? load<f32>(logSums + (<usize>position << 2)) : 0;
          const out = weightRow + (<usize>(r * tileKeys) << 2);
          scoreGradients(
            dScores + out, weights + out, scores + (r * tileKeys << 2), dWeights + (r * tileKeys << 2),
            logSum, load<f32>(means + (<usize>min(i + r, size - 1) << 2)), 1 / sqrt<f32>(<f32>headWidth), position - tile, visible, tileSize,
          );
        }
        multiply(dQueries + row, headWidth, dScores + weightRow, tileKeys << 2, 4, tileKeyPanels, keysFrom(tile, n) << 3, 0, 4, headWidth, visible, true);
      }
      const skipped = <usize>(firstSeeing * tileKeys) << 2, skippedPanel = <usize>firstSeeing << 5;
      const depth = size - firstSeeing, rowOffset = <usize>tile * (3 * width) << 2;
      multiply(dKeys + rowOffset, 3 * width, dScores + skipped, 4, tileKeys << 2, queryPanels + skippedPanel, size << 3, 0, tileSize, headWidth, depth, true);
      multiply(dValues + rowOffset, 3 * width, weights + skipped, 4, tileKeys << 2, dOutPanels + skippedPanel, size << 3, 0, tileSize, headWidth, depth, true);
    }
    addRows(dQkv, 3 * width, dQueries, at, size, headWidth);
  }
}

// @ts-ignore: decorator
@inline function positionAt(positions: usize, i: i32): i32 {
  return load<i32>(positions + (<usize>i << 2));
}

/** Keys of the tile from `tile` on, of n, rounded up to 4. */
// @ts-ignore: decorator
@inline function keysFrom(tile: i32, n: i32): i32 {
  return min(tileKeys, (n - tile + 3) & ~3);
}

/** dots[i] = d[i] · out[positions[i]], rows of headWidth floats, `width` apart. */
function dotRows(dots: usize, d: usize, out: usize, positions: usize, count: i32, headWidth: i32, width: i32): void {
  const bytes = <usize>headWidth << 2, stride = <usize>width << 2;
  for (let i = 0; i < count; i++) {
    const row = out + <usize>positionAt(positions, i) * stride;
    let products = f32x4.splat(0);
    for (let j: usize = 0; j < bytes; j += 16) products = multiplyAdd(load4(d + j), load4(row + j), products);
    store<f32>(dots + (<usize>i << 2), sum4(products));
    d += stride;
  }
}

/** Row i of source [count × width] is added to out[positions[i]], rows `stride` floats apart. */
function addRows(out: usize, stride: i32, source: usize, positions: usize, count: i32, width: i32): void {
  const bytes = <usize>width << 2;
  for (let i = 0; i < count; i++) {
    const row = out + (<usize>positionAt(positions, i) * stride << 2);
    for (let j: usize = 0; j < bytes; j += 16) v128.store(row + j, f32x4.add(load4(row + j), load4(source + j)));
    source += bytes;
  }
}

/**
 * One query's row of a tile: from its raw scores and dWeights, for the first `visible` keys, its weights = exp(scale · score − logSum)
 * and dScores = weight · (dWeight − mean) · scale, both 0 behind the key `own`. `mean` is Σ weight · dWeight over all keys.
 * Fills up `tileSize`, rounded up to 4, with 0.
 */
function scoreGradients(
  dScores: usize, weights: usize, scores: usize, dWeights: usize, logSum: f32, mean: f32, scale: f32, own: i32, visible: i32, tileSize: i32,
): void {
  const logSum4 = f32x4.splat(logSum), mean4 = f32x4.splat(mean), scale4 = f32x4.splat(scale), own4 = i32x4.splat(own);
  const end = <usize>visible << 2, rowEnd = <usize>tileSize << 2;
  let key = i32x4(0, 1, 2, 3);
  let k: usize = 0;
  for (; k < end; k += 16) {
    const seen = i32x4.le_s(key, own4);
    const weight = v128.and(exp4(f32x4.sub(f32x4.mul(load4(scores + k), scale4), logSum4)), seen);
    v128.store(weights + k, weight);
    v128.store(dScores + k, v128.and(f32x4.mul(f32x4.mul(weight, f32x4.sub(load4(dWeights + k), mean4)), scale4), seen));
    key = i32x4.add(key, i32x4.splat(4));
  }
  for (; k < rowEnd; k += 16) {
    v128.store(weights + k, f32x4.splat(0));
    v128.store(dScores + k, f32x4.splat(0));
  }
}
