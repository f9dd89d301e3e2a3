import assert from 'node:assert/strict';
import { appendFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import type { ExitRecord } from '../../../src/core/records/run.ts';
import { readEndedRun } from '../../../src/runs/catalog/endedRun.ts';
import { RunCatalog } from '../../../src/runs/catalog/runCatalog.ts';
import { RunWriter } from '../../../src/runs/directory/runWriter.ts';
import { endedFile } from '../columns/builtReader.ts';
import { eventually, exampleRecord, temporaryFolder } from '../exampleRun.ts';

const catalogs: RunCatalog[] = [];
after(() => catalogs.forEach((catalog) => catalog.close()));

async function catalogOf(folder: string, endedEntry?: string): Promise<RunCatalog> {
  const options = { onChange: () => undefined, gatherMs: 20, checkMs: 50, ...(endedEntry !== undefined && { endedEntry }) };
  const catalog = new RunCatalog(options);
  catalogs.push(catalog);
  catalog.setFolders([folder]);
  await catalog.ready;
  return catalog;
}

function newRun(folder: string, id: string): RunWriter {
  const writer = RunWriter.create(path.join(folder, id), exampleRecord({ id }));
  writer.appendEvent({ type: 'started', step: 0, time: 1, data: {} });
  return writer;
}

function writeSteps(writer: RunWriter, first: number, last: number, names = ['actor/grad_norm', 'critic/score/mean']): void {
  for (let step = first; step <= last; step++)
    writer.appendMetrics({ step, time: step / 4, data: Object.fromEntries(names.map((name, i) => [name, step + i / 7])) });
}

function end(writer: RunWriter, reason: ExitRecord['reason'], lastStep: number): void {
  writer.writeExit({ code: 0, signal: null, lastStep, reason, message: `It was ${reason}.`, time: 1 });
  writer.close();
}

const padding = Array.from({ length: 20 }, (_, i) => `padding/number_${i}`);

/** Directories of runs that have ended, in all the ways that a catalog tells apart. */
function endedRuns(folder: string): void {
  const long = newRun(folder, 'long');
  writeSteps(long, 1, 1000, ['actor/grad_norm', 'critic/score/mean', ...padding]);
  end(long, 'completed', 1000);
  const collapsed = newRun(folder, 'collapsed');
  writeSteps(collapsed, 1, 60);
  collapsed.appendEvent({ type: 'collapse', step: 40, onsetStep: 31, time: 10, message: 'It fell.', advice: 'Branch.', data: {} });
  end(collapsed, 'stopped', 60);
  const resumed = newRun(folder, 'resumed');
  writeSteps(resumed, 1, 400, ['actor/grad_norm', 'critic/score/mean', ...padding]);
  resumed.appendEvent({ type: 'started', step: 200, time: 2, data: {} });
  writeSteps(resumed, 201, 300, ['actor/grad_norm', 'critic/score/mean', ...padding]);
  end(resumed, 'stopped', 300);
  const named = newRun(folder, 'named otherwise');
  writeSteps(named, 1, 50, ['train/grad_norm', 'train/reward']);
  end(named, 'completed', 50);
  end(newRun(folder, 'without a step'), 'stopped', 0);
  const torn = newRun(folder, 'torn');
  writeSteps(torn, 1, 20);
  appendFileSync(path.join(folder, 'torn', 'metrics.jsonl'), 'no record\n{"step": 21, "da');
  end(torn, 'stopped', 20);
}

describe('a run that has ended, read at once', () => {
  it('is told as one that is followed', async () => {
    const folder = temporaryFolder();
    endedRuns(folder);
    const catalog = await catalogOf(folder);
    assert.equal(catalog.runs.length, 6);
    for (const { dir } of catalog.runs) {
      const read = () => readEndedRun(dir)?.overview;
      // What its group is called follows from all runs.
      const told = () => ({ ...catalog.get(dir), group: undefined });
      await eventually(() => JSON.stringify(read()) === JSON.stringify(told()), `the same overview of ${dir}`);
      assert.deepEqual({ ...read(), group: undefined }, told());
    }
  });

  it('is left to a follower where it has not ended, or its files are not as a trainer leaves them', () => {
    const folder = temporaryFolder();
    endedRuns(folder);
    newRun(folder, 'going on');
    rmSync(path.join(folder, 'collapsed', 'events.jsonl'));
    writeFileSync(path.join(folder, 'long', 'exit.json'), 'no record');
    writeFileSync(path.join(folder, 'resumed', 'run.json'), '{}');
    for (const name of ['going on', 'collapsed', 'long', 'resumed', 'not there'])
      assert.equal(readEndedRun(path.join(folder, name)), undefined, name);
  });
});

describe('a catalog of many runs that have ended', () => {
  it('reads them in another thread, and what that leaves to it itself', async () => {
    const folder = temporaryFolder();
    for (let i = 0; i < 50; i++) {
      const writer = newRun(folder, `run ${i}`);
      writeSteps(writer, 1, 5);
      if (i !== 7) end(writer, 'stopped', 5);
    }
    const catalog = await catalogOf(folder, endedFile);
    assert.equal(catalog.runs.length, 50);
    assert.deepEqual(
      catalog.runs.filter(({ process: state }) => state !== 'stopped').map(({ dir, process: state }) => [path.basename(dir), state]),
      [['run 7', 'lost']],
    );
    assert.ok(catalog.runs.every(({ step }) => step === 5));
  });

  it('notices that one of them goes on', async () => {
    const folder = temporaryFolder();
    for (let i = 0; i < 50; i++) {
      const writer = newRun(folder, `run ${i}`);
      writeSteps(writer, 1, 5);
      end(writer, 'stopped', 5);
    }
    const catalog = await catalogOf(folder, endedFile);
    const dir = path.join(folder, 'run 3');
    appendFileSync(path.join(dir, 'metrics.jsonl'), '{"step":6,"time":2,"data":{"actor/grad_norm":6}}\n');
    await eventually(() => catalog.get(dir)?.step === 6, 'the new step');
  });

  it('reads them itself where the thread cannot begin', async () => {
    const folder = temporaryFolder();
    for (let i = 0; i < 50; i++) end(newRun(folder, `run ${i}`), 'stopped', 0);
    const catalog = await catalogOf(folder, path.join(folder, 'no worker.mjs'));
    assert.equal(catalog.runs.length, 50);
  });
});
