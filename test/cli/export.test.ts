import assert from 'node:assert/strict';
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { metricNames } from '../../src/core/records/metricNames.ts';
import { otb, temporaryFolder } from './otb.ts';
import { writeRunDirectory } from './runFixture.ts';

test('CSV has a header, a row for each step and an empty cell for a metric that a step lacks', async (t) => {
  const dir = writeRunDirectory(temporaryFolder(t), { estimator: 'opo', seed: 1, steps: 3, collapseAt: null });
  appendFileSync(path.join(dir, 'metrics.jsonl'), `${JSON.stringify({ step: 4, time: 5, data: { [metricNames.score]: 0.25, 'odd,"name"': 1 } })}\n`);
  const { code, stdout, stderr } = await otb(['export', dir, '--to', 'csv']);
  assert.deepEqual([code, stderr], [0, '']);
  const lines = stdout.trimEnd().split('\n');
  assert.equal(lines[0], `step,time,${metricNames.gradNorm},${metricNames.score},"odd,""name"""`);
  assert.equal(lines.length, 5);
  assert.equal(lines[4], '4,5,,0.25,1');
});

test('JSON lines are the records of the run, and go into a file with --out', async (t) => {
  const folder = temporaryFolder(t);
  const dir = writeRunDirectory(folder, { estimator: 'opo', seed: 1, steps: 20, collapseAt: null });
  const { code, stdout } = await otb(['export', dir, '--to', 'jsonl', '--out', 'run.jsonl'], { cwd: folder });
  assert.deepEqual([code, stdout], [0, '']);
  assert.equal(readFileSync(path.join(folder, 'run.jsonl'), 'utf8'), readFileSync(path.join(dir, 'metrics.jsonl'), 'utf8'));
});

test('what cannot be exported is bad input', async (t) => {
  const folder = temporaryFolder(t);
  const dir = writeRunDirectory(folder, { estimator: 'opo', seed: 1, steps: 3, collapseAt: null });
  const tensorboard = await otb(['export', dir, '--to', 'tensorboard']);
  assert.equal(tensorboard.code, 2);
  assert.match(tensorboard.stderr, /--to tensorboard is not there yet/);
  const missing = await otb(['export', path.join(folder, 'nowhere'), '--to', 'csv']);
  assert.equal(missing.code, 2);
  assert.match(missing.stderr, /there is no such directory/);
  writeFileSync(path.join(dir, 'run.json'), '{"schemaVersion": 1, "id": "2026');
  const half = await otb(['export', dir, '--to', 'csv']);
  assert.equal(half.code, 2);
  assert.match(half.stderr, /run\.json: cannot be used: it is no complete JSON object/);
});

test('a file that cannot be written is a failure, not bad input', async (t) => {
  const folder = temporaryFolder(t);
  const dir = writeRunDirectory(folder, { estimator: 'opo', seed: 1, steps: 3, collapseAt: null });
  const { code, stderr } = await otb(['export', dir, '--to', 'csv', '--out', path.join(folder, 'no', 'such', 'folder.csv')]);
  assert.equal(code, 1);
  assert.match(stderr, /folder\.csv cannot be written/);
});
