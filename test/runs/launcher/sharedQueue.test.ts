import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { queuedGroups, readQueue } from '../../../src/runs/launcher/queueFile.ts';
import { resumeRuns } from '../../../src/runs/launcher/resumeRuns.ts';
import { RunQueue } from '../../../src/runs/launcher/runQueue.ts';
import { startQueue } from '../../../src/runs/launcher/startQueue.ts';
import type { TrainingPlan } from '../../../src/runs/launcher/trainingPlan.ts';
import { moved } from '../../../src/runs/launcher/turns.ts';
import { TurnsFile } from '../../../src/runs/launcher/turnsFile.ts';
import { eventually, examplePlans, temporaryFolder } from '../exampleRun.ts';

/** What a process of this file does that was started as `otb queue serve`: it trains the plan that it reads. */
async function serve(): Promise<void> {
  const plan = JSON.parse(await text(process.stdin)) as TrainingPlan;
  const trainer = { trainerEntry: path.resolve('test/data/runs/fakeTrainer.mjs'), env: { FAKE_TRAINER: 'finish' } };
  await new RunQueue({ ...plan, ...trainer, graceMs: 60_000, onChange: () => undefined }).run();
}

const program = { otbEntry: fileURLToPath(import.meta.url), env: { OTB_TEST_SERVES: '1' } };

/** A plan of as many runs, in a group of its own. */
function planOf(folder: string, name: string, runs: number, parallel: number): TrainingPlan {
  const seeds = Array.from({ length: runs }, (_, index) => index + 1);
  const runsDir = path.join(folder, 'runs');
  mkdirSync(runsDir, { recursive: true });
  return { runs: examplePlans(folder, { name, seeds, steps: 5 }), runsDir, engine: 'auto', parallel, threads: 1, cacheDir: folder };
}

interface Span {
  readonly id: string;
  readonly starts: number;
  readonly from: number;
  readonly to: number;
  readonly reason: string;
}

/** When each run began and ended, in the order in which they began. */
function spansIn(runsDir: string): readonly Span[] {
  const read = (id: string, file: string): string => readFileSync(path.join(runsDir, id, file), 'utf8');
  const spans = readdirSync(runsDir)
    .filter((id) => existsSync(path.join(runsDir, id, 'exit.json')))
    .map((id): Span => {
      const events = read(id, 'events.jsonl').trim().split('\n');
      const exit = JSON.parse(read(id, 'exit.json')) as { time: number; reason: string };
      const { time: from } = JSON.parse(events[0] ?? '') as { time: number };
      return { id, starts: events.length, from, to: exit.time, reason: exit.reason };
    });
  return spans.sort((a, b) => a.from - b.from);
}

/** The most runs that were there at one moment. */
function mostAtOnce(spans: readonly Span[]): number {
  return Math.max(...spans.map(({ from }) => spans.filter((other) => other.from <= from && from < other.to).length));
}

async function pausedWith(plans: readonly TrainingPlan[]): Promise<{ readonly file: TurnsFile; readonly pids: readonly number[] }> {
  const file = new TurnsFile(plans[0]?.runsDir ?? '');
  await file.change((turns) => ({ ...turns, paused: true }));
  const started = await Promise.all(plans.map((plan) => startQueue(plan, program)));
  assert.deepEqual(new Set(started.map(({ waits }) => waits)), new Set(['the queue is paused']));
  return { file, pids: started.map(({ pid }) => pid) };
}

const setPaused = (file: TurnsFile, paused: boolean): Promise<unknown> => file.change((turns) => ({ ...turns, paused }));
const filesBeside = (runsDir: string): readonly string[] => readdirSync(runsDir).filter((name) => /\.json|\.lock|\.tmp/.test(name));

