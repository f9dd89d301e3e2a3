import { tokenEnergy } from './energy.ts';
import type { AdvantageBatch, FloatArray } from './estimator.ts';
import { rowsByGroup } from './groups.ts';
import { readResponse, type Response } from './response.ts';
import { baselineEnds } from './zeroTail.ts';

const epsilon = 1e-8;

/**
 * A_t = G_t − B_t, B_t = Σᵢ Gᵢₜ·Wᵢₜ / (Σᵢ Wᵢₜ + 1e-8) over the responses of the group that have a t-th action: the action tokens
 * of all turns are put together before they are compared, so that tool output of different length cannot set them against
 * each other's tool tokens (tool-integrated reasoning, arXiv 2602.07078). G_t: reward to go; W_t: energy up to and including t.
 * Responses without an action do not count as members of the group.
 */
export function tirOptimalTokenBaseline(batch: AdvantageBatch, advantages: FloatArray): void {
  const { length } = batch;
  const energies = new Float64Array(length);
  const baselines = new Float64Array(length);
  advantages.fill(0);
  for (const rows of rowsByGroup(batch.groups)) {
    const responses = rows.map((row) => readResponse(batch, row)).filter(({ actions }) => actions > 0);
    const ends = baselineEnds(
      responses.map(({ actions }) => actions),
      length,
      batch.handleZeroTail,
    );
    energies.fill(0);
    baselines.fill(0);
    for (const response of responses) addResponse(batch, response, energies, baselines);
    for (let t = 0; t < length; t++) baselines[t]! /= energies[t]! + epsilon;
    responses.forEach((response, member) => subtractBaselines(batch, response, baselines, ends[member]!, advantages));
  }
}

/** Adds one response's W_t to `energies` and its G_t·W_t to `weightedReturns`, both [length] by action. */
function addResponse(batch: AdvantageBatch, { start, end, reward }: Response, energies: Float64Array, weightedReturns: Float64Array): void {
  const { mask, tokenRewards, logProbs, sumPiSquared, importanceWeights } = batch;
  let toGo = reward;
  let energy = 0;
  let t = 0;
  for (let at = start; at < end; at++) {
    if (mask[at] === 0) continue;
    energy += tokenEnergy(logProbs[at]!, sumPiSquared[at]!, importanceWeights === null ? 1 : importanceWeights[at]!);
    energies[t]! += energy;
    weightedReturns[t]! += toGo * energy;
    toGo -= tokenRewards[at]!;
    t++;
  }
}

function subtractBaselines(
  { mask, tokenRewards }: AdvantageBatch,
  { start, end, reward }: Response,
  baselines: Float64Array,
  baselineEnd: number,
  advantages: FloatArray,
): void {
  let toGo = reward;
  let t = 0;
  for (let at = start; at < end; at++) {
    if (mask[at] === 0) continue;
    advantages[at] = t < baselineEnd ? toGo - baselines[t]! : toGo;
    toGo -= tokenRewards[at]!;
    t++;
  }
}
