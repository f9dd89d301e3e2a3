import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, it, mock } from 'node:test';
import type { PlannedRun } from '../../../src/core/records/run.ts';
import { launchRun } from '../../../src/runs/launcher/launchRun.ts';
import { stopRun } from '../../../src/runs/launcher/stopRun.ts';
import { TurnTaker } from '../../../src/runs/launcher/turnTaker.ts';
import type { GrantedRun, TurnTakerOptions } from '../../../src/runs/launcher/turnTaker.ts';
import type { Admission } from '../../../src/runs/launcher/gpuAdmitter.ts';
import { moved, removed, withPlace, withWaiting } from '../../../src/runs/launcher/turns.ts';
import type { Place, TurnQueue } from '../../../src/runs/launcher/turns.ts';
import { TurnsFile } from '../../../src/runs/launcher/turnsFile.ts';
import { examplePlans, temporaryFolder } from '../exampleRun.ts';

const host = os.hostname();
const dead = { pid: process.pid, processStartTime: 'another boot:1', host };
/** A process that lives and is none of ours. */
const other = { pid: 1, processStartTime: null, host };

class Folder {
  readonly runsDir = path.join(temporaryFolder(), 'runs');
  readonly runs = examplePlans(this.runsDir, { seeds: [1, 2, 3, 4] });
  readonly file = new TurnsFile(this.runsDir);

  constructor() {
    mkdirSync(this.runsDir);
  }

  taker(options: Partial<TurnTakerOptions> = {}): Promise<TurnTaker> {
    return TurnTaker.of({ runsDir: this.runsDir, group: 'example', parallel: 2, admitter: admitAll, ...options });
  }

  place(id: string, holder: Omit<Place, 'id' | 'since'>): Promise<unknown> {
    return this.file.change((turns) => withPlace(turns, { id, since: 0, ...holder }));
  }

  get said(): string {
    return readFileSync(path.join(this.runsDir, 'queue.json'), 'utf8');
  }

  get taken(): readonly string[] {
    return this.file.read().turns.places.map(({ id }) => id);
  }
}

/** For runs that need nothing but their turn. */
const admitAll = { needs: () => '', admit: () => Promise.resolve({ kind: 'go' } as const) };
const seeds = (runs: readonly (PlannedRun | GrantedRun)[]): string => runs.map((item) => ('run' in item ? item.run : item).seed).join();

