import { metricNames } from '../../../src/core/records/metricNames.ts';
import { change, learning, surge } from './curve.ts';
import type { Curve } from './curve.ts';
import type { Numbers } from './numbers.ts';
import type { Plan, ScoreLog } from './plan.ts';
import { rewardKinds } from './reward.ts';
import type { RewardKind } from './reward.ts';

const level: Curve = [[1, 1]];

/**
 * Runs without a collapse. What makes each fair: whoever sees the whole curve sees that the score keeps at least two thirds of what it
 * had gained, or comes back; and where no score is logged, that the norm never leaves its usual range for good.
 */
export function* healthyPlans(numbers: Numbers): Generator<Plan> {
  yield* noisyNorms(numbers);
  yield* driftingNorms(numbers);
  yield* spikes(numbers);
  yield* rateSteps(numbers);
  yield* limitedNorms(numbers);
  yield* scoreShapes(numbers);
  yield* smallBatches(numbers);
  yield* sparseScores(numbers);
  yield* passingSurges(numbers);
  yield* lengths(numbers);
  yield* otherMetrics(numbers);
}

/** A healthy run of 600 steps that learns, with what is special about it. */
function healthy(name: string, { start, best, sigmas, phis, samples }: Numbers, special: Partial<Plan>): Plan {
  const length = special.length ?? 600;
  return {
    name: `healthy/${name}`,
    length,
    norm: level,
    quality: learning(start, best, 1, 0.7 * length),
    sigma: sigmas[1],
    phi: phis[1],
    score: { reward: '0…1', samples: samples[1] },
    onset: null,
    finalState: 'healthy',
    ...special,
  };
}

/** The same of a trainer that logs no score. */
function withoutScore(plan: Plan): Plan {
  return { ...plan, score: null, name: plan.name.replace('healthy/', 'healthy/norm-only ') };
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

/** Every course that a score takes without a collapse, with every kind of reward. */
function* scoreShapes(numbers: Numbers): Generator<Plan> {
  const { start, best, dip, curriculumLoss, samples } = numbers;
  const dipped = best - dip * (best - start);
  const harder = best - curriculumLoss * (best - start);
  const shapes: Readonly<Record<string, Curve>> = {
    rising: learning(start, best, 1, 400),
    'at its worst at first': learning(0, best, 150, 550),
    'high and flat': [[1, best]],
    'starts high, rises a little': learning(best - 0.1, best, 1, 400),
    'falls a little at first': [[1, 0.4], [40, 0.3], ...learning(0.3, best, 80, 450)],
    'middling and flat': [[1, 0.4]],
    'rising slowly': [
      [1, start],
      [600, start + 0.25],
    ],
    dip: [...learning(start, best, 1, 300), ...change(350, best, dipped, 20), ...change(450, dipped, best, 40)],
    'harder curriculum': [...learning(start, best, 1, 300), ...change(360, best, harder), [600, best]],
  };
  for (const reward of rewardKinds) {
    for (const [shape, quality] of Object.entries(shapes))
      yield healthy(`score ${reward} ${shape}`, numbers, { quality, score: { reward, samples: samples[1] } });
    yield healthy(`score ${reward} constant`, numbers, { quality: [[1, 0.5]], score: { reward, samples: Number.POSITIVE_INFINITY } });
  }
  for (const reward of rewardKinds) {
    const wander = { sigma: numbers.wander.share * (best - start), phi: numbers.wander.phi };
    for (const length of [600, 2000])
      yield healthy(`wandering-score ${reward} ${length} steps`, numbers, { length, score: { reward, samples: samples[1], wander } });
  }
  const growing: ScoreLog = { reward: 'unbounded', samples: samples[1] };
  yield healthy('score unbounded grows for ever', numbers, {
    length: 2000,
    quality: [
      [1, 0],
      [2000, 20],
    ],
    score: growing,
  });
  yield healthy('score unbounded from far below 0', numbers, {
    length: 800,
    quality: [
      [1, -10],
      [400, -1],
      [800, 1],
    ],
    score: growing,
  });
}

/** Scores of few responses scatter widely around a level that does not fall. */
function* smallBatches(numbers: Numbers): Generator<Plan> {
  const { start, best } = numbers;
  for (const samples of numbers.samples)
    for (const [shape, quality] of [
      ['rising', learning(start, best, 1, 600)],
      ['flat', [[1, 0.3]]],
      [
        'hardly ever right',
        [
          [1, 0.01],
          [1000, 0.04],
        ],
      ],
      [
        'rising slowly',
        [
          [1, start],
          [1000, start + 0.2],
        ],
      ],
    ] as const)
      for (const reward of ['0…1', '±1'] as const)
        yield healthy(`small-batch ${samples} responses ${shape} ${reward}`, numbers, {
          length: 1000,
          quality,
          score: { reward, samples },
        });
}

function* sparseScores(numbers: Numbers): Generator<Plan> {
  for (const [i, every] of numbers.intervals.entries())
    for (const [j, reward] of (['0…1', rewardKinds[1 + (i % 4)]!] satisfies RewardKind[]).entries()) {
      const length = Math.max(600, 40 * every);
      const score: ScoreLog = { reward, samples: numbers.samples[2], every, gapsAreNaN: j === 1 && i % 2 === 1 };
      yield healthy(`sparse every ${every} ${reward}${score.gapsAreNaN === true ? ' NaN between' : ''}`, numbers, { length, score });
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

function* lengths(numbers: Numbers): Generator<Plan> {
  for (const length of [30, 100])
    for (const reward of rewardKinds)
      yield healthy(`short ${length} steps ${reward}`, numbers, { length, score: { reward, samples: numbers.samples[1] } });
  for (const reward of ['0…1', '3…8'] as const)
    yield healthy(`long 10,000 steps ${reward}`, numbers, { length: 10_000, score: { reward, samples: numbers.samples[1] } });
  yield healthy('long 100,000 steps', numbers, { length: 100_000 });
}

/** Entropy that falls and responses that grow are what learning looks like. */
function* otherMetrics(numbers: Numbers): Generator<Plan> {
  for (const [name, entropy, responseLength] of [
    ['entropy falls, responses grow', 0.1, 6],
    ['entropy grows, responses shrink', 3, 0.3],
  ] as const) {
    const others: Record<string, Curve> = {
      [metricNames.entropy]: [
        [1, 1],
        [600, entropy],
      ],
      [metricNames.responseLength]: [
        [1, 300],
        [600, 300 * responseLength],
      ],
    };
    const run = healthy(`other-metrics ${name}`, numbers, { others });
    yield run;
    yield withoutScore(run);
  }
}
