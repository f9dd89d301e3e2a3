// The optimal token baseline, one response after another: energies added up over a group, then its advantages. Arrays are of float32 or
// float64 (T) and hold one response; all sums are float64, in an order that depends on nothing but the batch. Tokens are worked on in
// chunks of eight: `length` and `end` are multiples of 8, and a mask of 0 fills up the last chunk.
import { energy2, energy4 } from './energy';
import { load2, store2 } from './pair';

const chunk: i32 = 8;
const allActions: u64 = 0x0101010101010101;

/** Of the mask that was measured last: the end of its last chunk with an action, and how many actions there are. */
export let end: i32 = 0;
export let actions: i32 = 0;

export function measure(mask: usize, length: i32): void {
  let last = 0, count: i64 = 0;
  for (let at = 0; at < length; at += chunk) {
    const m = load<u64>(mask + at);
    if (m == 0) continue;
    last = at + chunk;
    count += popcnt<u64>(m);
  }
  end = last;
  actions = <i32>count;
}

export function add32(rewards: usize, mask: usize, logProbs: usize, sumPiSquared: usize, weights: usize, energies: usize, returns: usize, end: i32): f64 {
  return add<f32>(rewards, mask, logProbs, sumPiSquared, weights, energies, returns, end);
}

export function add64(rewards: usize, mask: usize, logProbs: usize, sumPiSquared: usize, weights: usize, energies: usize, returns: usize, end: i32): f64 {
  return add<f64>(rewards, mask, logProbs, sumPiSquared, weights, energies, returns, end);
}

/**
 * Adds W_t of a response to energies[t], its G_t·W_t to returns[t]; returns G_0. `logProbs` becomes the energies of the tokens. `weights`: 0
 * for a response on policy.
 */
function add<T>(rewards: usize, mask: usize, logProbs: usize, sumPiSquared: usize, weights: usize, energies: usize, returns: usize, end: i32): f64 {
  const reward = sum<T>(rewards, mask, end);
  const own = logProbs;
  writeEnergies<T>(own, sumPiSquared, weights, mask, end);
  let energy = f64x2.splat(0), toGo = f64x2.splat(reward);
  for (let at = 0; at < end;) {
    const m = load<u64>(mask + at);
    if (m == 0) {
      at += chunk;
      continue;
    }
    const plainEnd = endOfPlain<T>(rewards, mask, at, end);
    const earnsNothing = f64x2.extract_lane(toGo, 0) == 0;
    for (; at < plainEnd; at += 4) {
      let first = load2<T>(own, at), second = load2<T>(own, at + 2);
      // (a, b) becomes (a, a + b); only one addition for four tokens waits for the tokens before.
      first = f64x2.add(first, v128.shuffle<i64>(first, f64x2.splat(0), 2, 0));
      second = f64x2.add(second, v128.shuffle<i64>(second, f64x2.splat(0), 2, 0));
      second = f64x2.add(energy, f64x2.add(second, v128.shuffle<i64>(first, first, 1, 1)));
      first = f64x2.add(energy, first);
      energy = v128.shuffle<i64>(second, second, 1, 1);
      const e = energies + (<usize>at << 3), r = returns + (<usize>at << 3);
      v128.store(e, f64x2.add(v128.load(e), first));
      v128.store(e, f64x2.add(v128.load(e, 16), second), 16);
      if (earnsNothing) continue;
      v128.store(r, f64x2.add(v128.load(r), f64x2.mul(first, toGo)));
      v128.store(r, f64x2.add(v128.load(r, 16), f64x2.mul(second, toGo)), 16);
    }
    if (plainEnd > 0) continue;
    for (const last = at + chunk; at < last; at += 2) {
      const acts = actionsOf(m, at);
      const two = v128.and(acts, load2<T>(own, at));
      const upTo = f64x2.add(energy, f64x2.add(two, v128.shuffle<i64>(two, f64x2.splat(0), 2, 0)));
      energy = v128.shuffle<i64>(upTo, upTo, 1, 1);
      const earned = v128.and(acts, load2<T>(rewards, at));
      const e = energies + (<usize>at << 3), r = returns + (<usize>at << 3);
      v128.store(e, f64x2.add(v128.load(e), v128.and(acts, upTo)));
      v128.store(r, f64x2.add(v128.load(r), v128.and(acts, f64x2.mul(upTo, toGoAt(toGo, earned)))));
      toGo = toGoAfter(toGo, earned);
    }
  }
  return reward;
}

