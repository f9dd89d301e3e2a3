import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { appendFileSync, lstatSync, mkdirSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { metricNames } from '../../src/core/records/metricNames.ts';
import { otb, temporaryFolder } from './otb.ts';
import { writeRunDirectory } from './runFixture.ts';

test('CSV has a header, a row for each step and an empty cell for a metric that a step lacks', async (t) => {
  const dir = writeRunDirectory(temporaryFolder(t), { estimator: 'opo', seed: 1, steps: 3, collapseAt: null });
  appendFileSync(
    path.join(dir, 'metrics.jsonl'),
    `${JSON.stringify({ step: 4, time: 5, data: { [metricNames.score]: 0.25, 'odd,"name"': 1 } })}\n`,
  );
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
  assert.match(tensorboard.stderr, /goes into a folder of its own: name it with --out/);
  const other = await otb(['export', dir, '--to', 'parquet']);
  assert.equal(other.code, 2);
  assert.match(other.stderr, /Allowed choices are csv, jsonl, tensorboard\./);
  const missing = await otb(['export', path.join(folder, 'nowhere'), '--to', 'csv']);
  assert.equal(missing.code, 2);
  assert.match(missing.stderr, /there is no such file or directory/);
  writeFileSync(path.join(dir, 'run.json'), '{"schemaVersion": 1, "id": "2026');
  const half = await otb(['export', dir, '--to', 'csv']);
  assert.equal(half.code, 2);
  assert.match(half.stderr, /run\.json: cannot be used: it is not a complete JSON object/);
});

test('an export replaces a file whole, also behind a link, and leaves nothing else behind', async (t) => {
  const folder = temporaryFolder(t);
  const dir = writeRunDirectory(folder, { estimator: 'opo', seed: 1, steps: 3, collapseAt: null });
  mkdirSync(path.join(folder, 'out'));
  writeFileSync(path.join(folder, 'out', 'run.csv'), 'a much longer text than what is exported\n'.repeat(100));
  symlinkSync(path.join(folder, 'out', 'run.csv'), path.join(folder, 'link.csv'));
  const { code } = await otb(['export', dir, '--to', 'csv', '--out', 'link.csv'], { cwd: folder });
  assert.equal(code, 0);
  assert.equal(
    readFileSync(path.join(folder, 'out', 'run.csv'), 'utf8')
      .trimEnd()
      .split('\n').length,
    4,
  );
  assert.ok(lstatSync(path.join(folder, 'link.csv')).isSymbolicLink());
  assert.deepEqual(readdirSync(path.join(folder, 'out')), ['run.csv']);
});

test('an export into a pipe goes through it', { skip: process.platform === 'win32' && 'no named pipes in the file system' }, async (t) => {
  const folder = temporaryFolder(t);
  const dir = writeRunDirectory(folder, { estimator: 'opo', seed: 1, steps: 3, collapseAt: null });
  const pipe = path.join(folder, 'pipe');
  execFileSync('mkfifo', [pipe]);
  const [text, { code }] = await Promise.all([readFile(pipe, 'utf8'), otb(['export', dir, '--to', 'csv', '--out', pipe])]);
  assert.equal(code, 0);
  assert.equal(text.trimEnd().split('\n').length, 4);
  assert.ok(lstatSync(pipe).isFIFO());
});

test('a file that cannot be written is a failure, not bad input', async (t) => {
  const folder = temporaryFolder(t);
  const dir = writeRunDirectory(folder, { estimator: 'opo', seed: 1, steps: 3, collapseAt: null });
  const { code, stderr } = await otb(['export', dir, '--to', 'csv', '--out', path.join(folder, 'no', 'such', 'folder.csv')]);
  assert.equal(code, 1);
  assert.match(stderr, /folder\.csv cannot be written/);
});
