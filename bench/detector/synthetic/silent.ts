import { learning } from './curve.ts';
import type { Numbers } from './numbers.ts';
import type { Plan } from './plan.ts';
import { rewardKinds } from './reward.ts';

/**
 * Runs whose gradient norm is exactly 0 for good, from some step on or from the first. Nothing is lost, and nothing will be learnt any
 * more. What makes each fair: the silence lasts at least 200 steps, and many times longer than any before.
 */
export function* silentPlans(numbers: Numbers): Generator<Plan> {
  const { start, best, sigmas, phis, samples, zeroShares } = numbers;
  const silentFrom = 300;
  const base = {
    length: 600,
    norm: [[1, 1]],
    sigma: sigmas[1],
    phi: phis[1],
    silentFrom,
    onset: null,
    finalState: 'silent',
  } as const;
  for (const reward of rewardKinds)
    for (const [name, end] of [
      ['halfway', best],
      ['at its maximum', 1],
      ['where it was', start],
    ] as const)
      for (const freezes of [true, false]) {
        const quality = learning(start, end, 1, silentFrom - 20);
        const score = { reward, samples: samples[1], freezes };
        yield { ...base, name: `silent/later ${reward} ${name} ${freezes ? 'frozen' : 'measured'}`, quality, score };
      }
  for (const share of zeroShares) {
    const run: Plan = {
      ...base,
      name: `silent/after-zeros in ${share} of the steps`,
      quality: learning(start, best, 1, silentFrom - 20),
      score: { reward: '0…1', samples: samples[1] },
      zeroShare: [share, share],
    };
    yield run;
    yield { ...run, score: null, name: `${run.name} norm only` };
  }
  for (const reward of rewardKinds)
    for (const quality of [0, 0.4, 1])
      yield {
        ...base,
        name: `silent/from-the-first ${reward} at ${quality}`,
        silentFrom: 1,
        quality: [[1, quality]],
        score: { reward, samples: samples[1], freezes: quality !== 0.4 },
        length: 300,
      };
  yield { ...base, name: 'silent/norm-only later', score: null, quality: [[1, best]] };
  yield { ...base, name: 'silent/norm-only from the first', score: null, silentFrom: 1, quality: [[1, start]], length: 300 };
}
