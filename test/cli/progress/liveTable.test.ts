import assert from 'node:assert/strict';
import { test } from 'node:test';
import { metricNames } from '../../../src/core/records/metricNames.ts';
import { textWidth } from '../../../src/cli/output.ts';
import { FollowedRun } from '../../../src/cli/progress/followedRun.ts';
import { renderLiveTable } from '../../../src/cli/progress/liveTable.ts';

const gpu = {
  name: 'NVIDIA H100 80GB HBM3',
  utilization: 83,
  memoryMiB: 81_559,
  memoryUsedMiB: 62_669,
  powerWatts: 412,
  temperatureCelsius: 67,
  runs: ['dr_grpo seed 1 of qwen'],
  others: [],
};
const plain = { paint: (_format: unknown, text: string) => text, parallel: 2, footer: 'Ctrl-C stops the runs' };

function run(estimator: string, seed: number, process: FollowedRun['process'], step: number): FollowedRun {
  const followed = new FollowedRun(`/runs/${estimator}-s${seed}`, { estimator, seed, config: { steps: 600 } });
  followed.process = process;
  for (let at = Math.max(1, step - 40); at <= step; at++)
    followed.addMetrics({ step: at, time: at / 4, data: { [metricNames.gradNorm]: 0.5, [metricNames.score]: 0.25 } });
  return followed;
}

test('a line a run says how far it is, how fast, how long it will take, and how it does', () => {
  const text = renderLiveTable([run('dr_grpo', 7, 'running', 300)], { ...plain, columns: 200, rows: 40 });
  assert.match(text, /▶  dr_grpo +7  █████░░░░░  300\/600 +4  1:15 +0\.25 +0\.5/);
  assert.match(text, /0 of 1 run done, about 1 min 15 s left/);
});

test('a collapsed run says where it began', () => {
  const collapsed = run('reinforce', 1, 'running', 120);
  const common = { step: 120, time: 30, message: '', advice: '', data: {} };
  collapsed.addEvent({ ...common, type: 'unstable', onsetStep: 101 });
  assert.match(renderLiveTable([collapsed], { ...plain, columns: 200, rows: 40 }), /unstable/);
  collapsed.addEvent({ ...common, type: 'collapse', onsetStep: 101 });
  assert.match(renderLiveTable([collapsed], { ...plain, columns: 200, rows: 40 }), /▼ step 101/);
});

test('a run that cannot be judged says so, once it has a step', () => {
  const blind = new FollowedRun('/runs/a', { estimator: 'opo', seed: 1, config: { steps: 600 } });
  blind.process = 'running';
  const line = (): string => renderLiveTable([blind], { ...plain, columns: 200, rows: 40 });
  assert.doesNotMatch(line(), /not judged/);
  blind.addMetrics({ step: 1, time: 1, data: { [metricNames.score]: 0.5 } });
  assert.match(line(), /not judged/);
  blind.addMetrics({ step: 2, time: 2, data: { [metricNames.gradNorm]: 0.5 } });
  assert.doesNotMatch(line(), /not judged/);
});

test('the table is never wider than the terminal, and keeps what matters most', () => {
  const runs = [run('tir_optimal_token_baseline', 1, 'running', 300), run('reinforce', 12, 'waiting', 0)];
  for (const columns of [200, 100, 80, 60, 55]) {
    const lines = renderLiveTable(runs, { ...plain, columns, rows: 40 }).split('\n');
    for (const line of lines.slice(0, 3)) assert.ok(textWidth(line) < columns, `${columns}: ${line}`);
    assert.ok(
      lines.some((line) => line.includes('tir_optimal_token_baseline') && line.includes('300/600')),
      String(columns),
    );
  }
});

test('the table is never higher than the terminal: runs that are under way are shown, the others counted', () => {
  const runs = [
    ...Array.from({ length: 20 }, (_, seed) => run('opo', seed, 'finished', 600)),
    run('grpo', 1, 'running', 10),
    ...Array.from({ length: 9 }, (_, seed) => run('rloo', seed, 'waiting', 0)),
  ];
  const text = renderLiveTable(runs, { ...plain, columns: 100, rows: 12 });
  assert.ok(text.split('\n').length < 12, text);
  assert.match(text, /▶  grpo/);
  assert.match(text, /… 23 more/);
  assert.match(text, /20 of 30 runs done/);
});

test('runs that have not begun are reckoned with the start that the others had', () => {
  const running = run('opo', 1, 'running', 300);
  running.startupSeconds = 60;
  const starting = run('opo', 2, 'starting', 0);
  starting.warmStart = 0.5;
  const table = (runs: readonly FollowedRun[]) => renderLiveTable(runs, { ...plain, columns: 200, rows: 40, parallel: 2 });
  // 75 s of steps; 30 s of warm start and 150 s of steps; both at once.
  assert.match(table([running, starting]), /about 3 min 00 s left/);
  // A third one has to wait for its turn: 60 s and 150 s more, over two.
  assert.match(table([running, starting, run('opo', 3, 'waiting', 0)]), /about 3 min 53 s left/);
  assert.doesNotMatch(table([starting]), /left$/m);
});

test('nothing is said of the time left of a run that has ended', () => {
  const ended = run('opo', 1, 'running', 300);
  ended.isEnding = true;
  assert.equal(ended.secondsLeft, Number.NaN);
  assert.doesNotMatch(renderLiveTable([ended], { ...plain, columns: 200, rows: 40 }), /about/);
});

test('GPUs have a line each below the runs, many of them one, and the table still fits the terminal', () => {
  const runs = Array.from({ length: 30 }, (_, seed) => run('dr_grpo', seed, 'running', 1));
  const table = (count: number, columns = 200): readonly string[] => {
    const gpus = Array.from({ length: count }, (_, index) => ({ ...gpu, index }));
    return renderLiveTable(runs, { ...plain, columns, rows: 12, gpus }).split('\n');
  };
  assert.deepEqual(table(2).slice(-3, -1), [
    'GPU 0 · 83 % · 61.2 of 79.6 GiB · 412 W · 67 °C · ours: dr_grpo seed 1 of qwen',
    'GPU 1 · 83 % · 61.2 of 79.6 GiB · 412 W · 67 °C · ours: dr_grpo seed 1 of qwen',
  ]);
  assert.equal(table(8).at(-2), '8 GPUs · 83 % busy on average · 8 with runs of ours');
  assert.ok(table(2).length < 12 && table(2, 50).every((line) => textWidth(line) < 50));
});
