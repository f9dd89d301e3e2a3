import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { appendFileSync, cpSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { findRuns } from '../../../../src/runs/sources/findRuns.ts';
import { formatNamed } from '../../../../src/runs/sources/formats.ts';
import type { RunPlace } from '../../../../src/runs/sources/format.ts';
import { readSource } from '../../../../src/runs/sources/readSource.ts';
import { snapshotOf } from '../../../../src/runs/sources/sqlite/databaseFile.ts';
import { temporaryFolder } from '../../exampleRun.ts';
import { assertHolds, producers, readReference } from '../reference.ts';
import { Told } from '../told.ts';

const python = spawnSync('python3', ['-c', 'import sqlite3']).status === 0 ? 'python3' : undefined;
const needsPython = python === undefined ? 'needs Python with sqlite3' : false;

async function onlyRun(place: string): Promise<RunPlace> {
  const { places } = await findRuns(place);
  assert.equal(places.length, 1);
  return places[0] as RunPlace;
}

/** A copy of what a producer wrote, which may be written to. */
function copied(name: string): string {
  const folder = path.join(temporaryFolder(), name);
  cpSync(path.join(producers, name), folder, { recursive: true });
  return folder;
}

function pythonSays(program: string, ...values: string[]): string {
  const { stdout, stderr, status } = spawnSync(python ?? '', ['-c', program, ...values], { encoding: 'utf8' });
  assert.equal(status, 0, stderr);
  return stdout;
}

describe('stores of MLflow', () => {
  it('of files have a run in each folder, with its parameters, experiment and end', async () => {
    const place = await onlyRun(path.join(producers, 'mlflow-file'));
    const { metrics, facts, end, malformedLines } = await readSource(place);
    assertHolds(metrics, readReference('mlflow-file/reference.csv'));
    assert.deepEqual(facts, {
      name: 'grpo-s1',
      group: 'otb',
      estimator: 'grpo',
      seed: 31,
      parameters: { adv_estimator: 'grpo', seed: 31 },
      createdAt: '2026-11-27T20:52:22.398Z',
    });
    assert.deepEqual(end, { state: 'finished', message: '' });
    assert.equal(malformedLines, 0);
  });

  it('of SQLite have the same in a database', async () => {
    const place = await onlyRun(path.join(producers, 'mlflow-sqlite'));
    const { metrics, facts, end } = await readSource(place);
    assertHolds(metrics, readReference('mlflow-sqlite/reference.csv'));
    assert.equal(facts.name, 'grpo-s1');
    assert.equal(facts.group, 'otb');
    assert.deepEqual(facts.parameters, { adv_estimator: 'grpo', seed: 31 });
    assert.equal(end?.state, 'finished');
  });

  it('are read on as they grow, also where a metric is new, and tell lines that are no values', async () => {
    const folder = copied('mlflow-file');
    const place = await onlyRun(folder);
    const told = new Told();
    const reader = formatNamed('mlflow').open(place, told);
    await reader.read();
    mkdirSync(path.join(place.source, 'metrics', 'train'));
    writeFileSync(path.join(place.source, 'metrics', 'train', 'kl'), '1795812749000 -inf 62\nno value\n1795812749001 0.5 63 data 0a1b\n');
    appendFileSync(path.join(place.source, 'metrics', 'actor', 'grad_norm'), '1795812749000 0.25 62\n');
    await reader.read();
    assert.deepEqual(told.steps.slice(-2), [62, 63]);
    assert.equal(told.table.series('actor/grad_norm')?.values.at(-1), 0.25);
    assert.deepEqual([...(told.table.series('train/kl')?.values ?? [])], [-Infinity, 0.5]);
    assert.deepEqual(told.malformedLines, [{ line: 2, file: 'metrics/train/kl', why: 'it is not a time, a value and a step' }]);
  });

  it('do not show what was deleted', async () => {
    const folder = copied('mlflow-file');
    const { source } = await onlyRun(folder);
    const meta = path.join(source, 'meta.yaml');
    writeFileSync(meta, readFileSync(meta, 'utf8').replace('lifecycle_stage: active', 'lifecycle_stage: deleted'));
    assert.deepEqual((await findRuns(folder)).places, []);
  });
});

describe('databases of trackio', () => {
  it('have a run for each name', async () => {
    const file = path.join(producers, 'trackio', 'otb.db');
    const { places } = await findRuns(file);
    assert.deepEqual(places, [
      { format: 'trackio', source: file, run: 'grpo-s1' },
      { format: 'trackio', source: file, run: 'grpo-s2' },
    ]);
    for (const [index, place] of places.entries()) {
      const { metrics, facts } = await readSource(place);
      assertHolds(metrics, readReference('trackio/reference.csv', place.run));
      assert.equal(facts.name, place.run);
      assert.equal(facts.group, 'otb');
      assert.equal(facts.seed, index + 1);
      assert.match(facts.createdAt ?? '', /^2026-11-27T20:54:5/);
    }
  });

  it('of versions before 0.24 know runs by their names', { skip: needsPython }, async () => {
    const file = path.join(temporaryFolder(), 'old.db');
    pythonSays(
      `import sqlite3, sys
c = sqlite3.connect(sys.argv[1])
c.execute("CREATE TABLE metrics (id INTEGER PRIMARY KEY AUTOINCREMENT, timestamp TEXT NOT NULL, run_name TEXT NOT NULL, step INTEGER NOT NULL, metrics TEXT NOT NULL)")
c.execute("INSERT INTO metrics (timestamp, run_name, step, metrics) VALUES ('2026-01-01T00:00:00', 'a', 3, '{\\"loss\\": 0.5}')")
c.commit()`,
      file,
    );
    const { metrics, facts } = await readSource(await onlyRun(file));
    assert.deepEqual([...(metrics.series('loss')?.steps ?? [])], [3]);
    assert.equal(facts.name, 'a');
  });
});

/** Writes rows 0, 1, 2, … each with two values that belong together, a transaction each, with a pause now and then, until it is ended. */
const writer = `import sqlite3, sys, time
c = sqlite3.connect(sys.argv[1], timeout=30)
c.execute("PRAGMA journal_mode = " + sys.argv[2])
if len(sys.argv) > 3: c.execute("PRAGMA wal_autocheckpoint = " + sys.argv[3])
c.execute("CREATE TABLE metrics (id INTEGER PRIMARY KEY AUTOINCREMENT, run_id TEXT NOT NULL, timestamp TEXT NOT NULL, run_name TEXT NOT NULL, step INTEGER NOT NULL, metrics TEXT NOT NULL)")
c.execute("CREATE INDEX run_step ON metrics (run_id, step)")
c.commit()
print("ready", flush=True)
step = 0
while step < 20000:
    for _ in range(2):
        c.execute("INSERT INTO metrics (run_id, timestamp, run_name, step, metrics) VALUES ('r', '2026-01-01T00:00:00', 'r', ?, ?)", (step, '{"loss": %d, "text": "%s"}' % (step, "x" * (step % 3000))))
        step += 1
    c.commit()
    time.sleep(0.2 if step % 40 == 0 else 0.002)
time.sleep(600)
`;

/** Commits rows 0 … 299, then changes these and adds some, more than fits into its memory, and does not commit. */
const longTransaction = `import sqlite3, sys, time
c = sqlite3.connect(sys.argv[1])
c.execute("PRAGMA synchronous = " + sys.argv[2])
c.execute("PRAGMA cache_size = 10")
c.execute("CREATE TABLE metrics (id INTEGER PRIMARY KEY AUTOINCREMENT, run_id TEXT NOT NULL, timestamp TEXT NOT NULL, run_name TEXT NOT NULL, step INTEGER NOT NULL, metrics TEXT NOT NULL)")
rows = lambda count, sign: (("r", "2026-01-01T00:00:00", "r", step, '{"loss": %s%d, "text": "%s"}' % (sign, step, "x" * 700)) for step in range(count))
insert = "INSERT INTO metrics (run_id, timestamp, run_name, step, metrics) VALUES (?, ?, ?, ?, ?)"
c.executemany(insert, rows(300, ""))
c.commit()
c.execute("DELETE FROM metrics")
c.executemany(insert, rows(900, "-"))
print("ready", flush=True)
time.sleep(60)
`;

describe('a database that a program is writing to', { skip: needsPython }, () => {
  for (const mode of ['WAL', 'DELETE']) {
    it(`by ${mode === 'WAL' ? 'a write-ahead log, also with few pages in it' : 'a rollback journal'}, is read without a gap, and nothing is written to its folder`, async () => {
      const folder = temporaryFolder();
      const file = path.join(folder, 'project.db');
      const child = spawn(python ?? '', ['-c', writer, file, mode, ...(mode === 'WAL' ? ['20'] : [])]);
      try {
        await new Promise((resolve) => child.stdout.once('data', resolve));
        const names = () => readdirSync(folder).filter((name) => name !== 'project.db-journal');
        const expected = mode === 'WAL' ? ['project.db', 'project.db-shm', 'project.db-wal'] : ['project.db'];
        const told = new Told();
        const reader = formatNamed('trackio').open({ format: 'trackio', source: file, run: 'r' }, told);
        let rounds = 0;
        while (told.steps.length < 400) {
          const before = told.steps.length;
          try {
            await reader.read();
          } catch (error) {
            // Nothing was logged so far, or the program writes at every try.
            assert.match((error as Error).message, /no run|just now/);
          }
          if (told.steps.length > before) rounds++;
          // A transaction has two rows: there is none of which only half is told.
          assert.equal(told.steps.length % 2, 0);
        }
        assert.ok(rounds > 3, `${rounds} rounds`);
        assert.deepEqual(told.steps, [...told.steps.keys()]);
        assert.deepEqual([...(told.table.series('loss')?.values ?? [])], told.steps);
        assert.deepEqual(names(), expected);
      } finally {
        child.kill('SIGKILL');
        await new Promise((resolve) => child.once('close', resolve));
      }
      // What was in the log when the program was killed is read all the same.
      const { metrics } = await readSource({ format: 'trackio', source: file, run: 'r' });
      assert.ok(metrics.length >= 400);
      const whole = await snapshotOf(file);
      const paged = await snapshotOf(file, 0);
      assert.ok(whole && paged && whole.bytes !== paged.bytes);
      assert.equal(paged.bytes.length, whole.bytes.length);
      for (let at = 0; at < whole.bytes.length; at += 1000)
        assert.deepEqual(Buffer.from(paged.bytes.subarray(at, at + 5000)).subarray(0, whole.bytes.length - at), whole.bytes.subarray(at, at + 5000)); // prettier-ignore
      assert.ok(await paged.isStill());
      await paged.close();
    });
  }

  for (const synchronous of ['FULL', 'OFF'])
    it(`is read as it was before a transaction that takes long, or whose program was killed (synchronous ${synchronous})`, async () => {
      const folder = temporaryFolder();
      const file = path.join(folder, 'project.db');
      const child = spawn(python ?? '', ['-c', longTransaction, file, synchronous]);
      try {
        await new Promise((resolve) => child.stdout.once('data', resolve));
        const readSteps = async () => {
          const names = readdirSync(folder);
          const { metrics, malformedLines } = await readSource({ format: 'trackio', source: file, run: 'r' });
          assert.deepEqual(readdirSync(folder), names);
          assert.equal(malformedLines, 0);
          return [...(metrics.series('loss')?.values ?? [])];
        };
        const expected = [...new Array(300).keys()];
        assert.deepEqual(readdirSync(folder), ['project.db', 'project.db-journal']);
        assert.deepEqual(await readSteps(), expected);
        child.kill('SIGKILL');
        await new Promise((resolve) => child.once('close', resolve));
        assert.deepEqual(await readSteps(), expected);
        const [whole, paged] = [await snapshotOf(file), await snapshotOf(file, 0)];
        assert.ok(whole && paged && whole.bytes !== paged.bytes);
        assert.equal(paged.bytes.length, whole.bytes.length);
        assert.deepEqual(Buffer.from(paged.bytes.subarray(0, whole.bytes.length)), whole.bytes);
        assert.ok(await paged.isStill());
        await paged.close();
        // SQLite's own recovery finds the same.
        assert.notDeepEqual(readFileSync(file), whole.bytes);
        pythonSays(`import sqlite3, sys; print(sqlite3.connect(sys.argv[1]).execute("SELECT COUNT(*) FROM metrics").fetchall())`, file);
        assert.deepEqual(readdirSync(folder), ['project.db']);
        assert.deepEqual(readFileSync(file), whole.bytes);
      } finally {
        child.kill('SIGKILL');
      }
    });

  it('is read anew when it was replaced', async () => {
    const file = path.join(temporaryFolder(), 'otb.db');
    cpSync(path.join(producers, 'trackio', 'otb.db'), file);
    const told = new Told();
    const reader = formatNamed('trackio').open({ format: 'trackio', source: file, run: 'grpo-s1' }, told);
    await reader.read();
    assert.equal(told.steps.length, 61);
    pythonSays(`import sqlite3, sys
c = sqlite3.connect(sys.argv[1]); c.execute("UPDATE metrics SET step = step + 1000"); c.commit(); c.close()`, file); // prettier-ignore
    await reader.read();
    assert.equal(told.steps[0], 1000);
    assert.equal(told.steps.length, 61);
    rmSync(file);
    await reader.read();
    assert.deepEqual(told.steps, []);
  });
});

describe('a damaged database', () => {
  it('says so', async () => {
    const file = path.join(temporaryFolder(), 'otb.db');
    const bytes = readFileSync(path.join(producers, 'trackio', 'otb.db'));
    bytes.fill(0xff, 8192, 100_000);
    writeFileSync(file, bytes);
    await assert.rejects(readSource({ format: 'trackio', source: file, run: 'grpo-s1' }), /damaged, SQLite says/);
  });
});