/**
 * The log-probabilities become energies, save in chunks without an action. A loop of its own: more tokens are on their way through the processor at a
 * time than if each had to be added up as well.
 */
function writeEnergies<T>(logProbs: usize, sumPiSquared: usize, weights: usize, mask: usize, end: i32): void {
  for (let at = 0; at < end; at += chunk) {
    if (load<u64>(mask + at) == 0) continue;
    if (sizeof<T>() == 4) {
      v128.store(address<T>(logProbs, at), energy4(logProbs, sumPiSquared, weights, at));
      v128.store(address<T>(logProbs, at + 4), energy4(logProbs, sumPiSquared, weights, at + 4));
    } else {
      for (let t = at; t < at + chunk; t += 2) v128.store(address<T>(logProbs, t), energy2(logProbs, sumPiSquared, weights, t));
    }
  }
}

/** Sum of the rewards of actions. */
function sum<T>(rewards: usize, mask: usize, end: i32): f64 {
  let total: f64 = 0;
  for (let at = 0; at < end; at += chunk) {
    if (!anyReward<T>(rewards, at)) continue;
    for (let t = at; t < at + chunk; t++) if (load<u8>(mask + t) != 0) total += <f64>load<T>(address<T>(rewards, t));
  }
  return total;
}

/** returns[t] becomes the baseline of t: what the group earns from there on, weighted by energy. */
export function divide(energies: usize, returns: usize, length: i32): void {
  const epsilon = f64x2.splat(1e-8);
  for (let at: usize = 0; at < <usize>length << 3; at += 16) {
    v128.store(returns + at, f64x2.div(v128.load(returns + at), f64x2.add(v128.load(energies + at), epsilon)));
  }
}

export function subtract32(rewards: usize, mask: usize, baselines: usize, advantages: usize, end: i32, reward: f64): void {
  subtract<f32>(rewards, mask, baselines, advantages, end, reward);
}

export function subtract64(rewards: usize, mask: usize, baselines: usize, advantages: usize, end: i32, reward: f64): void {
  subtract<f64>(rewards, mask, baselines, advantages, end, reward);
}

/** Writes G_t − baselines[t] of a response whose G_0 is `reward`, up to `end`; 0 where the mask is 0. */
function subtract<T>(rewards: usize, mask: usize, baselines: usize, advantages: usize, end: i32, reward: f64): void {
  let toGo = f64x2.splat(reward);
  for (let at = 0; at < end;) {
    const m = load<u64>(mask + at);
    if (m == 0) {
      clearChunk<T>(advantages, at);
      at += chunk;
      continue;
    }
    const plainEnd = endOfPlain<T>(rewards, mask, at, end);
    for (; at < plainEnd; at += 4) {
      const b = baselines + (<usize>at << 3);
      store2<T>(advantages, at, f64x2.sub(toGo, v128.load(b)));
      store2<T>(advantages, at + 2, f64x2.sub(toGo, v128.load(b, 16)));
    }
    if (plainEnd > 0) continue;
    for (const last = at + chunk; at < last; at += 2) {
      const acts = actionsOf(m, at);
      const earned = v128.and(acts, load2<T>(rewards, at));
      store2<T>(advantages, at, v128.and(acts, f64x2.sub(toGoAt(toGo, earned), v128.load(baselines + (<usize>at << 3)))));
      toGo = toGoAfter(toGo, earned);
    }
  }
}

/** End of the chunks from `at` on whose tokens are all actions without a reward; 0: that at `at` is none. */
function endOfPlain<T>(rewards: usize, mask: usize, at: i32, end: i32): i32 {
  const from = at;
  while (at < end && load<u64>(mask + at) == allActions && !anyReward<T>(rewards, at)) at += chunk;
  return at > from ? at : 0;
}

