import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { RunOverview } from '../../../src/runs/catalog/runOverview.ts';
import { QueueFile } from '../../../src/runs/launcher/queueFile.ts';
import { moved, withWaiting } from '../../../src/runs/launcher/turns.ts';
import type { Turns } from '../../../src/runs/launcher/turns.ts';
import { TurnsFile } from '../../../src/runs/launcher/turnsFile.ts';
import { ownIdentity } from '../../../src/runs/process/processIdentity.ts';
import { runDirectory } from '../../../src/runs/launcher/trainingPlan.ts';
import type { QueuedRun, TrainingPlan } from '../../../src/runs/launcher/trainingPlan.ts';
import { WaitingRuns, comingRuns } from '../../../src/runs/launcher/waitingRuns.ts';
import { eventually, examplePlans, exampleRecord, overviewOf, temporaryFolder } from '../exampleRun.ts';

/** A group of four runs, its queue, and a catalog that learns of a run only when it is told. */
class Group {
  readonly plan: TrainingPlan;
  readonly group: string;
  readonly known = new Map<string, RunOverview>();
  changes = 0;
  readonly waiting = new WaitingRuns({ get: (dir) => this.known.get(dir), onChange: () => this.changes++, checkMs: 20 });

  private constructor(folder: string) {
    const runs = examplePlans(folder, { estimators: ['opo', 'grpo'], seeds: [1, 2] });
    const runsDir = path.join(folder, 'runs');
    mkdirSync(runsDir);
    this.plan = { runs, runsDir, engine: 'auto', parallel: 1, threads: 1, cacheDir: folder };
    this.group = runs[0]?.group ?? '';
  }

  static make(): Group {
    return new Group(temporaryFolder());
  }

  get state(): ReturnType<WaitingRuns['of']> {
    return this.waiting.of({ runsDir: this.plan.runsDir, group: this.group });
  }

  /** Runs that are known and runs that wait: what a row of the group counts. */
  get total(): number {
    return this.known.size + this.state.runs.length;
  }

  run(index: number): QueuedRun {
    const run = this.plan.runs[index];
    assert.ok(run);
    return run;
  }

  /** Writes what a trainer writes first. */
  begin(index: number): void {
    const dir = runDirectory(this.plan.runsDir, this.run(index));
    mkdirSync(dir);
    writeFileSync(path.join(dir, 'run.json'), '{}');
  }

  tell(index: number, process: RunOverview['process'], exit: RunOverview['exit'] = null): void {
    const run = this.run(index);
    const dir = runDirectory(this.plan.runsDir, run);
    const overview = overviewOf({ dir, record: exampleRecord({ ...run }), process, exit });
    const isNew = !this.known.has(dir);
    this.known.set(dir, overview);
    this.waiting.take({ added: isNew ? [overview] : [], changed: isNew ? [] : [overview], removed: [] });
  }
}

describe('runs that wait in a group', () => {
  let group: Group;
  let queue: QueueFile;
  beforeEach(async () => {
    group = Group.make();
    queue = await QueueFile.of(group.plan);
  });
  afterEach(() => group.waiting.close());

  it('are there as soon as the first look has been taken', async () => {
    queue.write(group.plan.runs.slice(1));
    group.begin(0);
    group.tell(0, 'running');
    await group.waiting.settled();
    assert.equal(group.state.runs.length, 3);
    assert.equal(group.state.isLost, false);
    assert.equal(group.changes, 1);
  });

  it('make up the whole group with those that are known, at every moment of a run that begins', async () => {
    queue.write(group.plan.runs.slice(1));
    group.begin(0);
    group.tell(0, 'running');
    await group.waiting.settled();
    assert.equal(group.total, 4);
    // It is on the disk, and still in the queue's list.
    group.begin(1);
    await looked();
    assert.equal(group.total, 4);
    // The list has let it go, and the catalog has not seen it.
    queue.write(group.plan.runs.slice(2));
    await looked();
    assert.equal(group.total, 4);
    assert.equal(group.state.runs.length, 3);
    // The catalog has seen it: at once, before any queue is read.
    group.tell(1, 'starting');
    assert.equal(group.total, 4);
    assert.equal(group.state.runs.length, 2);
    await group.waiting.settled();
    assert.equal(group.total, 4);
  });

  it('are none once they were cancelled', async () => {
    queue.write(group.plan.runs.slice(1));
    group.begin(0);
    group.tell(0, 'running');
    await group.waiting.settled();
    queue.write([]);
    await eventually(() => group.state.runs.length === 0, 'nothing to wait');
  });

  it('are told apart from those that go on, which count while they have ended', async () => {
    group.begin(0);
    group.tell(0, 'running');
    group.begin(1);
    group.tell(1, 'stopped');
    queue.write([{ ...group.run(1), resumes: true }, group.run(2)]);
    await eventually(() => group.state.runs.length === 1 && group.state.resuming.length === 1, 'one to begin and one to go on');
    group.tell(1, 'running');
    assert.deepEqual([group.state.runs.length, group.state.resuming], [1, []]);
  });

  it('are known without a news of theirs: a queue that takes a run on changes no run', async () => {
    group.begin(0);
    group.tell(0, 'running');
    await group.waiting.settled();
    assert.equal(group.state.runs.length, 0);
    queue.write([group.run(1)]);
    await eventually(() => group.state.runs.length === 1, 'the run that was added');
  });

  it('are found in a folder also where none of their group has begun, with what each waits for, in the order of their turns', async () => {
    const { plan } = group;
    const [first, second] = [group.run(0), group.run(1)];
    queue.write([first, second]);
    const file = new TurnsFile(plan.runsDir);
    const waits = { name: 'a queue', group: group.group, parallel: 1, ...(await ownIdentity()), host: os.hostname() };
    const set = (change: Partial<Turns>): Promise<unknown> => file.change((turns) => ({ ...turns, ...change }));
    await file.change((turns) => ({ ...moved(withWaiting(turns, waits, [first.id, second.id]), [second.id], 0), parallel: 4 }));
    await set({ paused: true });
    group.waiting.setFolders([plan.runsDir]);
    await group.waiting.settled();
    assert.deepEqual(group.waiting.groups, [{ runsDir: plan.runsDir, group: group.group }]);
    const [dir, next] = [first, second].map((run) => runDirectory(plan.runsDir, run));
    assert.ok(dir !== undefined && next !== undefined);
    assert.deepEqual([group.state.runs.map(({ id }) => id), group.state.reasons[dir]], [[second.id, first.id], 'the queue is paused']);
    assert.deepEqual([group.waiting.isPaused(plan.runsDir), group.waiting.parallel(plan.runsDir)], [true, 4]);
    await set({ paused: false, parallel: 1 });
    await eventually(() => group.state.reasons[next] === 'is about to start', 'its turn');
    assert.equal(group.state.reasons[dir], 'waits for its turn: 2nd of 2, 1 run at once');
    const shown = comingRuns(plan.runsDir, group.state).find((run) => run.dir === dir);
    assert.deepEqual([shown?.process, shown?.note], ['waiting', 'waits for its turn: 2nd of 2, 1 run at once']);
    queue.write([]);
    await eventually(() => group.waiting.groups.length === 0, 'nothing to wait');
    group.waiting.setFolders([]);
    assert.deepEqual(group.waiting.runsDirs, []);
  });

  /** Some looks at the queue. */
  async function looked(): Promise<void> {
    for (let look = 0; look < 3; look++) {
      await new Promise((resolve) => setTimeout(resolve, 30));
      await group.waiting.settled();
    }
  }
});
