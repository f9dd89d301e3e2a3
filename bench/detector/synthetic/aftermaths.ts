import { change, learning, stepsToReach, surge } from './curve.ts';
import type { Curve } from './curve.ts';
import { after, before, collapsing, harmful } from './collapsingRun.ts';
import type { Course } from './collapsingRun.ts';
import type { Numbers } from './numbers.ts';
import type { Plan, ScoreLog } from './plan.ts';
import { rewardKinds } from './reward.ts';

/** Collapses by what comes of them: no numbers any more, no gradient, a recovery, one more surge. */
export function* aftermathPlans(numbers: Numbers): Generator<Plan> {
  yield* brokenNumbers(numbers);
  yield* deadNorms(numbers);
  yield* recoveries(numbers);
  yield* laterSurges(numbers);
}

/** A norm or a score that is no number any more, to the end. */
function* brokenNumbers(numbers: Numbers): Generator<Plan> {
  const { doublings, peaks, best, start, samples } = numbers;
  const learned = learning(start, best, 1, 0.9 * before);
  for (const [name, broken] of [
    ['norm NaN', { norm: Number.NaN }],
    ['norm infinite', { norm: Number.POSITIVE_INFINITY }],
    ['score NaN', { score: Number.NaN }],
    ['norm and score NaN', { norm: Number.NaN, score: Number.NaN }],
  ] as const) {
    for (const doubling of [doublings[0], doublings[2]]) {
      const onset = before;
      const from = onset + stepsToReach(peaks[1], doubling);
      const run = collapsing(`not-a-number ${name} after a surge doubling every ${doubling}`, numbers, {
        onset,
        surge: { doubling, peak: peaks[1] },
        delay: 5,
        over: 10,
      });
      yield { ...run, length: from + after, broken: { from, ...broken } };
    }
    const sudden = collapsing(`not-a-number ${name} all at once`, numbers, { onset: before, over: 1 });
    yield { ...sudden, quality: learned, broken: { from: before, ...broken }, score: { reward: '−10…0', samples: samples[1] } };
  }
  const alone = collapsing('not-a-number norm NaN without a score', numbers, { onset: before, over: 1 });
  yield { ...alone, score: null, broken: { from: before, norm: Number.NaN } };
}

/** After the collapse the norm is next to nothing for good: what has collapsed does not learn any more, and so does not come back. */
function* deadNorms(numbers: Numbers): Generator<Plan> {
  const { doublings, peaks, samples } = numbers;
  for (const doubling of [doublings[0], doublings[2]])
    for (const dead of [3e-5, 1e-8]) {
      const course: Course = { onset: before, surge: { doubling, peak: peaks[1] }, over: 10 };
      const run = collapsing(`dead-norm ×${dead} after a surge doubling every ${doubling}`, numbers, course);
      const norm: Curve = [...run.norm, ...change(run.norm.at(-1)![0] + 30, peaks[1], dead, 5)];
      const length = run.length + 200;
      for (const reward of ['0…1', '3…8'] as const)
        yield { ...run, name: `${run.name} score ${reward}`, norm, length, score: { reward, samples: samples[1] } };
      yield { ...run, score: null, name: `${run.name} norm only`, norm, length };
    }
  for (const reward of ['0…1', '−10…0'] as const) {
    const run = collapsing(`dead-norm exactly 0 once all rewards are the worst, ${reward}`, numbers, { onset: before, over: 30 });
    const score: ScoreLog = { reward, samples: samples[1], freezes: true };
    yield { ...run, length: run.length + 200, score, quality: [...run.quality.slice(0, -1), [before + 29, 0]], silentFrom: before + 60 };
  }
}

/** The score comes back to more than 80 % of what it had gained, for hundreds of steps, with a norm as it was. */
function* recoveries(numbers: Numbers): Generator<Plan> {
  const { best, doublings, peaks, samples, start } = numbers;
  const back = start + 0.9 * (best - start);
  for (const [i, reward] of rewardKinds.entries())
    for (const surged of [true, false]) {
      const course: Course = {
        onset: before,
        over: 10,
        ...(surged ? { surge: { doubling: doublings[i % 3]!, peak: peaks[i % 2]!, then: 'returns' } as const } : {}),
      };
      const run = collapsing(`recovered ${reward} ${surged ? 'after a surge' : 'after a crash'}`, numbers, course, {
        score: { reward, samples: samples[1] },
      });
      const low = run.quality.at(-1)![1];
      const end = run.length;
      yield { ...run, length: end + 500, quality: [...run.quality, ...change(end, low, back, 100)], finalState: 'recovered' };
    }
}

/** After the collapse the norm is usual again, and the score is not; then there is one more surge. Or the run recovers, and collapses again. */
function* laterSurges(numbers: Numbers): Generator<Plan> {
  const { best, doublings, peaks, samples, start } = numbers;
  for (const reward of rewardKinds) {
    const course: Course = { onset: before, surge: { doubling: doublings[1], peak: peaks[0], then: 'returns' }, over: 10 };
    const run = collapsing(`later-surge ${reward}`, numbers, course, { score: { reward, samples: samples[1] } });
    const later = surge(run.length + 100, doublings[1], peaks[1]);
    yield { ...run, length: later.at(-1)![0] + after, norm: [...run.norm, ...later] };
    const again = later[0]![0] + 400;
    const back = start + 0.95 * (best - start);
    const low = run.quality.at(-1)![1];
    yield {
      ...run,
      name: run.name.replace('later-surge', 'second-collapse'),
      length: again + after,
      norm: [...run.norm, ...surge(again - stepsToReach(harmful, doublings[1]), doublings[1], peaks[1])],
      quality: [...run.quality, ...change(run.length, low, back, 50), ...change(again, back, low, 10)],
    };
  }
}
