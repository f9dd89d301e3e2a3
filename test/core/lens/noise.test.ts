import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { estimatorNames, type AdvantageBatch, type EstimatorName } from '../../../src/core/estimators/estimator.ts';
import { responseRewards } from '../../../src/core/estimators/outcome.ts';
import { estimatorPowers, varianceProxies } from '../../../src/core/estimators/varianceProxies.ts';
import { noiseReport, type EstimatorNoise, type NoiseReport } from '../../../src/core/lens/noise.ts';
import { standardDeviation } from '../../../src/core/statistics/quantiles.ts';
import type { Trajectory } from '../../../src/core/records/trajectory.ts';
import { advantagesOf, randomBatch } from '../estimators/batches.ts';

const shape = { groups: 4, groupSize: 6, length: 40, tools: true };

/** The rows of a batch as they are read from a file, which has NaN where the policy chose nothing. */
function trajectoriesOf(batch: AdvantageBatch): Trajectory[] {
  const rewards = responseRewards(batch);
  return Array.from({ length: batch.batch }, (_, row) => {
    const part = <T extends { subarray(from: number, to: number): T }>(values: T): T =>
      values.subarray(row * batch.length, (row + 1) * batch.length);
    const mask = part(batch.mask);
    const perAction = (values: Float32Array | Float64Array): Float32Array =>
      Float32Array.from(part(values as Float64Array), (value, t) => (mask[t] === 1 ? value : Number.NaN));
    return {
      sequence: row,
      group: batch.groups[row]!,
      prompt: ['?'],
      response: Array.from({ length: batch.length }, () => '.'),
      isTokenized: true,
      mask,
      reward: rewards[row]!,
      turns: null,
      truncated: null,
      logProbs: perAction(batch.logProbs),
      sumPiSquared: perAction(batch.sumPiSquared),
      tokenEnergy: null,
      accumulatedEnergy: null,
      advantages: {},
      baselines: {},
      facts: {},
    };
  });
}

function reportOf(trajectories: readonly Trajectory[], inUse: EstimatorName | null = 'dr_grpo', signal: number | null = null): NoiseReport {
  const report = noiseReport(trajectories, { inUse, signal });
  assert.ok(typeof report !== 'string', String(report));
  return report;
}

function under(noise: readonly EstimatorNoise[], name: EstimatorName): EstimatorNoise {
  return noise.find(({ estimator }) => estimator === name)!;
}

function near(actual: number | null, expected: number, tolerance = 1e-5): void {
  assert.ok(actual !== null && Math.abs(actual - expected) <= tolerance * (1 + Math.abs(expected)), `${actual}, not ${expected}`);
}

