// LayerNorm over rows of `width` floats, a multiple of 4; its backward pass needs the normalized row x̂ and 1/σ only.
import { load4, multiplyAdd, sum4 } from './vector';

const epsilon: f32 = 1e-5;

/**
 * out = x̂ ∘ gamma + beta for the rows of x. Row i belongs to position positions[i] of the slot at slots[i]: x̂ goes to the slot's
 * array [tokens × width] at byte offset `normalized`, 1/σ to its array [tokens] at `inverseDeviation`.
 */
export function normalizeRows(
  out: usize, x: usize, slots: usize, positions: usize, normalized: i32, inverseDeviation: i32, gamma: usize, beta: usize, count: i32, width: i32,
): void {
  const bytes = <usize>width << 2;
  const inverseWidth: f32 = 1 / <f32>width;
  for (let i: usize = 0; i < <usize>count; i++) {
    const slot = <usize>load<u32>(slots + (i << 2)), position = <usize>load<u32>(positions + (i << 2));
    const kept = slot + normalized + position * bytes;
    let sum = f32x4.splat(0);
    for (let j: usize = 0; j < bytes; j += 16) sum = f32x4.add(sum, load4(x + j));
    const mean = f32x4.splat(sum4(sum) * inverseWidth);
    let squares = f32x4.splat(0);
    for (let j: usize = 0; j < bytes; j += 16) {
      const centred = f32x4.sub(load4(x + j), mean);
      squares = multiplyAdd(centred, centred, squares);
    }
    const inverse: f32 = 1 / sqrt<f32>(sum4(squares) * inverseWidth + epsilon);
    store<f32>(slot + inverseDeviation + (position << 2), inverse);
    const scale = f32x4.splat(inverse);
    for (let j: usize = 0; j < bytes; j += 16) {
      const xHat = f32x4.mul(f32x4.sub(load4(x + j), mean), scale);
      v128.store(kept + j, xHat);
      v128.store(out + j, multiplyAdd(xHat, load4(gamma + j), load4(beta + j)));
    }
    x += bytes;
    out += bytes;
  }
}

/** out[count × width] = x̂ ∘ gamma + beta again, for the given positions of a kept array [tokens × width]. */
export function affineRows(out: usize, normalized: usize, positions: usize, gamma: usize, beta: usize, count: i32, width: i32): void {
  const bytes = <usize>width << 2;
  for (let i: usize = 0; i < <usize>count; i++) {
    const row = normalized + <usize>load<u32>(positions + (i << 2)) * bytes;
    for (let j: usize = 0; j < bytes; j += 16) v128.store(out + j, multiplyAdd(load4(row + j), load4(gamma + j), load4(beta + j)));
    out += bytes;
  }
}

/**
 * dx += (g − mean(g) − x̂ ∘ mean(g ∘ x̂)) / σ with g = dy ∘ gamma, for `count` rows; x̂ and 1/σ are those of the given positions.
 * Adds Σ dy ∘ x̂ to dGamma and Σ dy to dBeta.
 */
export function layerNormBackward(
  dx: usize, dy: usize, normalized: usize, inverseDeviation: usize, positions: usize, gamma: usize, dGamma: usize, dBeta: usize, count: i32, width: i32,
): void {
  const bytes = <usize>width << 2;
  const inverseWidth: f32 = 1 / <f32>width;
  for (let i: usize = 0; i < <usize>count; i++) {
    const position = <usize>load<u32>(positions + (i << 2));
    const xHat = normalized + position * bytes;
    let sum = f32x4.splat(0), projection = sum;
    for (let j: usize = 0; j < bytes; j += 16) {
      const d = load4(dy + j), h = load4(xHat + j);
      v128.store(dGamma + j, multiplyAdd(d, h, load4(dGamma + j)));
      v128.store(dBeta + j, f32x4.add(d, load4(dBeta + j)));
      const g = f32x4.mul(d, load4(gamma + j));
      sum = f32x4.add(sum, g);
      projection = multiplyAdd(g, h, projection);
    }
    const mean = f32x4.splat(sum4(sum) * inverseWidth), slope = f32x4.splat(sum4(projection) * inverseWidth);
    const scale = f32x4.splat(load<f32>(inverseDeviation + (position << 2)));
    for (let j: usize = 0; j < bytes; j += 16) {
      const g = f32x4.mul(load4(dy + j), load4(gamma + j));
      const d = f32x4.sub(f32x4.sub(g, mean), f32x4.mul(load4(xHat + j), slope));
      v128.store(dx + j, multiplyAdd(d, scale, load4(dx + j)));
    }
    dx += bytes;
    dy += bytes;
  }
}