function tests(): void {
  it('starts fifty runs of three processes once each, never more at once than it may, in their order', async () => {
    const folder = temporaryFolder();
    const plans = [planOf(folder, 'one', 20, 4), planOf(folder, 'two', 20, 4), planOf(folder, 'three', 10, 4)];
    const { file } = await pausedWith(plans);
    const runsDir = plans[0]?.runsDir ?? '';
    const order = file.read().turns.order.map(({ id }) => id);
    assert.deepEqual(order.toSorted(), plans.flatMap(({ runs }) => runs.map(({ id }) => id)).sort());
    await setPaused(file, false);
    await eventually(() => spansIn(runsDir).length === 50, 'fifty runs');
    await eventually(() => filesBeside(runsDir).length === 0, 'nothing to wait');
    const spans = spansIn(runsDir);
    assert.deepEqual(new Set(spans.map(({ starts, reason }) => `${starts} ${reason}`)), new Set(['1 completed']));
    assert.ok(mostAtOnce(spans) <= 4, `${mostAtOnce(spans)} at once`);
    for (const { id, from } of spans) {
      const position = order.indexOf(id);
      const ended = spans.filter(({ id: other, to }) => to <= from && order.indexOf(other) < position).length;
      assert.ok(ended >= position - 3, `${position} began when ${ended} before it had ended`);
    }
  });

  it('starts them one after the other exactly as somebody has ordered them, whosever they are', async () => {
    const folder = temporaryFolder();
    const plans = [planOf(folder, 'one', 3, 8), planOf(folder, 'two', 3, 8)];
    const { file } = await pausedWith(plans);
    const before = file.read().turns.order.map(({ id }) => id);
    const [last = '', first = ''] = [before.at(-1), before[0]];
    await file.change((turns) => ({ ...moved(moved(turns, [last], 0), [first], 99), parallel: 1 }));
    const order = file.read().turns.order.map(({ id }) => id);
    assert.deepEqual([order[0], order.at(-1)], [last, first]);
    await setPaused(file, false);
    const runsDir = plans[0]?.runsDir ?? '';
    await eventually(() => spansIn(runsDir).length === 6, 'all runs');
    assert.deepEqual(
      spansIn(runsDir).map(({ id }) => id),
      order,
    );
    assert.equal(mostAtOnce(spansIn(runsDir)), 1);
    await file.change((turns) => ({ ...turns, parallel: null }));
  });

  it('loses nothing, starts nothing twice and keeps its limit when its processes are killed', async () => {
    const folder = temporaryFolder();
    const plans = [planOf(folder, 'one', 12, 3), planOf(folder, 'two', 12, 3), planOf(folder, 'three', 12, 3)];
    const runsDir = plans[0]?.runsDir ?? '';
    const { file, pids } = await pausedWith(plans);
    await setPaused(file, false);
    const alive = new Map(plans.map(({ runs }, index) => [runs[0]?.group ?? '', pids[index] ?? 0]));
    let kills = 0;
    for (let ended = 0; ended < 36; ended = spansIn(runsDir).length) {
      await new Promise((resolve) => setTimeout(resolve, 400 * Math.random()));
      const groups = [...alive.keys()];
      const victim = groups[Math.floor(groups.length * Math.random())];
      if (victim !== undefined && kills < 12) {
        kills += killed(alive.get(victim) ?? 0) ? 1 : 0;
        alive.delete(victim);
      }
      // As the editor does when somebody goes on with a group.
      for (const group of await queuedGroups(runsDir)) {
        if ((await readQueue(runsDir, group))?.state !== 'lost') continue;
        const resumed = await resumeRuns({ runsDir, group, runs: [], limits: { parallel: 3 } }, program);
        alive.set(group, resumed.pid);
      }
    }
    for (const pid of alive.values()) await eventually(() => !isAlive(pid), 'the end of all processes');
    // Whoever looks puts right what the last of them has left.
    await eventually(async () => (await file.change((turns) => turns)).places.length === 0, 'no place that is taken');
    assert.equal(existsSync(path.join(runsDir, 'queue.json')), false);
    const spans = spansIn(runsDir);
    assert.ok(kills >= 3, `${kills} kills`);
    assert.deepEqual(spans.map(({ id }) => id).sort(), plans.flatMap(({ runs }) => runs.map(({ id }) => id)).sort());
    assert.deepEqual(new Set(spans.map(({ starts, reason }) => `${starts} ${reason}`)), new Set(['1 completed']));
    assert.ok(mostAtOnce(spans) <= 3, `${mostAtOnce(spans)} at once`);
  });
}

function killed(pid: number): boolean {
  return signalled(pid, 'SIGKILL');
}

/** A process that was killed and not waited for counts as gone, like everywhere. */
function isAlive(pid: number): boolean {
  return signalled(pid, 0);
}

function signalled(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(pid, signal);
    return true;
  } catch {
    return false;
  }
}

if (process.env['OTB_TEST_SERVES'] === undefined) describe('the queue that all groups of a folder share', tests);
else await serve();