describe('a process that waits in the queue of a folder', () => {
  it('takes turns as long as there is room, and the next when a run has ended', async () => {
    const { runs, ...folder } = new Folder();
    const { runsDir } = folder;
    const taker = await TurnTaker.of({ runsDir, group: 'example', parallel: 2, admitter: admitAll });
    assert.equal(seeds((await taker.take(runs)).granted), '1,2');
    assert.equal(seeds((await taker.take(runs.slice(2))).granted), '');
    taker.release(runs[0]?.id ?? '');
    assert.equal(seeds((await taker.take(runs.slice(2))).granted), '3');
    for (const { id } of runs) taker.release(id);
    assert.equal(seeds((await taker.take([])).granted), '');
    assert.deepEqual(readdirSync(runsDir), [], 'it has nothing to say any more');
  });

  it('leaves the queue with all that it does not want to start any more', async () => {
    const folder = new Folder();
    const taker = await folder.taker();
    await folder.file.change((turns) => ({ ...turns, paused: true }));
    await taker.take(folder.runs);
    assert.equal(folder.file.read().turns.order.length, 4);
    await taker.take(folder.runs.slice(0, 1));
    assert.equal(folder.file.read().turns.order.length, 1);
    await taker.take([]);
    assert.deepEqual([folder.file.read().turns.order, folder.file.read().turns.queues], [[], []]);
  });

  it('lets those go first that came first, whosever they are', async () => {
    const folder = new Folder();
    const queue: TurnQueue = { name: 'theirs', group: 'theirs', parallel: 2, ...other };
    await folder.file.change((turns) => withWaiting(turns, queue, ['theirs-1']));
    const taker = await folder.taker();
    assert.equal(seeds((await taker.take(folder.runs)).granted), '');
    await folder.file.change((turns) => moved(turns, [folder.runs[2]?.id ?? ''], 0));
    assert.equal(seeds((await taker.take(folder.runs)).granted), '3');
    await folder.file.change((turns) => ({ ...turns, order: turns.order.filter(({ id }) => id !== 'theirs-1') }));
    assert.equal(seeds((await taker.take(folder.runs.filter(({ seed }) => seed !== 3))).granted), '1');
  });

  it('does not wait for ever for one that lets its turn pass: its process may be suspended', async () => {
    const folder = new Folder();
    const queue: TurnQueue = { name: 'theirs', group: 'theirs', parallel: 2, ...other };
    await folder.file.change((turns) => withWaiting(turns, queue, ['theirs-1']));
    const taker = await folder.taker();
    assert.equal(seeds((await taker.take(folder.runs)).granted), '');
    const now = Date.now();
    const later = mock.method(Date, 'now', () => now + 11_000);
    assert.equal(seeds((await taker.take(folder.runs)).granted), '1,2');
    later.mock.restore();
    assert.deepEqual(folder.file.read().turns.order.map(({ queue: name }) => name)[0], 'theirs', 'its turn is kept');
  });

  it('takes up no place of another machine, and waits for none of its runs', async () => {
    const folder = new Folder();
    const there = { ...other, host: 'another-machine' };
    writeFileSync(path.join(folder.runsDir, 'theirs.queue.json'), '{}');
    await folder.file.change((turns) => withWaiting(turns, { name: 'theirs', group: 'theirs', parallel: 1, ...there }, ['theirs-1']));
    const taker = await folder.taker();
    assert.equal(seeds((await taker.take(folder.runs)).granted), '1,2');
    assert.equal(folder.file.read().turns.order[0]?.id, 'theirs-1');
  });

  it('is told which of its runs were taken out, and says so no more', async () => {
    const folder = new Folder();
    const taker = await folder.taker({ parallel: 1 });
    const [, ...rest] = folder.runs;
    await taker.take(folder.runs);
    await folder.file.change((turns) => removed(turns, [folder.runs[2]?.id ?? '']));
    const taken = await taker.take(rest);
    assert.deepEqual([seeds(taken.granted), seeds(taken.removed)], ['', '3']);
    assert.doesNotMatch(folder.said, /removed|-s3/);
  });

  it('starts nothing while the queue is paused, and keeps to the limit that somebody has set', async () => {
    const folder = new Folder();
    const taker = await folder.taker();
    await folder.file.change((turns) => ({ ...turns, paused: true }));
    assert.equal(seeds((await taker.take(folder.runs)).granted), '');
    await folder.file.change((turns) => ({ ...turns, paused: false, parallel: 3 }));
    assert.equal(seeds((await taker.take(folder.runs)).granted), '1,2,3');
  });

  it('says again what was lost with the file, also which runs go on', async () => {
    for (const garbage of ['{"version":1', '']) {
      const folder = new Folder();
      const taker = await folder.taker();
      await taker.take(folder.runs);
      writeFileSync(path.join(folder.runsDir, 'queue.json'), garbage);
      assert.equal(seeds((await taker.take(folder.runs.slice(2))).granted), '');
      assert.deepEqual([folder.taken.length, folder.file.read().turns.order.length], [2, 2]);
    }
  });

  it('does its work where nothing can be written, for its own runs', async () => {
    const taker = await TurnTaker.of({ runsDir: path.join(temporaryFolder(), 'gone'), group: 'example', parallel: 2, admitter: admitAll });
    const runs = examplePlans('/', { seeds: [1, 2, 3] });
    assert.equal(seeds((await taker.take(runs)).granted), '1,2');
    assert.equal(seeds((await taker.take(runs.slice(2))).granted), '');
    taker.release(runs[0]?.id ?? '');
    assert.equal(seeds((await taker.take(runs.slice(2))).granted), '3');
  });
});

