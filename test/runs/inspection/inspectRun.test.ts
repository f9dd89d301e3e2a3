import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { createCollapseDetector } from '../../../src/core/collapse/detector.ts';
import { Random } from '../../../src/core/random.ts';
import { stringify } from '../../../src/core/records/json.ts';
import { RunWriter } from '../../../src/runs/directory/runWriter.ts';
import { runDirectory } from '../../../src/runs/sources/runPlace.ts';
import { inspectRun } from '../../../src/runs/inspection/inspectRun.ts';
import type { RunInspection } from '../../../src/runs/inspection/inspectRun.ts';
import { exampleRecord, temporaryFolder } from '../exampleRun.ts';

/** A run of 200 steps that is healthy until its gradient norm explodes and its score dies from step 151 on. */
function collapsingRun(keys = { gradNorm: 'actor/grad_norm', score: 'critic/score/mean' }): string {
  const dir = path.join(temporaryFolder(), 'run');
  const writer = RunWriter.create(dir, exampleRecord());
  const random = new Random(1);
  writer.appendEvent({ type: 'started', step: 0, time: 0, data: { pid: 1, processStartTime: 'x' } });
  for (let step = 1; step <= 200; step++) {
    const surge = step > 150 ? 1.3 ** (step - 150) : 1;
    writer.appendMetrics({
      step,
      time: step,
      data: { [keys.gradNorm]: surge * (0.9 + 0.2 * random.uniform()), [keys.score]: step > 155 ? 0 : 0.6 + 0.1 * random.uniform() },
    });
    if (step === 100) writer.appendEvent({ type: 'checkpoint', step, time: step + 0.5, data: {} });
    if (step === 120)
      writer.appendEvent({ type: 'collapse', step, time: step, onsetStep: 110, message: 'an old opinion', advice: '', data: {} });
  }
  writer.appendEvent({ type: 'finished', step: 200, time: 201, data: { reason: 'completed' } });
  writer.writeExit({ code: 0, signal: null, lastStep: 200, reason: 'completed', message: 'done', time: 201 });
  writer.close();
  return dir;
}