describe('noise under every estimator', () => {
  const batch = randomBatch(8, shape);
  const trajectories = trajectoriesOf(batch);

  it('has the total power that the run logs', () => {
    const powers = estimatorPowers(batch, estimatorNames);
    const { all } = reportOf(trajectories);
    assert.deepEqual(
      all.map(({ estimator }) => estimator),
      estimatorNames,
    );
    for (const { estimator, totalPower } of all) near(totalPower, powers[estimator]);
  });

  it('has the same power token by token where a trajectory has one advantage, and its own under a token baseline', () => {
    const { all } = reportOf(trajectories);
    for (const name of ['reinforce', 'grpo', 'optimal_trajectory_baseline'] as const) {
      const { power, totalPower } = under(all, name);
      near(power, totalPower);
    }
    const advantages = advantagesOf('tir_optimal_token_baseline', batch);
    let sum = 0;
    advantages.forEach((advantage, at) => {
      if (batch.mask[at] === 1) sum += advantage ** 2 * (1 - 2 * Math.exp(batch.logProbs[at]!) + batch.sumPiSquared[at]!);
    });
    near(under(all, 'tir_optimal_token_baseline').power, sum / batch.batch);
  });

  it('stretches hold all of the power, end with the longest trajectory, and have about as many tokens each', () => {
    const { all, ends } = reportOf(trajectories);
    const counts = trajectories.map(({ mask }) => mask!.filter((isAction) => isAction === 1).length);
    assert.equal(ends.at(-1), Math.max(...counts));
    for (const { power, byPosition } of all) {
      assert.equal(byPosition.length, ends.length);
      near(
        byPosition.reduce((total, value) => total + value, 0),
        power,
      );
    }
    const total = counts.reduce((sum, count) => sum + count, 0);
    ends.forEach((end, i) => {
      const start = ends[i - 1] ?? 0;
      const tokens = counts.reduce((sum, count) => sum + Math.max(0, Math.min(count, end) - start), 0);
      assert.ok(tokens <= total / 20 + counts.length, `${tokens} of ${total}`);
    });
  });

  it('tells where the noise comes from: nothing beyond the end of a short trajectory', () => {
    const [first, second] = trajectories;
    const cut = (trajectory: Trajectory, tokens: number): Trajectory => ({
      ...trajectory,
      mask: Uint8Array.from(trajectory.mask!, (_, t) => (t < tokens ? 1 : 0)),
      logProbs: Float32Array.from(trajectory.mask!, () => Math.log(0.5)),
      sumPiSquared: Float32Array.from(trajectory.mask!, () => 0.5),
    });
    const pair = [
      { ...cut(first!, 40), group: 0, reward: 0 },
      { ...cut(second!, 10), group: 0, reward: 1 },
    ];
    const { all, ends } = reportOf(pair);
    const tail = ends.findIndex((end) => end > 10);
    // The long one fails: without a baseline it has no part in the gradient, and the mean gives it one along all of its tokens.
    assert.ok(under(all, 'reinforce').byPosition.every((value, i) => (i < tail ? value > 0 : i > tail ? value === 0 : true)));
    assert.ok(under(all, 'dr_grpo').byPosition.every((value) => value > 0));
  });

  it('has the same of each prompt, as if it were the whole batch', () => {
    const { groups } = reportOf(trajectories);
    assert.deepEqual(
      groups.map(({ group, trajectories: count }) => [group, count]),
      [0, 1, 2, 3].map((group) => [group, 6]),
    );
    const alone = reportOf(trajectories.filter(({ group }) => group === 2));
    for (const name of ['dr_grpo', 'grpo', 'tir_optimal_token_baseline'] as const) {
      near(under(groups[2]!.noise, name).power, under(alone.all, name).power);
      near(under(groups[2]!.noise, name).ratio, under(alone.all, name).ratio!);
    }
  });

  it('keeps the numbers that groups have in the file, whatever their order', () => {
    const mixed = trajectories.map((trajectory) => ({ ...trajectory, group: [7, 3, 12, 0][trajectory.group]! }));
    assert.deepEqual(
      reportOf(mixed).groups.map(({ group }) => group),
      [0, 3, 7, 12],
    );
  });

  it('compares with the estimator in use', () => {
    const { all } = reportOf(trajectories, 'reinforce');
    near(under(all, 'reinforce').ratio, 1);
    near(under(all, 'opo').ratio, under(all, 'opo').power / under(all, 'reinforce').power);
  });

  it('does not take a gradient for noisy because it is long', () => {
    // Two groups whose rewards scatter alike: grpo is dr_grpo times a constant, and so must the noise be the same.
    const even = trajectories.map((trajectory, row) => ({ ...trajectory, reward: Math.floor(row / 4) % 2 }));
    const { all, remarks } = reportOf(even);
    assert.ok(under(all, 'grpo').power > 2 * under(all, 'dr_grpo').power);
    near(under(all, 'grpo').ratio, 1);
    near(under(all, 'rloo').scale, 6 / 5);
    near(under(all, 'rloo').ratio, 1);
    // Whitening divides by the deviation over all action tokens.
    const rewards = even.flatMap(({ reward, mask }) =>
      Array.from(mask!)
        .filter((isAction) => isAction === 1)
        .map(() => reward),
    );
    near(under(all, 'reinforce_plus_plus').scale, 1 / standardDeviation(rewards));
    assert.ok(remarks.some((remark) => remark.includes('multiply all advantages')));
    // And the other way about, from grpo's point of view.
    const seen = reportOf(even, 'grpo').all;
    near(under(seen, 'grpo').scale, 1);
    near(under(seen, 'dr_grpo').ratio, 1);
  });

  it('splits power into signal and noise: the noise of the estimator in use is the one that a run logs', () => {
    const advantages = advantagesOf('dr_grpo', batch);
    const signal = 0.2 * estimatorPowers(batch, ['dr_grpo']).dr_grpo;
    const { pureNoise } = varianceProxies(batch, advantages, signal);
    const { all, remarks } = reportOf(trajectories, 'dr_grpo', signal);
    assert.ok(remarks.some((remark) => remark.startsWith('Signal and noise are split as verl does it')));
    const used = under(all, 'dr_grpo');
    near(used.noise, pureNoise);
    near(used.signal, signal - pureNoise);
    // What no baseline changes is the same for all.
    for (const each of all) {
      near(each.signal, used.signal!);
      near(each.noise, Math.max(0, each.power / each.scale ** 2 - used.signal!) / batch.batch);
    }
  });

  it('does not split a power that is smaller than the signal that was measured', () => {
    const { all, remarks } = reportOf(trajectories, 'dr_grpo', 1e6);
    assert.ok(all.every(({ signal, noise }) => signal === null && noise === null));
    assert.ok(remarks.some((remark) => remark.includes('too small here to tell signal from noise')));
  });

  it('has no ratios where the estimator in use is not known', () => {
    const { all, remarks } = reportOf(trajectories, null, 1);
    assert.ok(all.every(({ ratio, signal }) => ratio === null && signal === null));
    assert.ok(remarks.some((remark) => remark.includes('not known which estimator')));
  });
});