// @ts-ignore: decorator
@inline function anyReward<T>(rewards: usize, at: i32): bool {
  const p = address<T>(rewards, at);
  let bits = v128.or(v128.load(p), v128.load(p, 16));
  if (sizeof<T>() == 8) bits = v128.or(bits, v128.or(v128.load(p, 32), v128.load(p, 48)));
  return v128.any_true(bits);
}

/** Ones in the lanes of the actions among the tokens `at` and `at` + 1; `m`: mask of their chunk. */
// @ts-ignore: decorator
@inline function actionsOf(m: u64, at: i32): v128 {
  const two = m >> (<u64>(at & 7) << 3);
  return i64x2.ne(v128.and(i64x2.splat(two), i64x2(0xff, 0xff00)), i64x2.splat(0));
}

/** (G_t, G_t+1) where both lanes of `toGo` are G_t and `earned` are the rewards of the two. */
// @ts-ignore: decorator
@inline function toGoAt(toGo: v128, earned: v128): v128 {
  return f64x2.sub(toGo, v128.shuffle<i64>(earned, f64x2.splat(0), 2, 0));
}

/** G_t+2 */
// @ts-ignore: decorator
@inline function toGoAfter(toGo: v128, earned: v128): v128 {
  const next = f64x2.sub(toGo, v128.shuffle<i64>(earned, earned, 0, 0));
  return f64x2.sub(next, v128.shuffle<i64>(earned, earned, 1, 1));
}

// @ts-ignore: decorator
@inline function address<T>(array: usize, t: i32): usize {
  return array + <usize>t * sizeof<T>();
}

export function gather32(array: usize, mask: usize, end: i32): void {
  gather<u32>(array, mask, end);
}

export function gather64(array: usize, mask: usize, end: i32): void {
  gather<u64>(array, mask, end);
}

/** Moves what belongs to actions to the front. */
function gather<T>(array: usize, mask: usize, end: i32): void {
  let to = 0;
  for (let at = 0; at < end; at += chunk) {
    const m = load<u64>(mask + at);
    if (m == allActions) {
      copyChunk<T>(array, to, at);
      to += chunk;
    } else if (m != 0) {
      for (let t = at; t < at + chunk; t++) if (load<u8>(mask + t) != 0) store<T>(address<T>(array, to++), load<T>(address<T>(array, t)));
    }
  }
}

export function scatter32(array: usize, mask: usize, end: i32, actions: i32): void {
  scatter<u32>(array, mask, end, actions);
}

export function scatter64(array: usize, mask: usize, end: i32, actions: i32): void {
  scatter<u64>(array, mask, end, actions);
}

/** Undoes `gather`; 0 where the mask is 0. */
function scatter<T>(array: usize, mask: usize, end: i32, actions: i32): void {
  let from = actions;
  for (let at = end - chunk; at >= 0; at -= chunk) {
    const m = load<u64>(mask + at);
    if (m == 0) {
      clearChunk<T>(array, at);
    } else if (m == allActions) {
      from -= chunk;
      copyChunk<T>(array, at, from);
    } else {
      for (let t = at + chunk - 1; t >= at; t--) {
        store<T>(address<T>(array, t), load<u8>(mask + t) != 0 ? load<T>(address<T>(array, --from)) : 0);
      }
    }
  }
}

/** The two may overlap. */
// @ts-ignore: decorator
@inline function copyChunk<T>(array: usize, to: i32, from: i32): void {
  const source = address<T>(array, from), target = address<T>(array, to);
  const a = v128.load(source), b = v128.load(source, 16);
  if (sizeof<T>() == 8) {
    const c = v128.load(source, 32), d = v128.load(source, 48);
    v128.store(target, c, 32);
    v128.store(target, d, 48);
  }
  v128.store(target, a);
  v128.store(target, b, 16);
}

// @ts-ignore: decorator
@inline function clearChunk<T>(array: usize, at: i32): void {
  for (let t = at; t < at + chunk; t += 2) store2<T>(array, t, f64x2.splat(0));
}
