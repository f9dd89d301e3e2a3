import type { AdvantageBatch } from './estimator.ts';

/** A response with one reward, its outcome, which counts as that of the last token that the policy chose. */
export interface OutcomeResponse {
  /** The same for responses to one prompt. */
  readonly group: string | number;
  readonly reward: number;
  /** [tokens] 1: chosen by the policy; 0: what a tool or the environment said. */
  readonly mask: Uint8Array;
  /** [tokens] log π of each token that was chosen. */
  readonly logProbs: ArrayLike<number>;
  /** [tokens] Σπ² at each token that was chosen. */
  readonly sumPiSquared: ArrayLike<number>;
}

/** On-policy responses as the estimators see them, [responses × tokens of the longest]. What stands at tokens that were not chosen counts for nothing. */
export function outcomeBatch(responses: readonly OutcomeResponse[], handleZeroTail: boolean): AdvantageBatch {
  const length = responses.reduce((most, { mask }) => Math.max(most, mask.length), 0);
  const size = responses.length * length;
  const tokenRewards = new Float64Array(size);
  const mask = new Uint8Array(size);
  const logProbs = new Float32Array(size);
  const sumPiSquared = new Float32Array(size);
  responses.forEach((response, row) => {
    const start = row * length;
    mask.set(response.mask, start);
    response.mask.forEach((isAction, t) => {
      if (isAction === 0) return;
      logProbs[start + t] = response.logProbs[t]!;
      sumPiSquared[start + t] = response.sumPiSquared[t]!;
    });
    const last = response.mask.lastIndexOf(1);
    if (last >= 0) tokenRewards[start + last] = response.reward;
  });
  const groups = groupNumbers(responses.map(({ group }) => group));
  return {
    ...{ batch: responses.length, length, tokenRewards, mask, groups, logProbs, sumPiSquared },
    importanceWeights: null,
    handleZeroTail,
  };
}

/** [responses] numbers of groups, counted from 0 in order of first appearance. The text "1" and the number 1 are different groups. */
export function groupNumbers(groups: readonly (string | number)[]): Int32Array {
  const numbers = new Map<string | number, number>();
  return Int32Array.from(groups, (group) => {
    const number = numbers.get(group) ?? numbers.size;
    numbers.set(group, number);
    return number;
  });
}
