import type { AdvantageBatch } from '../../../src/core/estimators/estimator.ts';
import { rowsByGroup } from '../../../src/core/estimators/groups.ts';
import type { Alignment } from '../../../src/core/estimators/tokenBaseline.ts';

/** An action of a response: where it stands, what it is compared by, its reward to go and the energy up to it. */
interface Action {
  readonly at: number;
  readonly t: number;
  readonly toGo: number;
  readonly energy: number;
}

/** The token baseline as it is written down, token by token in float64. [batch × length] */
export function tokenBaselineRule(batch: AdvantageBatch, alignment: Alignment): Float64Array {
  const advantages = new Float64Array(batch.batch * batch.length);
  for (const rows of rowsByGroup(batch.groups)) {
    const responses = rows.map((row) => actionsOf(batch, row, alignment)).filter(({ length }) => alignment === 'position' || length > 0);
    const counts = responses.map(({ length }) => length).sort((a, b) => b - a);
    const [longest = 0, second = 0] = counts;
    const baselines = baselinesOf(responses.flat());
    for (const response of responses) {
      const isLongest = response.length === longest && longest > second;
      const tail = responses.length === 1 || (batch.handleZeroTail && isLongest) ? second : Infinity;
      for (const { at, t, toGo } of response) advantages[at] = t < tail ? toGo - baselines.get(t)! : toGo;
    }
  }
  return advantages;
}

/** Σ G_t·W_t / (Σ W_t + 1e-8) by t. */
function baselinesOf(actions: readonly Action[]): ReadonlyMap<number, number> {
  const sums = new Map<number, { earned: number; energy: number }>();
  for (const { t, toGo, energy } of actions) {
    const sum = sums.get(t) ?? { earned: 0, energy: 0 };
    sums.set(t, { earned: sum.earned + toGo * energy, energy: sum.energy + energy });
  }
  return new Map([...sums].map(([t, { earned, energy }]) => [t, earned / (energy + 1e-8)]));
}

function actionsOf(
  { length, mask, tokenRewards, logProbs, sumPiSquared, importanceWeights }: AdvantageBatch,
  row: number,
  alignment: Alignment,
): Action[] {
  const places = Array.from({ length }, (_, t) => row * length + t).filter((at) => mask[at] === 1);
  let toGo = places.reduce((sum, at) => sum + tokenRewards[at]!, 0);
  let energy = 0;
  return places.map((at, index) => {
    energy += (importanceWeights?.[at] ?? 1) ** 2 * (1 - 2 * Math.exp(logProbs[at]!) + sumPiSquared[at]!);
    const action = { at, t: alignment === 'action' ? index : at - row * length, toGo, energy };
    toGo -= tokenRewards[at]!;
    return action;
  });
}
