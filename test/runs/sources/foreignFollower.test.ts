import assert from 'node:assert/strict';
import { appendFileSync, copyFileSync, mkdirSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { RunHistory } from '../../../src/core/records/runHistory.ts';
import type { RunIdentity } from '../../../src/core/records/runIdentity.ts';
import type { RunEvent } from '../../../src/core/records/events.ts';
import type { RunChange } from '../../../src/runs/directory/runFollower.ts';
import { inspectRun } from '../../../src/runs/inspection/inspectRun.ts';
import { followSource } from '../../../src/runs/sources/followSource.ts';
import type { RunPlace } from '../../../src/runs/sources/format.ts';
import { eventually, temporaryFolder } from '../exampleRun.ts';

const step = (number: number, norm = 0.3 + 0.01 * Math.sin(number), score = 0.5): string =>
  `step:${number} - actor/grad_norm:${norm} - critic/score/mean:${score}\n`;

function steps(from: number, to: number): string {
  let text = '';
  for (let number = from; number <= to; number++) text += step(number);
  return text;
}

/** A run that collapses: from step 100 on the norm surges, and the score falls. */
function collapsing(to: number): string {
  let text = '';
  for (let number = 1; number <= to; number++)
    text += step(number, number < 100 ? 0.3 + 0.02 * Math.sin(7 * number) : 30 + number, number < 100 ? 0.5 : 0.5 * 0.8 ** (number - 99));
  return text;
}

/** Who follows a log, and what that has said so far. */
class Listener {
  history = new RunHistory();
  events: RunEvent[] = [];
  identity: RunIdentity | undefined;
  state = '';
  readonly kinds: RunChange['type'][] = [];
  notes: readonly string[] = [];
  private readonly follower;

  constructor(t: TestContext, place: RunPlace) {
    this.follower = followSource(place, (change) => this.hear(change), { pollMs: 30, gatherMs: 5 });
    t.after(() => this.follower.close());
  }

  get caughtUp(): Promise<void> {
    return this.follower.caughtUp;
  }

  get steps(): readonly number[] {
    return Array.from(this.history.table.steps);
  }

  private hear(change: RunChange): void {
    this.kinds.push(change.type);
    if (change.type === 'metrics') this.history.takeAll(change.records);
    else if (change.type === 'stretches') for (const stretch of change.stretches) this.history.takeStretch(stretch);
    else if (change.type === 'events') this.events.push(...change.events);
    else if (change.type === 'identity') this.identity = change.identity;
    else if (change.type === 'state') this.state = change.state;
    else if (change.type === 'notes') this.notes = change.notes;
    else if (change.type === 'reset' && change.of === 'events') this.events = [];
    else if (change.type === 'forget') this.history.forget(change.from, change.keys);
    else if (change.type === 'reset') this.history = new RunHistory();
  }
}

function logIn(folder: string): { readonly file: string; readonly place: RunPlace } {
  const file = path.join(folder, 'train.log');
  return { file, place: { format: 'verl-console', source: file } };
}

describe('a log that another program writes', () => {
  it('is told as it grows, each whole line once', async (t) => {
    const { file, place } = logIn(temporaryFolder());
    writeFileSync(file, steps(1, 3));
    const listener = new Listener(t, place);
    await listener.caughtUp;
    assert.deepEqual([listener.steps, listener.state], [[1, 2, 3], 'running']);
    assert.deepEqual(listener.identity?.metricKeys.gradNorm, 'actor/grad_norm');
    appendFileSync(file, step(4).slice(0, 20));
    appendFileSync(file, `${step(4).slice(20)}${steps(5, 6)}`);
    await eventually(() => listener.steps.length === 6, 'six steps');
    assert.deepEqual(listener.steps, [1, 2, 3, 4, 5, 6]);
  });

  it('begins anew when it was truncated, replaced, or deleted and written again', async (t) => {
    const folder = temporaryFolder();
    const { file, place } = logIn(folder);
    writeFileSync(file, steps(1, 30));
    const listener = new Listener(t, place);
    await listener.caughtUp;
    writeFileSync(file, steps(1, 2));
    await eventually(() => listener.steps.length === 2, 'the truncated log');
    writeFileSync(path.join(folder, 'next'), steps(50, 80));
    renameSync(path.join(folder, 'next'), file);
    await eventually(() => listener.steps[0] === 50, 'the log that replaced it');
    rmSync(file);
    await eventually(() => listener.kinds.includes('deleted'), 'its deletion');
    writeFileSync(file, steps(1, 7));
    await eventually(() => listener.steps.length === 7, 'the log that is back');
    assert.deepEqual(listener.steps, [1, 2, 3, 4, 5, 6, 7]);
  });

  it('goes back where the run was resumed: the later values count', async (t) => {
    const { file, place } = logIn(temporaryFolder());
    writeFileSync(file, steps(10, 20));
    const listener = new Listener(t, place);
    await listener.caughtUp;
    appendFileSync(file, step(15, 9));
    await eventually(() => listener.history.table.row(15) !== undefined && listener.steps.at(-1) === 15, 'the way back');
    assert.equal(listener.history.table.series('actor/grad_norm')?.values.at(-1), 9);
  });

  it('is judged as it grows, as it is after the fact', async (t) => {
    const { file, place } = logIn(temporaryFolder());
    const text = collapsing(140);
    writeFileSync(file, text.slice(0, 3000));
    const listener = new Listener(t, place);
    await listener.caughtUp;
    for (let at = 3000; at < text.length; at += 700) {
      appendFileSync(file, text.slice(at, at + 700));
      await new Promise((resolve) => setTimeout(resolve, 3));
    }
    await eventually(() => listener.steps.length === 140, 'all steps');
    await eventually(() => listener.events.some(({ type }) => type === 'collapse'), 'the collapse');
    const { events } = await inspectRun(place);
    assert.deepEqual(
      listener.events.map(({ type, step: at }) => [type, at]),
      events.map(({ type, step: at }) => [type, at]),
    );
  });

  it('takes back what it said of a log that began anew', async (t) => {
    const { file, place } = logIn(temporaryFolder());
    writeFileSync(file, collapsing(140));
    const listener = new Listener(t, place);
    await listener.caughtUp;
    assert.ok(listener.events.some(({ type }) => type === 'collapse'));
    writeFileSync(file, steps(1, 5));
    await eventually(() => listener.steps.length === 5 && listener.events.length === 0, 'a healthy log');
  });

  it('is idle when nobody has written to it for long, and under way again when somebody does', async (t) => {
    const { file, place } = logIn(temporaryFolder());
    writeFileSync(file, steps(1, 3));
    const hourAgo = Date.now() / 1000 - 7200;
    utimesSync(file, hourAgo, hourAgo);
    const listener = new Listener(t, place);
    await listener.caughtUp;
    assert.equal(listener.state, 'idle');
    appendFileSync(file, step(4));
    await eventually(() => listener.state === 'running', 'that it goes on');
  });

  it('is left as it is, with everything in its folder', async (t) => {
    const folder = temporaryFolder();
    const { file, place } = logIn(folder);
    writeFileSync(file, steps(1, 30));
    const before = statSync(folder).mtimeMs;
    const listener = new Listener(t, place);
    await listener.caughtUp;
    await inspectRun(place);
    assert.equal(statSync(folder).mtimeMs, before);
  });
});

describe('every log of a producer', () => {
  const logs: readonly RunPlace[] = [
    { format: 'mlflow', source: 'mlflow-file/mlruns/818018157754356399/5d534a06bb884f23bdc593fb17bba1a4' },
    { format: 'tensorboard', source: 'tb-torch/run' },
    { format: 'tensorboard', source: 'tb-restart-purge/run' },
    { format: 'trainer-state', source: 'hf-nan/trainer_state.json' },
    { format: 'csv', source: 'ray-tune/trial/progress.csv' },
    { format: 'csv', source: 'lightning-csv/run/version_0/metrics.csv' },
  ];
  for (const { format, source } of logs) {
    it(`is followed and judged as it is inspected: ${source}`, async (t) => {
      const place = { format, source: path.resolve('test/data/producers', source) };
      const listener = new Listener(t, place);
      await listener.caughtUp;
      const { steps, lastStep, events } = await inspectRun(place);
      assert.deepEqual([listener.steps.length, listener.steps.at(-1)], [steps, lastStep]);
      assert.deepEqual(
        listener.events.map(({ type, step: at }) => [type, at]),
        events.map(({ type, step: at }) => [type, at]),
      );
    });
  }
});

describe('a run of several files', () => {
  it('grows by a file that comes to it', async (t) => {
    const data = path.resolve('test/data/producers/tb-restart-nopurge/run');
    const folder = path.join(temporaryFolder(), 'run');
    mkdirSync(folder);
    const names = ['events.out.tfevents.1795812065.host.8670.9', 'events.out.tfevents.1795812067.host.8670.10'] as const;
    copyFileSync(path.join(data, names[0]), path.join(folder, names[0]));
    const place = { format: 'tensorboard', source: folder };
    const listener = new Listener(t, place);
    await listener.caughtUp;
    const before = listener.steps.length;
    copyFileSync(path.join(data, names[1]), path.join(folder, names[1]));
    const whole = await inspectRun(place);
    await eventually(() => listener.steps.at(-1) === whole.lastStep, 'the steps of the second file');
    assert.ok(listener.steps.length > before);
    assert.equal(listener.steps.length, whole.steps);
  });
});
