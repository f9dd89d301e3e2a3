import { metricNames } from '../../../src/core/records/metricNames.ts';
import { change, learning } from './curve.ts';
import type { Curve } from './curve.ts';
import { healthy, withoutScore } from './healthyRun.ts';
import type { Numbers } from './numbers.ts';
import type { Plan, ScoreLog } from './plan.ts';
import { rewardKinds } from './reward.ts';
import type { RewardKind } from './reward.ts';

/** Runs that are healthy whatever their score, or another metric, looks like. */
export function* healthyScorePlans(numbers: Numbers): Generator<Plan> {
  yield* scoreShapes(numbers);
  yield* smallBatches(numbers);
  yield* sparseScores(numbers);
  yield* lengths(numbers);
  yield* otherMetrics(numbers);
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
