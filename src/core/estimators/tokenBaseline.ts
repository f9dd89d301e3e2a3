import type { AdvantageBatch, FloatArray } from './estimator.ts';
import { rowsByGroup } from './groups.ts';
import { TokenBaselineKernel } from './tokenBaselineKernel.ts';
import { zeroTail } from './zeroTail.ts';

/** Which tokens of the responses of a group are compared: those at the same position, or the t-th action of each. */
export type Alignment = 'position' | 'action';

/** A response whose energies are part of its group's. */
interface Member {
  readonly row: number;
  readonly actions: number;
  /** The reward to go at its start. */
  readonly reward: number;
}

let loaded: TokenBaselineKernel | null = null;

/**
 * A_t = G_t − B_t, B_t = Σᵢ Gᵢₜ·Wᵢₜ / (Σᵢ Wᵢₜ + 1e-8) over the responses of the group that have a token t (arXiv 2602.07078).
 * G_t: reward to go; W_t: energy up to and including t. Responses without an action are no members where actions are compared.
 *
 * Computed in float64 by WebAssembly, in an order that only the batch decides: the same bits on every machine. A response is copied
 * into the kernel's memory when it is its turn and lies in the processor's cache from then on, so that the batch is read from memory once.
 */
export function tokenBaseline(batch: AdvantageBatch, advantages: FloatArray, alignment: Alignment): void {
  const kernel = (loaded ??= new TokenBaselineKernel());
  const { length, tokenRewards, logProbs, sumPiSquared, importanceWeights, handleZeroTail } = batch;
  const arrays = [tokenRewards, logProbs, sumPiSquared, importanceWeights, advantages];
  kernel.prepare(
    length,
    arrays.some((array) => array instanceof Float64Array),
  );
  for (const rows of rowsByGroup(batch.groups)) {
    kernel.clear();
    const members: Member[] = [];
    for (const row of rows) {
      const member = addResponse(kernel, batch, row, alignment);
      if (alignment === 'position' || member.actions > 0) members.push(member);
      else advantages.fill(0, row * length, (row + 1) * length);
    }
    if (members.length === 0) continue;
    kernel.divide();
    const tail = zeroTail(
      members.map(({ actions }) => actions),
      handleZeroTail,
    );
    // The one with a zero tail comes last: then its tail can be cut off the baselines of all.
    members.forEach((member, index) => index !== tail?.member && writeAdvantages(kernel, batch, member, alignment, advantages));
    if (tail === null) continue;
    kernel.arrays.returns.fill(0, tail.from);
    writeAdvantages(kernel, batch, members[tail.member]!, alignment, advantages);
  }
}

function addResponse(kernel: TokenBaselineKernel, batch: AdvantageBatch, row: number, alignment: Alignment): Member {
  const { arrays } = kernel;
  const entered = enterResponse(kernel, batch, row, alignment);
  const enter = (values: FloatArray, from: FloatArray): void => {
    copyTokens(values, from, entered);
    if (alignment === 'action') kernel.gather(values, entered.end);
  };
  enter(arrays.logProbs, batch.logProbs);
  enter(arrays.sumPiSquared, batch.sumPiSquared);
  if (batch.importanceWeights !== null) enter(arrays.weights, batch.importanceWeights);
  const reward = kernel.add(entered.compared, entered.comparedEnd, batch.importanceWeights !== null);
  return { row, actions: entered.actions, reward };
}

function writeAdvantages(
  kernel: TokenBaselineKernel,
  batch: AdvantageBatch,
  { row, reward }: Member,
  alignment: Alignment,
  advantages: FloatArray,
): void {
  const { start, tokens, end, actions, compared, comparedEnd } = enterResponse(kernel, batch, row, alignment);
  kernel.subtract(compared, comparedEnd, reward);
  if (alignment === 'action') kernel.scatterAdvantages(end, actions);
  advantages.set(kernel.arrays.advantages.subarray(0, tokens), start);
  advantages.fill(0, start + tokens, start + batch.length);
}

/** Where a response lies in its batch, and in the kernel. */
interface EnteredResponse {
  /** Flat position of its first token. */
  readonly start: number;
  /** How many were copied: the last action is among them. */
  readonly tokens: number;
  readonly actions: number;
  /** What its last action ends in, in chunks. */
  readonly end: number;
  /** The same of what is compared, and the mask of it. */
  readonly comparedEnd: number;
  readonly compared: Uint8Array;
}

/** Copies mask and rewards of a response into the kernel. */
function enterResponse(kernel: TokenBaselineKernel, batch: AdvantageBatch, row: number, alignment: Alignment): EnteredResponse {
  const { mask, front, rewards } = kernel.arrays;
  const start = row * batch.length;
  mask.set(batch.mask.subarray(start, start + batch.length));
  const { end, actions } = kernel.measure();
  const place = { start, tokens: Math.min(end, batch.length), end, actions };
  copyTokens(rewards, batch.tokenRewards, place);
  if (alignment === 'position') return { ...place, compared: mask, comparedEnd: end };
  kernel.gather(rewards, end);
  return { ...place, compared: front, comparedEnd: kernel.gatherMask(actions) };
}

function copyTokens(values: FloatArray, from: FloatArray, { start, tokens }: Pick<EnteredResponse, 'start' | 'tokens'>): void {
  values.set(from.subarray(start, start + tokens));
}
