import { change, learning, surge } from './curve.ts';
import type { Curve } from './curve.ts';
import { healthy, withoutScore } from './healthyRun.ts';
import type { Numbers } from './numbers.ts';
import type { Plan, ScoreLog } from './plan.ts';
import { rewardKinds } from './reward.ts';

/** Runs that are healthy whatever their norm does. */
export function* healthyNormPlans(numbers: Numbers): Generator<Plan> {
  yield* noisyNorms(numbers);
  yield* driftingNorms(numbers);
  yield* spikes(numbers);
  yield* rateSteps(numbers);
  yield* limitedNorms(numbers);
  yield* passingSurges(numbers);
}

/** Noise that stays around one level, however long its excursions. */
function* noisyNorms(numbers: Numbers): Generator<Plan> {
  for (const sigma of numbers.sigmas)
    for (const phi of numbers.phis) {
      for (const length of [300, 1000]) yield healthy(`autocorrelated σ${sigma} φ${phi} ${length} steps`, numbers, { sigma, phi, length });
      yield withoutScore(healthy(`autocorrelated σ${sigma} φ${phi}`, numbers, { sigma, phi, length: 1000 }));
    }
}

/** Levels that change so slowly that no step differs from those around it, or that settle at the start as those of every run do. */
function* driftingNorms(numbers: Numbers): Generator<Plan> {
  const { drift, sigmas, phis } = numbers;
  for (const [sigma, phi] of [
    [sigmas[0], phis[1]],
    [sigmas[1], phis[2]],
    [sigmas[2], phis[0]],
  ] as const)
    for (const length of [300, 1000, 3000]) {
      // A tenfold rise within 300 steps would not be slow.
      const factor = length === 300 ? Math.sqrt(drift) : drift;
      const up = healthy(`drift-up σ${sigma} φ${phi} ${length} steps`, numbers, {
        sigma,
        phi,
        length,
        norm: [
          [1, 1],
          [length, factor],
        ],
      });
      yield up;
      if (length > 300) yield withoutScore(up);
      yield healthy(`drift-down σ${sigma} φ${phi} ${length} steps`, numbers, {
        sigma,
        phi,
        length,
        norm: [
          [1, 1],
          [length, 1 / factor],
        ],
      });
    }
  yield healthy('drift-for-ever 10,000 steps', numbers, {
    length: 10_000,
    norm: [
      [1, 1],
      [10_000, drift ** 3],
    ],
  });
  for (const [sigma, phi] of [
    [sigmas[0], phis[0]],
    [sigmas[1], phis[1]],
    [sigmas[2], phis[2]],
  ] as const)
    for (const [name, norm] of [
      [
        'falls',
        [
          [1, 2 * drift],
          [40, 1],
        ],
      ],
      [
        'rises',
        [
          [1, 0.3 / drift],
          [60, 1],
        ],
      ],
    ] as const)
      yield healthy(`warm-up norm ${name} σ${sigma} φ${phi}`, numbers, { sigma, phi, norm, quality: learning(0, numbers.best, 100, 500) });
}

/** Single steps, and pairs of them, after which all is as before. */
function* spikes(numbers: Numbers): Generator<Plan> {
  for (const width of [1, 2])
    for (const perThousand of numbers.spikesPerThousand)
      for (const factor of numbers.spikeFactors) {
        const name = `${width === 1 ? 'single' : 'double'} ×${factor} ${perThousand} per 1,000`;
        const run = healthy(`spikes ${name}`, numbers, { length: 1500, spikes: { perThousand, factor, width } });
        yield run;
        if (width === 1) yield withoutScore(run);
      }
}

/** The norm goes to another level at once and keeps it; the score does not mind. */
function* rateSteps(numbers: Numbers): Generator<Plan> {
  const { sigmas, phis } = numbers;
  for (const factor of numbers.rateSteps)
    for (const [sigma, phi] of [
      [sigmas[0], phis[0]],
      [sigmas[1], phis[2]],
      [sigmas[2], phis[1]],
    ] as const) {
      const name = `×${factor.toFixed(2)} σ${sigma} φ${phi}`;
      const run = healthy(`learning-rate-step ${name}`, numbers, { length: 800, sigma, phi, norm: change(400, 1, factor) });
      yield run;
      if (sigma === sigmas[0]) yield withoutScore(run);
    }
}

/** Norms of which one sees only a part: logged after clipping, or exactly 0 where all rewards of every group are equal. */
function* limitedNorms(numbers: Numbers): Generator<Plan> {
  const { phis, sigmas, zeroShares } = numbers;
  for (const [name, usualNorm] of [
    ['always', 20],
    ['mostly', 1.5],
    ['sometimes', 0.6],
    ['rarely', 0.35],
  ] as const)
    for (const phi of [phis[0], phis[2]]) {
      const run = healthy(`clipped ${name} φ${phi}`, numbers, { usualNorm, clippedAt: 1, phi });
      yield run;
      if (phi === phis[0]) yield withoutScore(run);
    }
  for (const share of zeroShares)
    for (const sigma of [sigmas[0], sigmas[2]]) {
      const run = healthy(`zero-norms ${share} of the steps σ${sigma}`, numbers, { sigma, zeroShare: [share, share], length: 800 });
      yield run;
      if (sigma === sigmas[0]) yield withoutScore(run);
      // The better the policy, the more groups in which all are right.
      yield healthy(`saturated zeros up to ${share} σ${sigma}`, numbers, {
        sigma,
        zeroShare: [0, share],
        quality: learning(numbers.start, 1, 1, 400),
        length: 800,
      });
    }
}

/** Surges that pass within a few dozen steps and leave a score that goes on as before. */
function* passingSurges(numbers: Numbers): Generator<Plan> {
  const [first, second, third] = numbers.doublings;
  let i = 0;
  for (const doubling of [first, second, third])
    for (const peak of [10, 1e3, 1e5]) {
      if (doubling === third && peak === 1e5) continue;
      const up = surge(300, doubling, peak);
      const end = up[1]![0];
      const norm: Curve = [...up, [end + 10, peak], [end + 40, 1]];
      const reward = rewardKinds[i++ % rewardKinds.length]!;
      const score: ScoreLog = { reward, samples: numbers.samples[1] };
      yield healthy(`passing-surge doubling every ${doubling} to ${peak} ${reward}`, numbers, { length: end + 400, norm, score });
    }
}
