// From logits to probabilities, samples and their gradient. float32 arrays; V = vocabulary, a multiple of 4.
import { exp4, load4, multiplyAdd, sum4 } from './vector';

/** Largest logit of the last `softmax`, and Σ exp of what is above it; for `describe`. */
let largest: f32 = 0;
let total: f32 = 0;

/** probabilities[V] = softmax(logits[V] · inverseTemperature) */
function softmax(probabilities: usize, logits: usize, V: i32, inverseTemperature: f32): void {
  const bytes = <usize>V << 2;
  let m = load4(logits);
  for (let v: usize = 16; v < bytes; v += 16) m = f32x4.max(m, load4(logits + v));
  largest = max(max(f32x4.extract_lane(m, 0), f32x4.extract_lane(m, 1)), max(f32x4.extract_lane(m, 2), f32x4.extract_lane(m, 3)));
  const shift = f32x4.splat(largest), scale = f32x4.splat(inverseTemperature);
  let sum = f32x4.splat(0);
  for (let v: usize = 0; v < bytes; v += 16) {
    const e = exp4(f32x4.mul(f32x4.sub(load4(logits + v), shift), scale));
    v128.store(probabilities + v, e);
    sum = f32x4.add(sum, e);
  }
  total = sum4(sum);
  const inverse = f32x4.splat(1 / total);
  for (let v: usize = 0; v < bytes; v += 16) v128.store(probabilities + v, f32x4.mul(load4(probabilities + v), inverse));
}

/** Writes log π(token), Σ π² and the entropy (nats) of the row that `softmax` has just made. */
function describe(probabilities: usize, logits: usize, V: i32, inverseTemperature: f32, token: i32, logProb: usize, sumPiSquared: usize, entropy: usize): void {
  const bytes = <usize>V << 2;
  const shift = f32x4.splat(largest), scale = f32x4.splat(inverseTemperature);
  let squares = f32x4.splat(0), mean = f32x4.splat(0);
  for (let v: usize = 0; v < bytes; v += 16) {
    const p = load4(probabilities + v);
    squares = multiplyAdd(p, p, squares);
    mean = multiplyAdd(p, f32x4.mul(f32x4.sub(load4(logits + v), shift), scale), mean);
  }
  const logTotal = <f32>Math.log(<f64>total);
  store<f32>(logProb, (load<f32>(logits + (<usize>token << 2)) - largest) * inverseTemperature - logTotal);
  store<f32>(sumPiSquared, sum4(squares));
  store<f32>(entropy, logTotal - sum4(mean));
}

/** Draws a token from softmax(logits · inverseTemperature) by inversion of `uniform` ∈ [0, 1), and describes it. */
export function sampleToken(probabilities: usize, logits: usize, V: i32, inverseTemperature: f32, uniform: f64, logProb: usize, sumPiSquared: usize, entropy: usize): i32 {
  softmax(probabilities, logits, V, inverseTemperature);
  let token = 0;
  let cumulative: f64 = load<f32>(probabilities);
  while (token < V - 1 && !(uniform < cumulative)) cumulative += <f64>load<f32>(probabilities + (<usize>++token << 2));
  // Rounding can leave the sum a hair under `uniform`: never end on a token that has no probability.
  while (token > 0 && load<f32>(probabilities + (<usize>token << 2)) == 0) token--;
  describe(probabilities, logits, V, inverseTemperature, token, logProb, sumPiSquared, entropy);
  return token;
}

/** The same for a token that is given. */
export function scoreToken(probabilities: usize, logits: usize, V: i32, inverseTemperature: f32, token: i32, logProb: usize, sumPiSquared: usize, entropy: usize): void {
  softmax(probabilities, logits, V, inverseTemperature);
  describe(probabilities, logits, V, inverseTemperature, token, logProb, sumPiSquared, entropy);
}

/**
 * Gradient of Σ_t weights[t] · (−log π(tokens[t + 1])) with respect to the logits [length × V]:
 * weight · (π − e_token) · inverseTemperature; rows of weight 0 become 0.
 */
export function logitGradient(dLogits: usize, probabilities: usize, tokens: usize, weights: usize, length: i32, V: i32, inverseTemperature: f32): void {
  const bytes = <usize>V << 2;
  for (let t = 0; t < length; t++) {
    const row = <usize>t * bytes, out = dLogits + row;
    const weight = load<f32>(weights + (<usize>t << 2));
    if (weight == 0) {
      memory.fill(out, 0, bytes);
      continue;
    }
    const scaled = weight * inverseTemperature, s = f32x4.splat(scaled);
    for (let v: usize = 0; v < bytes; v += 16) v128.store(out + v, f32x4.mul(s, load4(probabilities + row + v)));
    const chosen = out + (<usize>load<i32>(tokens + (<usize>(t + 1) << 2)) << 2);
    store<f32>(chosen, load<f32>(chosen) - scaled);
  }
}
