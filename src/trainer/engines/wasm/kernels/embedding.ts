// Rows of `width` floats, a multiple of 4, picked and put by index.
import { load4 } from './vector';

/** x[i] = token.weight[tokens[i]] + position.weight[positions[i]] */
export function embedRows(x: usize, tokens: usize, positions: usize, tokenWeight: usize, positionWeight: usize, count: i32, width: i32): void {
  const bytes = <usize>width << 2;
  for (let i: usize = 0; i < <usize>count; i++) {
    const token = tokenWeight + <usize>load<u32>(tokens + (i << 2)) * bytes;
    const position = positionWeight + <usize>load<u32>(positions + (i << 2)) * bytes;
    for (let j: usize = 0; j < bytes; j += 16) v128.store(x + j, f32x4.add(load4(token + j), load4(position + j)));
    x += bytes;
  }
}

/** Adds dx[t], t = 0 … length − 1, to the gradients of the token at t and of position t. */
export function embeddingBackward(dx: usize, tokens: usize, dToken: usize, dPosition: usize, length: i32, width: i32): void {
  const bytes = <usize>width << 2;
  for (let t: usize = 0; t < <usize>length; t++) {
    const token = dToken + <usize>load<u32>(tokens + (t << 2)) * bytes;
    for (let j: usize = 0; j < bytes; j += 16) {
      const d = load4(dx + j);
      v128.store(token + j, f32x4.add(load4(token + j), d));
      v128.store(dPosition + j, f32x4.add(load4(dPosition + j), d));
    }
    dx += bytes;
    dPosition += bytes;
  }
}

/** out[i] = source[indices[i]] */
export function gatherRows(out: usize, source: usize, indices: usize, count: i32, width: i32): void {
  const bytes = <usize>width << 2;
  for (let i: usize = 0; i < <usize>count; i++) {
    const row = source + <usize>load<u32>(indices + (i << 2)) * bytes;
    for (let j: usize = 0; j < bytes; j += 16) v128.store(out + j, load4(row + j));
    out += bytes;
  }
}

/** Row i of source is copied to out[indices[i]]. */
export function scatterRows(out: usize, source: usize, indices: usize, count: i32, width: i32): void {
  const bytes = <usize>width << 2;
  for (let i: usize = 0; i < <usize>count; i++) {
    const row = out + <usize>load<u32>(indices + (i << 2)) * bytes;
    for (let j: usize = 0; j < bytes; j += 16) v128.store(row + j, load4(source + j));
    source += bytes;
  }
}

/** Writes the indices of the rows of source[rows × width] that are not all 0, in order, and returns their number. */
export function nonzeroRows(indices: usize, source: usize, rows: i32, width: i32): i32 {
  const bytes = <usize>width << 2;
  let count: i32 = 0;
  for (let i = 0; i < rows; i++) {
    let differs = i32x4.splat(0);
    for (let j: usize = 0; j < bytes; j += 16) differs = v128.or(differs, f32x4.ne(load4(source + j), f32x4.splat(0)));
    if (v128.any_true(differs)) {
      store<i32>(indices + (<usize>count << 2), i);
      count++;
    }
    source += bytes;
  }
  return count;
}

/** Row i of source is copied to the address addresses[i]. */
export function putRows(addresses: usize, source: usize, count: i32, width: i32): void {
  const bytes = <usize>width << 2;
  for (let i: usize = 0; i < <usize>count; i++) {
    const row = <usize>load<u32>(addresses + (i << 2));
    for (let j: usize = 0; j < bytes; j += 16) v128.store(row + j, load4(source + j));
    source += bytes;
  }
}
