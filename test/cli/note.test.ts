import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { otb, temporaryFolder } from './otb.ts';
import { writeRunDirectory } from './runFixture.ts';

test('a note on a step is kept with the events, shown, replaced and taken away', async (t) => {
  const cwd = temporaryFolder(t);
  const dir = writeRunDirectory(path.join(cwd, '.otb', 'runs'), { estimator: 'opo', seed: 1, steps: 30, collapseAt: null });
  const id = path.basename(dir);
  const noted = await otb(['note', `${id}@12`, 'reward', 'hacking', 'begins'], { cwd });
  assert.deepEqual([noted.code, noted.stderr, noted.stdout], [0, '', 'step 12: reward hacking begins\n']);
  // By the beginning of the id, without a step: the last one.
  await otb(['note', id.slice(0, -3), 'the end'], { cwd });
  const shown = await otb(['note', id], { cwd });
  assert.equal(shown.stdout, 'step 12: reward hacking begins\nstep 30: the end\n');
  await otb(['note', `${id}@12`, 'was a bug of the reward'], { cwd });
  const json = await otb(['note', `${id}@30`, '--remove', '--json'], { cwd });
  const { run, notes } = JSON.parse(json.stdout) as { run: string; notes: readonly { step: number; text: string; time: number }[] };
  assert.deepEqual([run, notes.map(({ step, text }) => [step, text])], [dir, [[12, 'was a bug of the reward']]]);
  assert.ok(Math.abs((notes[0]?.time ?? 0) - Date.now() / 1000) < 60);
  const lines = readFileSync(path.join(dir, 'events.jsonl'), 'utf8').trimEnd().split('\n');
  assert.equal(lines.filter((line) => line.includes('"type":"note"')).length, 4);
});

test('notes are told by inspect, exported with the records, and stand in a report', async (t) => {
  const cwd = temporaryFolder(t);
  const dir = writeRunDirectory(cwd, { estimator: 'opo', seed: 1, steps: 5, collapseAt: null });
  await otb(['note', `${dir}@2`, 'looks <b>odd</b>']);
  assert.match((await otb(['inspect', dir])).stdout, /step 2.*note: looks <b>odd<\/b>/);
  const inspected = JSON.parse((await otb(['inspect', dir, '--json'])).stdout) as {
    runs: readonly [{ events: readonly { type: string; step: number; data: unknown }[] }];
  };
  const note = inspected.runs[0].events.find(({ type }) => type === 'note');
  assert.deepEqual([note?.step, note?.data], [2, { text: 'looks <b>odd</b>' }]);
  const records = (await otb(['export', dir, '--to', 'jsonl'])).stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { note?: string });
  assert.deepEqual(
    records.map(({ note: text }) => text),
    [undefined, 'looks <b>odd</b>', undefined, undefined, undefined],
  );
  await otb(['compare', dir, '--report', 'r.html'], { cwd });
  assert.ok(readFileSync(path.join(cwd, 'r.html'), 'utf8').includes('step 2</strong>: looks &lt;b&gt;odd&lt;/b&gt;'));
});

test('what cannot be noted is bad input that says why, and changes nothing', async (t) => {
  const cwd = temporaryFolder(t);
  const dir = writeRunDirectory(cwd, { estimator: 'opo', seed: 1, steps: 5, collapseAt: null });
  const before = readFileSync(path.join(dir, 'events.jsonl'), 'utf8');
  for (const [args, expected] of [
    [[`${dir}@6`, 'x'], /there is no step 6\. The run is at step 5\./],
    [[`${dir}@3`, '--remove'], /nothing is noted about step 3\./],
    [[`${dir}@3`, 'x', '--remove'], /Give either a text or --remove\./],
    [['nowhere@3', 'x'], /nowhere: there is no such run\./],
    [[`${dir}@3`, 'x'.repeat(2001)], /a note has 2000 characters at most, not 2001/],
    [[], /run/],
  ] as const) {
    const { code, stderr, stdout } = await otb(['note', ...args], { cwd });
    assert.deepEqual([code, stdout], [2, ''], args.join(' '));
    assert.match(stderr, expected);
  }
  assert.equal(readFileSync(path.join(dir, 'events.jsonl'), 'utf8'), before);
  assert.match((await otb(['note', dir])).stderr, /Nothing is noted about/);
});