describe('inspecting a run', () => {
  it('says how many steps it has and what each metric did', async () => {
    const run = await inspectRun(runDirectory(collapsingRun()));
    assert.deepEqual(
      [run.format, run.steps, run.firstStep, run.lastStep, run.process, run.malformedLines],
      ['otb-run', 200, 1, 200, 'finished', 0],
    );
    assert.deepEqual([run.gradNormKey, run.scoreKey], ['actor/grad_norm', 'critic/score/mean']);
    const score = run.metrics['critic/score/mean'];
    assert.deepEqual([score?.count, score?.last, score?.min], [200, 0, 0]);
    assert.ok(score && score.max > 0.65 && score.max <= 0.7);
  });

  it('judges it at the level that was asked for, else that of its config, else the usual one', async () => {
    const dir = path.join(temporaryFolder(), 'run');
    const record = exampleRecord();
    RunWriter.create(dir, { ...record, config: { ...record.config, collapseSensitivity: 'low' } }).close();
    assert.equal((await inspectRun(runDirectory(dir))).sensitivity, 'low');
    assert.equal((await inspectRun(runDirectory(dir), { assigned: { sensitivity: 'high' } })).sensitivity, 'high');
    const file = path.join(temporaryFolder(), 'metrics.csv');
    writeFileSync(file, 'step,grad_norm,reward\n1,0.5,1\n');
    assert.equal((await inspectRun({ format: 'csv', source: file })).sensitivity, 'normal');
    assert.equal((await inspectRun({ format: 'csv', source: file }, { assigned: { sensitivity: 'low' } })).sensitivity, 'low');
  });

  it('says that it collapsed, where that began, and what befell it in order', async () => {
    const run = await inspectRun(runDirectory(collapsingRun()));
    assert.equal(run.state, 'collapsed');
    assert.ok(run.onsetStep !== null && run.onsetStep > 145 && run.onsetStep <= 160, `onset ${run.onsetStep}`);
    assert.ok(run.detectedStep !== null && run.detectedStep >= run.onsetStep);
    const types = run.events.map(({ type }) => type);
    assert.deepEqual([types[0], types.at(-1)], ['started', 'finished']);
    assert.equal(types.filter((type) => type === 'collapse').length, 1);
    assert.ok(types.indexOf('checkpoint') < types.indexOf('collapse'));
    const steps = run.events.map(({ step }) => step);
    assert.deepEqual(
      steps,
      steps.toSorted((a, b) => a - b),
    );
  });

  it('tells the same story under other names of metrics, when given them', async () => {
    const keys = { gradNorm: 'my_norm', score: 'my_reward' };
    const usual = await inspectRun(runDirectory(collapsingRun()));
    const dir = collapsingRun(keys);
    const unnamed = await inspectRun(runDirectory(dir));
    assert.deepEqual([unnamed.gradNormKey, unnamed.scoreKey, unnamed.state], [null, null, 'unknown']);
    const named = await inspectRun(runDirectory(dir), keys);
    assert.deepEqual([named.state, named.onsetStep, named.detectedStep], [usual.state, usual.onsetStep, usual.detectedStep]);
    await assert.rejects(
      inspectRun(runDirectory(dir), { score: 'my_rewards' }),
      /the run logs no metric "my_rewards"\. Did you mean "my_reward"\?/,
    );
  });

  it('knows the names under which other programs log them', async () => {
    const usual = await inspectRun(runDirectory(collapsingRun()));
    const run = await inspectRun(runDirectory(collapsingRun({ gradNorm: 'train/grad_norm', score: 'train/reward' })));
    assert.deepEqual([run.gradNormKey, run.scoreKey], ['train/grad_norm', 'train/reward']);
    assert.deepEqual([run.state, run.onsetStep, run.detectedStep], [usual.state, usual.onsetStep, usual.detectedStep]);
  });

  it('is of a run without a step, too', async () => {
    const dir = path.join(temporaryFolder(), 'run');
    RunWriter.create(dir, exampleRecord()).close();
    const run = await inspectRun(runDirectory(dir));
    assert.deepEqual([run.steps, run.firstStep, run.lastStep, run.state, run.process, run.metrics], [0, null, null, 'unknown', 'lost', {}]);
  });

  it('says what a run lacks, and what cannot be judged for that', async () => {
    const logging = (data: Record<string, number>): Promise<RunInspection> => {
      const dir = path.join(temporaryFolder(), 'run');
      const writer = RunWriter.create(dir, exampleRecord());
      for (let step = 1; step <= 30; step++) writer.appendMetrics({ step, time: step, data });
      writer.close();
      return inspectRun(runDirectory(dir));
    };
    const blind = await logging({ 'critic/score/mean': 0.5 });
    assert.deepEqual([blind.state, blind.missing], ['unknown', ['gradNorm']]);
    assert.equal(blind.notJudged, 'the run logs no gradient norm (actor/grad_norm), so a surge cannot be seen');
    const unscored = await logging({ 'actor/grad_norm': 0.5 });
    assert.deepEqual([unscored.state, unscored.missing], ['healthy', ['score']]);
    const strange = await logging({ loss: 1 });
    assert.deepEqual([strange.state, strange.missing], ['unknown', ['gradNorm', 'score']]);
    assert.equal(strange.notJudged, 'the run logs neither a gradient norm (actor/grad_norm) nor a score (critic/score/mean)');
    const whole = await logging({ 'actor/grad_norm': 0.5, 'critic/score/mean': 0.5 });
    assert.deepEqual([whole.state, whole.missing, whole.notJudged], ['healthy', [], '']);
  });

  it('says of a run of another program that no metric is known as what it lacks, and which may be meant', async () => {
    const file = path.join(temporaryFolder(), 'metrics.csv');
    writeFileSync(file, ['step,grad_norm,my_reward', ...Array.from({ length: 30 }, (_, step) => `${step},0.5,1`)].join('\n'));
    const { notJudged, warnings } = await inspectRun({ format: 'csv', source: file });
    assert.equal(notJudged, 'no metric is known as its score, so a fall of the score cannot be seen');
    assert.deepEqual(warnings, ['The score may be my_reward: choose it with --score my_reward.']);
  });

  it('leaves NaN out of the extremes, and names it in JSON', async () => {
    const dir = path.join(temporaryFolder(), 'run');
    const writer = RunWriter.create(dir, exampleRecord());
    [2, Number.NaN, 1, Number.POSITIVE_INFINITY, Number.NaN].forEach((a, index) =>
      writer.appendMetrics({ step: index + 1, time: index, data: { a } }),
    );
    writer.close();
    const { metrics } = await inspectRun(runDirectory(dir));
    assert.equal(stringify(metrics['a']), '{"count":5,"last":"NaN","min":1,"max":"Infinity"}');
  });

  it('knows no collapse that a resumed run has not come to again', async () => {
    const dir = collapsingRun();
    const writer = RunWriter.resume(dir);
    writer.appendEvent({ type: 'started', step: 100, time: 300, data: { pid: 1, processStartTime: 'y' } });
    writer.appendMetrics({ step: 101, time: 301, data: { 'actor/grad_norm': 1, 'critic/score/mean': 0.65 } });
    writer.close();
    const run = await inspectRun(runDirectory(dir));
    assert.deepEqual([run.lastStep, run.state, run.onsetStep], [101, 'healthy', null]);
    assert.ok(run.events.every(({ type }) => type !== 'collapse'));
  });

  it('agrees with a detector that watched the run live', async () => {
    const dir = collapsingRun();
    const run = await inspectRun(runDirectory(dir));
    const live = createCollapseDetector();
    const random = new Random(1);
    for (let step = 1; step <= 200; step++) {
      const surge = step > 150 ? 1.3 ** (step - 150) : 1;
      live.update(step, {
        'actor/grad_norm': surge * (0.9 + 0.2 * random.uniform()),
        'critic/score/mean': step > 155 ? 0 : 0.6 + 0.1 * random.uniform(),
      });
    }
    assert.deepEqual([run.onsetStep, run.detectedStep], [live.onsetStep, live.detectedStep]);
  });
});
