import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { describeInspection } from '../../src/cli/inspectionTable.ts';
import { Output } from '../../src/cli/output.ts';
import { runDirectory } from '../../src/runs/sources/runPlace.ts';
import { RunWriter } from '../../src/runs/directory/runWriter.ts';
import { inspectRun } from '../../src/runs/inspection/inspectRun.ts';
import { exampleRecord, temporaryFolder } from '../runs/exampleRun.ts';

const output = new Output({ write: () => undefined }, { write: () => undefined }, {});

test('a silent run is described with since when, and what to do', async () => {
  const writer = RunWriter.create(path.join(temporaryFolder(), 'run'), exampleRecord());
  for (let step = 1; step <= 100; step++)
    writer.appendMetrics({ step, time: step, data: { 'actor/grad_norm': 0, 'critic/score/mean': 0.5 } });
  writer.close();
  const run = await inspectRun(runDirectory(writer.dir));
  const event = run.events.find(({ type }) => type === 'silent');
  assert.ok(event && 'advice' in event && event.advice !== '');
  const text = describeInspection(run, output).replaceAll(/\s+/g, ' ');
  assert.match(text, /State: silent, since step 1 /);
  assert.match(describeInspection({ ...run, sensitivity: 'high' }, output), /State: silent, since step 1 \(sensitivity high\)/);
  assert.doesNotMatch(text, /sensitivity/);
  assert.ok(text.includes(`silent since step 1: ${event.message} ${event.advice}`), text);
});
