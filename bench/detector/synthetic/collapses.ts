import { metricNames } from '../../../src/core/records/metricNames.ts';
import { change } from './curve.ts';
import type { Curve } from './curve.ts';
import { before, collapsing } from './collapsingRun.ts';
import type { Course } from './collapsingRun.ts';
import type { Numbers } from './numbers.ts';
import type { Plan, ScoreLog } from './plan.ts';
import { rewardKinds } from './reward.ts';

/** Collapses of a norm, a score or both, of every speed. */
export function* collapsePlans(numbers: Numbers): Generator<Plan> {
  yield* surges(numbers);
  yield* crashes(numbers);
  yield* shrinkingNorms(numbers);
  yield* crashesFromTheBest(numbers);
  yield* weakGains(numbers);
  yield* wanderingScores(numbers);
  yield* thinScores(numbers);
  yield* withoutScores(numbers);
  yield* noisyNorms(numbers);
  yield* lengths(numbers);
}

function* surges(numbers: Numbers): Generator<Plan> {
  const { doublings, peaks, delay, falls, samples } = numbers;
  let i = 0;
  for (const doubling of doublings)
    for (const [fall, over, wait] of [
      ['at once', 1, 0],
      [`${delay} steps later`, 10, delay],
      [`over ${falls[1]}`, falls[1], 0],
    ] as const)
      for (const reward of rewardKinds) {
        const peak = peaks[i % peaks.length]!;
        // A surge that doubles slowly would take thousands of steps to the highest peaks.
        const reached = doubling === doublings[3] ? Math.min(peak, peaks[1]) : peak;
        const then = i++ % 3 === 2 ? 'returns' : 'stays';
        yield collapsing(
          `surge doubling every ${doubling} to ${reached}, ${then}, score ${reward} falls ${fall}`,
          numbers,
          { onset: before, surge: { doubling, peak: reached, then }, delay: wait, over },
          { score: { reward, samples: samples[1] } },
        );
      }
}

/** The score falls while the norm goes on as before. */
function* crashes(numbers: Numbers): Generator<Plan> {
  const { falls, samples } = numbers;
  for (const over of [1, ...falls])
    for (const reward of rewardKinds)
      for (const batch of [samples[1], samples[2]])
        yield collapsing(
          `crash ${reward} of ${batch} over ${over}`,
          numbers,
          { onset: before, over },
          { score: { reward, samples: batch } },
        );
}

/** The score slides while the norm becomes smaller and smaller: the policy has less and less to learn from. */
function* shrinkingNorms(numbers: Numbers): Generator<Plan> {
  const { falls, samples } = numbers;
  for (const over of falls)
    for (const reward of rewardKinds)
      yield collapsing(
        `shrinking-norm ${reward} over ${over}`,
        numbers,
        { onset: before, over },
        { norm: change(before, 1, 0.03, over), score: { reward, samples: samples[1] } },
      );
}

/** Runs that had gained less, and lose three quarters of it: still far more than the noise of a level, though not of a single score. */
function* weakGains(numbers: Numbers): Generator<Plan> {
  const { start, best, doublings, peaks, falls, samples } = numbers;
  for (const share of [0.3, 0.5])
    for (const reward of rewardKinds)
      for (const surged of [true, false]) {
        const gained = share * (best - start);
        const course: Course = { onset: before, over: falls[0], ...(surged ? { surge: { doubling: doublings[1], peak: peaks[0] } } : {}) };
        const run = collapsing(
          `weak-gain ${reward} of ${gained.toFixed(2)}${surged ? ' with a surge' : ''}`,
          { ...numbers, best: start + gained },
          course,
          { score: { reward, samples: samples[2] } },
        );
        const fallsAt = run.quality.at(-2)![0] + 1;
        yield { ...run, quality: [...run.quality.slice(0, -2), ...change(fallsAt, start + gained, start + gained / 4, falls[0])] };
      }
}

/** Scores that go up and down with the prompts at hand: by far less than what is lost. */
function* wanderingScores(numbers: Numbers): Generator<Plan> {
  const { start, best, doublings, peaks, falls, samples } = numbers;
  const wander = { sigma: numbers.wander.share * (best - start), phi: numbers.wander.phi };
  for (const reward of rewardKinds)
    for (const surged of [true, false]) {
      const course: Course = { onset: before, over: falls[0], ...(surged ? { surge: { doubling: doublings[1], peak: peaks[0] } } : {}) };
      const name = `wandering-score ${reward}${surged ? ' with a surge' : ''}`;
      yield collapsing(name, numbers, course, { score: { reward, samples: samples[1], wander } });
    }
}

