import assert from 'node:assert/strict';
import { appendFileSync, mkdirSync, renameSync, rmSync, rmdirSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import type { RunEvent } from '../../../src/core/records/events.ts';
import type { ExitRecord, RunRecord } from '../../../src/core/records/run.ts';
import { RunCatalog } from '../../../src/runs/catalog/runCatalog.ts';
import type { CatalogChange, RunOverview } from '../../../src/runs/catalog/runOverview.ts';
import { RunWriter } from '../../../src/runs/directory/runWriter.ts';
import { ownIdentity } from '../../../src/runs/process/processIdentity.ts';
import { workerFile } from '../columns/builtReader.ts';
import { eventually, exampleRecord, temporaryFolder } from '../exampleRun.ts';

const alive = await ownIdentity();
const gone = { pid: process.pid, processStartTime: 'another boot:1' };
const catalogs: RunCatalog[] = [];
after(() => catalogs.forEach((catalog) => catalog.close()));

interface Watched {
  readonly catalog: RunCatalog;
  readonly changes: CatalogChange[];
  readonly problems: string[];
}

function watchFolders(...folders: readonly string[]): Promise<Watched> {
  return watchGathering(20, ...folders);
}

async function watchGathering(gatherMs: number, ...folders: readonly string[]): Promise<Watched> {
  const changes: CatalogChange[] = [];
  const problems: string[] = [];
  const catalog = new RunCatalog({
    onChange: (change) => changes.push(change),
    onProblem: (message) => problems.push(message),
    gatherMs,
    checkMs: 50,
    readerEntry: workerFile,
  });
  catalogs.push(catalog);
  catalog.setFolders(folders);
  await catalog.ready;
  return { catalog, changes, problems };
}

function newRun(folder: string, id: string, changes: Partial<RunRecord> = {}): RunWriter {
  return RunWriter.create(path.join(folder, id), exampleRecord({ ...alive, id, ...changes }));
}

function writeSteps(writer: RunWriter, first: number, last: number, extra: Readonly<Record<string, number>> = {}): void {
  for (let step = first; step <= last; step++) {
    writer.appendMetrics({ step, time: step / 4, data: { 'actor/grad_norm': step, 'critic/score/mean': 0.5, ...extra } });
  }
}

function ended(reason: ExitRecord['reason'], lastStep: number): ExitRecord {
  return { code: 0, signal: null, lastStep, reason, message: `It was ${reason}.`, time: 1 };
}

const collapse: RunEvent = { type: 'collapse', step: 40, onsetStep: 31, time: 10, message: 'The score fell.', advice: 'Branch.', data: {} };

function only(catalog: RunCatalog): RunOverview {
  assert.equal(catalog.runs.length, 1);
  return catalog.runs[0] as RunOverview;
}

describe('a catalog of runs', () => {
  it('tells the last numbers, the collapse and the end of a run', async () => {
    const folder = temporaryFolder();
    const writer = newRun(folder, 'a');
    writer.appendEvent({ type: 'started', step: 0, time: 1, data: { ...alive } });
    writeSteps(writer, 1, 60);
    writer.appendEvent(collapse);
    writer.writeExit(ended('stopped', 60));
    const { catalog } = await watchFolders(folder);
    const { dir, process: state, step, gradNorm, score, stepsPerSecond, onsetStep, detectedStep, note, sparkline } = only(catalog);
    assert.deepEqual([dir, state, note], [path.join(folder, 'a'), 'stopped', 'It was stopped.']);
    assert.deepEqual({ step, gradNorm, score, stepsPerSecond }, { step: 60, gradNorm: 60, score: 0.5, stepsPerSecond: 4 });
    assert.deepEqual([onsetStep, detectedStep], [31, 40]);
    assert.equal(sparkline.at(-1), 60);
    assert.equal(only(catalog).collapse, 'collapsed');
  });

  it('knows the last numbers and the whole sparkline of a run whose metrics are long', async () => {
    const folder = temporaryFolder();
    const writer = newRun(folder, 'a');
    writeSteps(writer, 1, 2000, { padding: 0.12345678901234567 });
    writer.writeExit(ended('completed', 2000));
    const { catalog } = await watchFolders(folder);
    assert.deepEqual([only(catalog).step, only(catalog).gradNorm, only(catalog).score, only(catalog).note], [2000, 2000, 0.5, null]);
    await eventually(() => only(catalog).sparkline.length > 12, 'a whole sparkline');
    const { sparkline } = only(catalog);
    assert.deepEqual(
      sparkline.toSorted((a, b) => a - b),
      sparkline,
    );
    assert.ok((sparkline[0] ?? Infinity) < 200);
  });

  it('lists the newest first and keeps groups together', async () => {
    const folder = temporaryFolder();
    newRun(folder, 'a', { group: 'one', createdAt: '2026-01-01T00:00:00Z' });
    newRun(folder, 'b', { group: 'two', createdAt: '2026-01-02T00:00:00Z' });
    newRun(folder, 'c', { group: 'one', createdAt: '2026-01-03T00:00:00Z' });
    const { catalog } = await watchFolders(folder);
    assert.deepEqual(
      catalog.runs.map(({ identity }) => identity.id),
      ['c', 'a', 'b'],
    );
  });

  it('follows a live run', async () => {
    const folder = temporaryFolder();
    const writer = newRun(folder, 'a');
    const { catalog, changes } = await watchFolders(folder);
    assert.equal(only(catalog).process, 'starting');
    writeSteps(writer, 1, 45);
    await eventually(() => only(catalog).process === 'running' && only(catalog).step === 45, 'step 45');
    writer.appendEvent(collapse);
    await eventually(() => only(catalog).collapse === 'collapsed', 'the collapse');
    writer.writeExit(ended('completed', 45));
    await eventually(() => only(catalog).process === 'finished', 'the end');
    assert.ok(changes.slice(1).every(({ added, removed }) => added.length === 0 && removed.length === 0));
  });

  it('tells how far the warm start is before there is a step', async () => {
    const folder = temporaryFolder();
    const writer = newRun(folder, 'a');
    writeFileSync(path.join(writer.dir, 'stdout.log'), 'engine: wasm\nwarm start: step 30 of 120\n');
    const { catalog } = await watchFolders(folder);
    await eventually(() => only(catalog).warmStart === 0.25, 'a quarter of the warm start');
    writeSteps(writer, 1, 1);
    await eventually(() => Number.isNaN(only(catalog).warmStart), 'its end');
  });

  it('notices that a process is gone, and says what its log ended with', async () => {
    const folder = temporaryFolder();
    const writer = newRun(folder, 'a', gone);
    writeFileSync(path.join(writer.dir, 'stderr.log'), 'one\nout of memory\n');
    const { catalog } = await watchFolders(folder);
    assert.equal(only(catalog).process, 'lost');
    assert.equal(only(catalog).note, 'The process is gone and did not say why. Its log ends with: out of memory');
  });

  it('wakes a run that has ended when it is resumed, without what it has not done', async () => {
    const folder = temporaryFolder();
    const writer = newRun(folder, 'a', gone);
    writeSteps(writer, 1, 60);
    writer.appendEvent(collapse);
    writer.writeExit(ended('collapsed', 60));
    writer.close();
    const { catalog } = await watchFolders(folder);
    assert.deepEqual([only(catalog).process, only(catalog).collapse], ['finished', 'collapsed']);
    const again = RunWriter.resume(writer.dir);
    again.appendEvent({ type: 'started', step: 30, time: 20, data: { ...alive, resumed: true } });
    await eventually(() => only(catalog).process === 'running', 'running again');
    assert.deepEqual([only(catalog).collapse, only(catalog).onsetStep], ['healthy', null]);
    writeSteps(again, 31, 33);
    await eventually(() => only(catalog).step === 33, 'step 33');
  });

  it('is ready with the runs that are there now, also those written a moment ago', async () => {
    const folder = path.join(temporaryFolder(), '.otb', 'runs');
    const { catalog } = await watchFolders(folder);
    for (const name of ['a', 'b', 'c']) {
      newRun(folder, name, gone).close();
      await catalog.ready;
      assert.ok(catalog.runs.some(({ dir }) => path.basename(dir) === name));
    }
  });

  it('finds runs in a folder that is made later, and runs that become readable later', async () => {
    const folder = path.join(temporaryFolder(), '.otb', 'runs');
    const { catalog, changes } = await watchFolders(folder);
    assert.deepEqual(catalog.runs, []);
    mkdirSync(path.join(folder, 'a'), { recursive: true });
    writeFileSync(path.join(folder, 'a', 'stdout.log'), 'starting\n');
    assert.deepEqual(catalog.runs, []);
    newRun(folder, 'a').appendMetrics({ step: 1, time: 1, data: {} });
    await eventually(() => catalog.runs.length === 1, 'the run');
    assert.deepEqual(
      changes.flatMap(({ added }) => added.map(({ identity }) => identity.id)),
      ['a'],
    );
  });

  it('forgets runs that are deleted, also when their whole folder is', async () => {
    const folder = path.join(temporaryFolder(), 'runs');
    for (const id of ['a', 'b']) newRun(folder, id).writeExit(ended('completed', 5));
    const { catalog, changes } = await watchFolders(folder);
    rmSync(path.join(folder, 'a'), { recursive: true });
    await eventually(() => catalog.runs.length === 1, 'one run');
    renameSync(folder, `${folder}-elsewhere`);
    await eventually(() => catalog.runs.length === 0, 'no run');
    assert.deepEqual(
      changes.flatMap(({ removed }) => removed.map(({ identity }) => identity.id)),
      ['a', 'b'],
    );
  });

  it('leaves out what is no run, says why once, and takes it in when it becomes one', async () => {
    const folder = temporaryFolder();
    mkdirSync(path.join(folder, 'notes'));
    mkdirSync(path.join(folder, 'broken'));
    writeFileSync(path.join(folder, 'broken', 'run.json'), '{"half');
    writeFileSync(path.join(folder, 'file'), '');
    newRun(folder, 'good');
    const { catalog, problems } = await watchFolders(folder);
    assert.equal(only(catalog).identity.id, 'good');
    assert.equal(problems.length, 1);
    assert.match(problems[0] ?? '', /broken.run\.json: cannot be used: it is not a complete JSON object/);
    rmSync(path.join(folder, 'broken', 'run.json'));
    newRun(folder, 'broken');
    await eventually(() => catalog.runs.length === 2, 'the mended run');
    assert.equal(problems.length, 1);
  });

  it('shows a run that cannot be read for a while as it was, and why, and then as it is', async () => {
    const folder = temporaryFolder();
    const writer = newRun(folder, 'a');
    writeSteps(writer, 1, 5);
    writer.writeExit(ended('stopped', 5));
    const { catalog, changes } = await watchFolders(folder);
    const events = path.join(writer.dir, 'events.jsonl');
    rmSync(events);
    mkdirSync(events);
    await eventually(() => /cannot be read: this is a directory, not a regular file/.test(only(catalog).note ?? ''), 'a note');
    assert.deepEqual([only(catalog).process, only(catalog).step], ['stopped', 5]);
    rmdirSync(events);
    await eventually(() => only(catalog).note === 'It was stopped.', 'the run as it is');
    assert.ok(changes.every(({ removed }) => removed.length === 0));
  });

  it('wakes a run of another machine that had been silent for long when it logs a step', async () => {
    const folder = temporaryFolder();
    const writer = newRun(folder, 'a', { host: 'another-machine' });
    writeSteps(writer, 1, 5);
    for (const name of ['metrics.jsonl', 'events.jsonl']) utimesSync(path.join(writer.dir, name), 1e9, 1e9);
    const { catalog } = await watchFolders(folder);
    assert.equal(only(catalog).process, 'lost');
    writeSteps(writer, 6, 6);
    await eventually(() => only(catalog).process === 'running' && only(catalog).step === 6, 'step 6');
  });

  it('shows a run named by its own directory, and runs of several folders, each once', async () => {
    const [one, two] = [temporaryFolder(), temporaryFolder()];
    newRun(one, 'a');
    newRun(two, 'b');
    const { catalog } = await watchFolders(one, path.join(one, 'a'), path.join(two, 'b'), two);
    assert.deepEqual(catalog.runs.map(({ identity }) => identity.id).sort(), ['a', 'b']);
    catalog.setFolders([two]);
    await eventually(() => catalog.runs.length === 1, 'one folder');
    assert.equal(only(catalog).identity.id, 'b');
  });

  it('tells several changes within a moment at once', async () => {
    const folder = temporaryFolder();
    const { changes, catalog } = await watchGathering(500, folder);
    for (let i = 0; i < 20; i++) newRun(folder, `run-${i}`, gone);
    await eventually(() => catalog.runs.length === 20, 'all runs');
    assert.ok(changes.length < 10, `${changes.length} changes`);
  });
});

describe('the metrics of a run in a catalog', () => {
  it('are loaded once for all who look, grow, and tell from which row on', async () => {
    const folder = temporaryFolder();
    const writer = newRun(folder, 'a');
    writeSteps(writer, 1, 10);
    const { catalog } = await watchFolders(folder);
    const told: number[] = [];
    const first = catalog.openMetrics(writer.dir, (from) => told.push(from));
    await first.caughtUp;
    assert.deepEqual([first.table.length, told], [10, [0]]);
    const second = catalog.openMetrics(writer.dir, () => undefined);
    assert.equal(second.table, first.table);
    writeSteps(writer, 11, 11);
    await eventually(() => first.table.length === 11, 'step 11');
    writeSteps(writer, 5, 5, { again: 1 });
    await eventually(() => told.length === 3, 'step 5 again');
    assert.deepEqual(told, [0, 10, 4]);
    first.close();
    writeSteps(writer, 12, 12);
    await eventually(() => second.table.length === 12, 'step 12');
    assert.equal(told.length, 3);
    second.close();
    second.close();
    const third = catalog.openMetrics(writer.dir, () => undefined);
    assert.notEqual(third.table, second.table);
    await third.caughtUp;
    assert.equal(third.table.length, 12);
  });

  it('are read line by line once, however many look, and the catalog goes on with what they read', async (t) => {
    const folder = temporaryFolder();
    const writer = newRun(folder, 'a');
    writeSteps(writer, 1, 2000);
    const { catalog } = await watchFolders(folder);
    await eventually(() => only(catalog).step === 2000, 'the steps before');
    const views = [1, 2].map(() => catalog.openMetrics(writer.dir, () => undefined));
    await Promise.all(views.map(({ caughtUp }) => caughtUp));
    writeSteps(writer, 2001, 2001);
    await eventually(() => only(catalog).step === 2001, 'the change of what is followed');
    assert.equal(only(catalog).sparkline.length, 16);

    const parse = t.mock.method(JSON, 'parse');
    const parses = (step: number): number =>
      parse.mock.calls.filter(({ arguments: [text] }) => String(text).startsWith(`{"step":${step},`)).length;
    for (let step = 2002; step <= 2010; step++) {
      writeSteps(writer, step, step);
      await eventually(() => only(catalog).step === step && views.every(({ table }) => table.length === step), `step ${step}`);
    }
    writer.appendEvent({ ...collapse, step: 2010 });
    await eventually(() => only(catalog).collapse === 'collapsed', 'the collapse');
    const counts = Array.from({ length: 9 }, (_, index) => parses(2002 + index));
    assert.deepEqual(counts, Array(9).fill(1));

    views.forEach((view) => view.close());
    writeSteps(writer, 2011, 2011);
    await eventually(() => only(catalog).step === 2011, 'a step after nobody looks any more');
    assert.deepEqual([only(catalog).collapse, only(catalog).gradNorm], ['collapsed', 2011]);
  });

  it('come all at once where they are many', async () => {
    const folder = temporaryFolder();
    const writer = newRun(folder, 'a');
    const line = (step: number): string => `{"step":${step},"time":1,"data":{"actor/grad_norm":${step}.5,"critic/score/mean":0.5}}\n`;
    writeFileSync(path.join(writer.dir, 'metrics.jsonl'), Array.from({ length: 20_000 }, (_, index) => line(index + 1)).join(''));
    const { catalog, problems } = await watchFolders(folder);
    const told: number[] = [];
    const open = catalog.openMetrics(writer.dir, (from) => told.push(from));
    await open.caughtUp;
    assert.deepEqual([open.table.length, open.table.column('actor/grad_norm')?.values[19_999], told], [20_000, 20_000.5, [0]]);
    writeSteps(writer, 20_001, 20_001);
    await eventually(() => open.table.length === 20_001, 'one more step');
    assert.deepEqual([told, problems], [[0, 20_000], []]);
  });

  it('begin anew when their file does', async () => {
    const folder = temporaryFolder();
    const writer = newRun(folder, 'a');
    writeSteps(writer, 1, 10);
    const { catalog } = await watchFolders(folder);
    const told: number[] = [];
    const open = catalog.openMetrics(writer.dir, (from) => told.push(from));
    await open.caughtUp;
    rmSync(path.join(writer.dir, 'metrics.jsonl'));
    await eventually(() => open.table.length === 0, 'an empty table');
    appendFileSync(path.join(writer.dir, 'metrics.jsonl'), '{"step":1,"time":1,"data":{"a":1}}\n');
    await eventually(() => open.table.length === 1, 'a new table');
    assert.deepEqual(told, [0, 0, 0]);
  });
});
