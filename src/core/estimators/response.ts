import type { AdvantageBatch } from './estimator.ts';

/** One row of a batch, as the token baselines read it. */
export interface Response {
  /** Flat position of its first token. */
  readonly start: number;
  /** Flat position after its last action token; `start` if it has none. */
  readonly end: number;
  /** Number of action tokens. */
  readonly actions: number;
  /** Sum of the rewards of its action tokens: the reward to go at its start. */
  readonly reward: number;
}

export function readResponse({ length, mask, tokenRewards }: AdvantageBatch, row: number): Response {
  const start = row * length;
  let end = start + length;
  while (end > start && mask[end - 1] === 0) end--;
  let actions = 0;
  let reward = 0;
  for (let at = start; at < end; at++) {
    if (mask[at] === 0) continue;
    actions++;
    reward += tokenRewards[at]!;
  }
  return { start, end, actions, reward };
}