describe('a run that lacks something besides its turn', () => {
  it('does not block those behind it, says what it lacks, and begins when it has it', async () => {
    const folder = new Folder();
    let gpus: Admission = { kind: 'waits', why: '2 GPUs: 0 and 1 are taken by grpo seed 1 of qwen' };
    const asked: number[] = [];
    const admitter = {
      needs: ({ seed }: PlannedRun) => (seed < 3 ? 'gpus' : ''),
      admit: ({ seed }: PlannedRun): Promise<Admission> => {
        asked.push(seed);
        return Promise.resolve(seed < 3 ? gpus : { kind: 'go' });
      },
    };
    const taker = await folder.taker({ admitter, parallel: 4 });
    assert.equal(seeds((await taker.take(folder.runs)).granted), '3,4');
    assert.deepEqual(asked, [1, 3, 4], 'what one was refused, the next that needs the same is not asked for');
    const text = 'waits for 2 GPUs: 0 and 1 are taken by grpo seed 1 of qwen';
    const waiting = folder.runs.slice(0, 2);
    assert.deepEqual(
      waiting.map(({ id }) => taker.reasons.get(id)),
      [
        { kind: 'lacks', text },
        { kind: 'lacks', text },
      ],
    );
    asked.length = 0;
    assert.equal(seeds((await taker.take(waiting)).granted), '');
    assert.deepEqual(asked, [], 'it is not asked for at every look');
    gpus = { kind: 'go' };
    taker.release(folder.runs[3]?.id ?? '');
    assert.equal(seeds((await taker.take(waiting)).granted), '1,2');
    assert.doesNotMatch(folder.said, /lacks/);
  });
});

describe('a run that can never have what it needs', () => {
  it('is told with the reason, and waits no longer', async () => {
    const folder = new Folder();
    const error = new Error('each run takes 4 GPUs, but this machine has 2 GPUs. Lower "gpusPerRun".');
    const admit = ({ seed }: PlannedRun): Promise<Admission> => Promise.resolve(seed === 1 ? { kind: 'never', error } : { kind: 'go' });
    const taker = await folder.taker({ admitter: { needs: ({ seed }) => String(seed), admit }, parallel: 1 });
    const { granted, refused } = await taker.take(folder.runs);
    assert.deepEqual([seeds(granted), refused.map((one) => [one.run.seed, one.error])], ['2', [[1, error]]]);
    assert.deepEqual(
      folder.file.read().turns.order.map(({ id }) => id),
      folder.runs.slice(2).map(({ id }) => id),
    );
  });
});

describe('what dead processes have left in a queue', () => {
  it('is put right by whoever looks: their runs do not wait, and take up no places', async () => {
    const folder = new Folder();
    await folder.place('gone', dead);
    await folder.file.change((turns) => withWaiting(turns, { name: 'theirs', group: 'theirs', parallel: 1, ...dead }, ['theirs-1']));
    await folder.place('alive', other);
    const taker = await folder.taker();
    assert.equal(seeds((await taker.take(folder.runs)).granted), '1');
    assert.equal(folder.taken.includes('gone'), false);
    assert.doesNotMatch(folder.said, /theirs/);
  });

  it('leaves a run that goes on its place, which is that of its own process then', async () => {
    const folder = new Folder();
    const [run] = folder.runs;
    assert.ok(run);
    const runDir = path.join(folder.runsDir, run.id);
    const request = { kind: 'start', runDir, run, engine: 'auto', threads: 1, cacheDir: folder.runsDir } as const;
    const trainerEntry = path.resolve('test/data/runs/fakeTrainer.mjs');
    const { pid } = await launchRun({ request, trainerEntry, env: { FAKE_TRAINER: 'run' } });
    await folder.place(run.id, dead);
    await folder.file.change((turns) => turns);
    assert.deepEqual(
      folder.file.read().turns.places.map((place) => [place.id, place.pid]),
      [[run.id, pid]],
    );
    const taker = await folder.taker({ parallel: 1 });
    writeFileSync(path.join(folder.runsDir, 'queue.json'), 'broken');
    assert.equal(seeds((await taker.take(folder.runs.slice(1))).granted), '', 'also where the file was lost');
    taker.release(run.id);
    assert.equal(seeds((await taker.take(folder.runs.slice(1))).granted), '', 'also where another process could not start it anew');
    assert.deepEqual(folder.taken, [run.id]);
    await stopRun(runDir, { graceMs: 60_000 });
    assert.equal(seeds((await (await folder.taker({ parallel: 1 })).take(folder.runs.slice(1))).granted), '2');
  });

  it('is gone with the file where there is nothing else', async () => {
    const folder = new Folder();
    await folder.place('gone', dead);
    await folder.file.change((turns) => turns);
    assert.equal(existsSync(path.join(folder.runsDir, 'queue.json')), false);
    assert.deepEqual(readdirSync(folder.runsDir), []);
  });
});
