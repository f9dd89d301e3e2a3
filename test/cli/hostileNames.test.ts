import assert from 'node:assert/strict';
import { appendFileSync, cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { otb, temporaryFolder } from './otb.ts';
import { writeRunDirectory } from './runFixture.ts';

/** Sets the title of the window, clears it, turns letters round, and is a colour that we use ourselves. */
const hostile = '\u001B]0;owned\u0007\u001B[2J\u009B31m\u202Egnp.exe\u001B[31m';
const steering = /(?!\n)[\p{Cc}\p{Bidi_Control}]/u;

/** Two runs that have the hostile text wherever a run can have text. */
function hostileRuns(folder: string): string[] {
  return [1, 2].map((seed) => {
    const dir = writeRunDirectory(folder, { estimator: 'opo', seed, steps: 30, collapseAt: null, reason: 'failed' });
    const change = (file: string, keys: Record<string, unknown>): void => {
      const before = JSON.parse(readFileSync(path.join(dir, file), 'utf8')) as Record<string, unknown>;
      writeFileSync(path.join(dir, file), JSON.stringify({ ...before, ...keys }));
    };
    change('run.json', { name: hostile, estimator: `e${seed}${hostile}`, host: hostile, device: hostile, configFile: hostile });
    change('exit.json', { message: `It failed: ${hostile}` });
    const event = { type: 'failed', step: 30, time: 1_767_268_830, data: { message: hostile } };
    appendFileSync(path.join(dir, 'events.jsonl'), `${JSON.stringify(event)}\n`);
    appendFileSync(
      path.join(dir, 'metrics.jsonl'),
      `${JSON.stringify({ step: 31, time: 1, data: { [hostile]: 1 } })}\nnot json ${hostile}\n`,
    );
    const moved = path.join(folder, `run ${seed}${hostile}`);
    cpSync(dir, moved, { recursive: true });
    return moved;
  });
}

test('nothing from a file, a path or an argument steers the terminal', async (t) => {
  const folder = temporaryFolder(t);
  const runs = hostileRuns(folder);
  const config = path.join(folder, `${hostile}.otb.json`);
  writeFileSync(config, JSON.stringify({ [hostile]: 1, name: hostile, estimators: [hostile], onCollapse: hostile }));
  mkdirSync(path.join(folder, hostile));
  const commands = [
    ...runs.map((run) => ['inspect', run]),
    ['inspect', folder],
    ['inspect', '--json', ...runs],
    ['compare', ...runs],
    ['compare', '--json', ...runs],
    ['watch', ...runs],
    ['watch', '--json', '--metrics', ...runs],
    ['export', runs[0] ?? '', '--to', 'csv'],
    ['export', runs[0] ?? '', '--to', 'jsonl'],
    ['stop', ...runs],
    ['run', config],
    ['run', path.join(folder, hostile)],
    ['run', config, '--engine', hostile],
    ['inspect', hostile],
    [hostile],
    ['advantages', '--estimator', hostile],
  ];
  const finished = await Promise.all(commands.map(async (args) => ({ args, ...(await otb(args, { cwd: folder })) })));
  for (const { args, stdout, stderr } of finished) {
    const where = args.join(' ');
    assert.ok(stdout + stderr !== '', `${where} says nothing`);
    assert.doesNotMatch(stdout, steering, where);
    assert.doesNotMatch(stderr, steering, where);
  }
  const told = finished.map(({ stdout }) => stdout);
  assert.match(told[0] ?? '', /␛]0;owned␇␛\[2J/);
  const { metrics } = (JSON.parse(told[3] ?? '') as { runs: { metrics: object }[] }).runs[0] ?? { metrics: {} };
  assert.ok(Object.keys(metrics).includes(hostile), 'the JSON has the name as it is');
});

test('colours of our own are the only sequences on a terminal', async (t) => {
  const [run = ''] = hostileRuns(temporaryFolder(t));
  const { stdout } = await otb(['inspect', run], { env: { FORCE_COLOR: '1' } });
  const inspected = await otb(
    ['inspect', writeRunDirectory(temporaryFolder(t), { estimator: 'opo', seed: 1, steps: 120, collapseAt: 60 })],
    {
      env: { FORCE_COLOR: '1' },
    },
  );
  assert.doesNotMatch(stdout, /\u001B\[31mgnp|\u001B]|\u009B|\u202E/);
  assert.match(inspected.stdout, /State: \u001B\[31mcollapsed\u001B\[39m/);
});
