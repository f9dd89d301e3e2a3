import assert from 'node:assert/strict';
import path from 'node:path';
import { describe, it } from 'node:test';
import { readRun } from '../../../src/runs/directory/readRun.ts';
import { RunQueue, seedsFirst } from '../../../src/runs/launcher/runQueue.ts';
import type { QueueChange, QueueOptions } from '../../../src/runs/launcher/runQueue.ts';
import { stopRun } from '../../../src/runs/launcher/stopRun.ts';
import { eventually, examplePlans, temporaryFolder } from '../exampleRun.ts';

function newQueue(behaviour: string, changes: Partial<QueueOptions> = {}): { queue: RunQueue; told: QueueChange[]; most: () => number } {
  const folder = temporaryFolder();
  const told: QueueChange[] = [];
  let running = 0;
  let most = 0;
  const queue = new RunQueue({
    runs: examplePlans(folder, { estimators: ['opo', 'grpo'], seeds: [1, 2] }),
    runsDir: path.join(folder, 'runs'),
    trainerEntry: path.resolve('test/data/runs/fakeTrainer.mjs'),
    env: { FAKE_TRAINER: behaviour },
    engine: 'auto',
    threads: 1,
    cacheDir: folder,
    parallel: 2,
    graceMs: 60_000,
    onChange: (change) => {
      told.push(change);
      running += change.type === 'started' ? 1 : change.type === 'ended' ? -1 : 0;
      most = Math.max(most, running);
    },
    ...changes,
  });
  return { queue, told, most: () => most };
}

describe('a queue of runs', () => {
  it('runs all', async () => {
    const { queue, told } = newQueue('finish');
    await queue.run();
    const ended = told.filter((change) => change.type === 'ended');
    assert.deepEqual(
      ended.map(({ state }) => state),
      ['finished', 'finished', 'finished', 'finished'],
    );
    for (const { dir } of ended) assert.equal((await readRun(dir)).metrics.lastStep, 5);
  });

  it('has as many at once as it may, and starts the next when one ends', async () => {
    const { queue, told, most } = newQueue('run');
    const done = queue.run();
    for (let begun = 2; begun <= 4; begun++) {
      await eventually(() => told.filter(({ type }) => type === 'started').length === begun, `${begun} runs`);
      const ended = new Set(told.filter(({ type }) => type === 'ended').map(({ dir }) => dir));
      const running = told.find(({ type, dir }) => type === 'started' && !ended.has(dir));
      assert.ok(running);
      assert.equal(await stopRun(running.dir, { graceMs: 60_000 }), 'stopped');
    }
    await eventually(() => told.filter(({ type }) => type === 'ended').length === 3, 'three ends');
    queue.cancel();
    await done;
    assert.equal(most(), 2);
  });

  it('runs all seeds of one estimator before the next', () => {
    const [a1, a2, b1, b2] = examplePlans('/', { estimators: ['opo', 'grpo'], seeds: [1, 2] });
    assert.ok(a1 && a2 && b1 && b2);
    assert.deepEqual(seedsFirst([a1, b1, a2, b2]), [a1, a2, b1, b2]);
  });

  it('tells which runs never began, and goes on', async () => {
    const { queue, told } = newQueue('die');
    await queue.run();
    assert.deepEqual(
      told.map(({ type }) => type),
      Array(4).fill('failed-to-start'),
    );
  });

  it('stops what runs and starts nothing more when it is cancelled', async () => {
    const { queue, told } = newQueue('run');
    const done = queue.run();
    await eventually(() => told.filter(({ type }) => type === 'started').length === 2, 'two runs');
    queue.cancel();
    await done;
    assert.deepEqual(told.map(({ type }) => type).sort(), ['cancelled', 'cancelled', 'ended', 'ended', 'started', 'started']);
    for (const change of told) if (change.type === 'ended') assert.equal(change.state, 'stopped');
  });

  it('kills, when cancelled, what does not stop, and calls it stopped', async () => {
    const { queue, told } = newQueue('stubborn', { graceMs: 100, parallel: 1 });
    const done = queue.run();
    await eventually(() => told.some(({ type }) => type === 'started'), 'a run');
    queue.cancel();
    await done;
    const ended = told.find((change) => change.type === 'ended');
    assert.equal(ended?.state, 'stopped');
  });
});