describe('noise of rollouts that do not have everything', () => {
  const trajectories = trajectoriesOf(randomBatch(6, shape));

  it('says in words what is missing', () => {
    const without = (part: Partial<Trajectory>): unknown =>
      noiseReport(
        trajectories.map((trajectory) => ({ ...trajectory, ...part })),
        { inUse: null, signal: null },
      );
    assert.match(String(noiseReport([], { inUse: null, signal: null })), /no trajectories/);
    assert.match(String(without({ logProbs: null })), /no log-probabilities/);
    assert.match(String(without({ sumPiSquared: null })), /no Σπ²/);
    assert.match(String(without({ reward: null })), /no rewards/);
    assert.match(String(without({ reward: Number.NaN })), /none of the 24 trajectories/);
  });

  it('leaves out a trajectory that lacks something, and says so', () => {
    const broken = trajectories.map((trajectory, row) => (row === 3 ? { ...trajectory, sumPiSquared: null } : trajectory));
    const report = reportOf(broken);
    assert.equal(report.trajectories, 23);
    assert.ok(report.remarks.some((remark) => remark.startsWith('1 of 24 trajectories lacks')));
    assert.ok(report.remarks.some((remark) => remark.startsWith('The prompts have 5 to 6 trajectories')));
    assert.ok(report.all.every(({ power }) => Number.isFinite(power)));
  });

  it('knows what the policy chose by where there are log-probabilities, if the source does not say it', () => {
    assert.deepEqual(reportOf(trajectories.map((trajectory) => ({ ...trajectory, mask: null }))), reportOf(trajectories));
  });

  it('has numbers where every reward is the same, and where nothing was said', () => {
    const same = reportOf(trajectories.map((trajectory) => ({ ...trajectory, reward: 1 })));
    for (const each of [...same.all, ...same.groups.flatMap(({ noise }) => noise)]) {
      assert.ok(Number.isFinite(each.power) && Number.isFinite(each.scale), JSON.stringify(each));
      assert.equal(each.ratio, null);
    }
    assert.ok(same.remarks.some((remark) => remark.includes('every advantage of this step is 0')));
    const silent = trajectories.map((trajectory) => ({ ...trajectory, mask: new Uint8Array(trajectory.mask!.length) }));
    assert.ok(reportOf(silent).all.every(({ power }) => power === 0));
  });

  it('is by the number of the group as the file has it, however large', () => {
    const large = 2 ** 40;
    const { groups } = reportOf(trajectories.map((trajectory) => ({ ...trajectory, group: large + trajectory.group })));
    assert.deepEqual(
      groups.map(({ group }) => group),
      [0, 1, 2, 3].map((group) => large + group),
    );
  });

  it('cannot be said where a power is no finite number', () => {
    const huge = trajectories.map((trajectory, i) => ({ ...trajectory, reward: i === 0 ? 1e300 : trajectory.reward }));
    const said = noiseReport(huge, { inUse: 'dr_grpo', signal: null });
    assert.match(
      String(said),
      /^The noise under other baselines cannot be said: some rewards or log-probabilities of this step are so large/,
    );
  });
});