/** Fine-tuning of a policy that was good from the start: nothing gained, all lost. */
function* crashesFromTheBest(numbers: Numbers): Generator<Plan> {
  const { best, falls, samples, doublings, peaks } = numbers;
  for (const [fall, over] of [
    ['at once', 1],
    [`over ${falls[0]}`, falls[0]],
  ] as const)
    for (const [i, reward] of rewardKinds.entries()) {
      const surged = i % 2 === 0 ? { surge: { doubling: doublings[1], peak: peaks[0] } } : {};
      const run = collapsing(
        `from-its-best ${reward} ${fall}${i % 2 === 0 ? ' with a surge' : ''}`,
        numbers,
        { onset: 200, over, ...surged },
        { score: { reward, samples: samples[1] } },
      );
      yield { ...run, quality: [[1, best], ...run.quality.slice(-2)] };
    }
}

/** Scores that are rare or of few responses, with more steps after the fall, so that there are at least ten scores of it. */
function* thinScores(numbers: Numbers): Generator<Plan> {
  const { doublings, peaks, samples, intervals, falls } = numbers;
  for (const [i, every] of intervals.entries())
    for (const reward of ['0…1', rewardKinds[1 + (i % 4)]!] as const)
      for (const surged of [true, false]) {
        const onset = Math.max(before, 15 * every);
        const score: ScoreLog = { reward, samples: samples[2], every, gapsAreNaN: !surged && i % 2 === 1 };
        const run = collapsing(
          `sparse every ${every} ${reward}${surged ? ' with a surge' : ''}${score.gapsAreNaN === true ? ' NaN between' : ''}`,
          numbers,
          { onset, over: 20, ...(surged ? { surge: { doubling: doublings[1], peak: peaks[1] } } : {}) },
          { score },
        );
        yield { ...run, length: run.length + 12 * every };
      }
  for (const batch of samples)
    for (const reward of ['0…1', '±1'] as const)
      for (const over of [10, falls[0]]) {
        const score: ScoreLog = { reward, samples: batch };
        yield collapsing(
          `small-batch ${batch} responses ${reward} over ${over} with a surge`,
          numbers,
          { onset: before, over, surge: { doubling: doublings[1], peak: peaks[0] } },
          { score },
        );
        yield collapsing(`small-batch ${batch} responses ${reward} over ${over}`, numbers, { onset: before, over }, { score });
      }
}

/** Only the norm is logged; it is a hundred times the usual and more, to the end. */
function* withoutScores(numbers: Numbers): Generator<Plan> {
  const { doublings, peaks } = numbers;
  for (const doubling of doublings)
    for (const peak of doubling === doublings[3] ? peaks.slice(0, 2) : peaks) {
      const run = collapsing(`norm-only surge doubling every ${doubling} to ${peak}`, numbers, {
        onset: before,
        surge: { doubling, peak },
        over: 10,
      });
      yield { ...run, score: null };
    }
}

/** Surges that stand out from norms that wander widely. */
function* noisyNorms(numbers: Numbers): Generator<Plan> {
  const { sigmas, phis, doublings, peaks, falls, samples } = numbers;
  for (const sigma of [sigmas[0], sigmas[2], sigmas[3], sigmas[4]])
    for (const phi of [phis[0], phis[2], phis[4]]) {
      const reward = rewardKinds[Math.round(100 * (sigma + phi)) % rewardKinds.length]!;
      const score: ScoreLog = { reward, samples: samples[1] };
      const course: Course = { onset: before, surge: { doubling: doublings[1], peak: peaks[1] }, over: 20 };
      yield collapsing(`noisy-norm σ${sigma} φ${phi} ${reward} with a surge`, numbers, course, { sigma, phi, score });
      yield collapsing(`noisy-norm σ${sigma} φ${phi} ${reward}`, numbers, { onset: before, over: falls[0] }, { sigma, phi, score });
    }
}

function* lengths(numbers: Numbers): Generator<Plan> {
  const { doublings, peaks, samples, falls } = numbers;
  const surged = { doubling: doublings[0], peak: peaks[1] };
  for (const reward of rewardKinds) {
    const score: ScoreLog = { reward, samples: samples[1] };
    const short = collapsing(`short 100 steps ${reward}`, numbers, { onset: 50, surge: surged, over: 3 }, { score });
    yield { ...short, length: 100 };
    yield collapsing(`short 200 steps without a surge ${reward}`, numbers, { onset: 100, over: 3 }, { score, length: 200 });
  }
  yield collapsing('long 10,000 steps', numbers, { onset: 9000, surge: surged, over: 20 }, { length: 10_000 });
  yield collapsing('long 10,000 steps without a surge', numbers, { onset: 9000, over: falls[1] }, { length: 10_000 });
  yield collapsing('long 100,000 steps', numbers, { onset: 99_000, surge: surged, over: 20 }, { length: 100_000 });
  const others: Record<string, Curve> = {
    [metricNames.entropy]: [
      [1, 1],
      [before, 0.5],
      [before + 40, 5],
    ],
    [metricNames.responseLength]: [
      [1, 300],
      [before, 400],
      [before + 40, 2000],
    ],
  };
  yield collapsing('other-metrics entropy and length rise', numbers, { onset: before, over: 40 }, { others });
  yield collapsing('other-metrics entropy and length rise, with a surge', numbers, { onset: before, surge: surged, over: 40 }, { others });
}
