import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { metricNames } from '../../src/core/records/metricNames.ts';
import { otb, temporaryFolder } from './otb.ts';
import { writeRunDirectory } from './runFixture.ts';

interface Inspected {
  readonly source: string;
  readonly format: string;
  readonly estimator: string | null;
  readonly seed: number | null;
  readonly group: string | null;
  readonly steps: number;
  readonly gradNormKey: string | null;
  readonly scoreKey: string | null;
  readonly state: string;
  readonly malformedLines: number;
}

/** A log of verl; from `collapsedAt` on the norm surges and the score falls. */
function verlLog(steps: number, collapsedAt = Infinity, score = 'critic/score/mean'): string {
  let text = 'INFO: some chatter\n';
  for (let step = 1; step <= steps; step++) {
    const since = step - collapsedAt;
    const norm = since < 0 ? 0.3 + 0.02 * Math.sin(7 * step) : 30 + step;
    text += `(TaskRunner pid=12) step:${step} - actor/grad_norm:np.float64(${norm}) - ${score}:${since < 0 ? 0.5 : 0.5 * 0.8 ** (since + 1)}\n`;
  }
  return text;
}

/** A file that nobody has written to for long. */
function writeOld(file: string, text: string): string {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, text);
  const old = Date.now() / 1000 - 86_400;
  utimesSync(file, old, old);
  return file;
}

async function inspected(...args: string[]): Promise<readonly Inspected[]> {
  const { stdout, stderr } = await otb(['inspect', ...args, '--json']);
  assert.notEqual(stdout, '', stderr);
  return (JSON.parse(stdout) as { runs: readonly Inspected[] }).runs;
}

test('a log of another program is inspected, with its collapse and under the names of its producer', async (t) => {
  const log = writeOld(path.join(temporaryFolder(t), 'train.log'), verlLog(140, 100));
  const [run] = await inspected(log);
  assert.deepEqual(
    [run?.format, run?.steps, run?.state, run?.gradNormKey, run?.scoreKey],
    ['verl-console', 140, 'collapsed', 'actor/grad_norm', 'critic/score/mean'],
  );
  const { stdout } = await otb(['inspect', log]);
  assert.match(stdout, /verl-console, estimator and seed unknown: idle, 140 steps, 1 to 140/);
  assert.doesNotMatch(stdout, /optimizer\./);
});

test('a folder of logs is compared by estimator and seed, which a pattern takes from the paths', async (t) => {
  const folder = temporaryFolder(t);
  for (const seed of [1, 2, 3]) {
    writeOld(path.join(folder, `mine_seed${seed}.log`), verlLog(140));
    writeOld(path.join(folder, `theirs_seed${seed}.log`), verlLog(140, 100));
  }
  const args = [folder, '--pattern', '{estimator}_seed{seed}'];
  assert.deepEqual(
    (await inspected(...args)).map(({ estimator, seed }) => `${estimator} ${seed}`),
    ['mine 1', 'mine 2', 'mine 3', 'theirs 1', 'theirs 2', 'theirs 3'],
  );
  const { stdout } = await otb(['compare', ...args, '--json']);
  const { groups } = JSON.parse(stdout) as {
    groups: readonly { estimator: string; count: number; collapsed: number; seeds: readonly number[] }[];
  };
  assert.deepEqual(
    groups.map(({ estimator, count, collapsed, seeds }) => [estimator, count, collapsed, seeds.join()]),
    [
      ['mine', 3, 0, '1,2,3'],
      ['theirs', 3, 3, '1,2,3'],
    ],
  );
  const report = path.join(folder, 'out', 'report.html');
  assert.equal((await otb(['compare', ...args, '--report', report])).code, 0);
  assert.match(readFileSync(report, 'utf8'), /console log of verl/);
  const wrong = await otb(['compare', folder, '--pattern', '{lr}']);
  assert.equal(wrong.code, 2);
  assert.match(wrong.stderr, /\{lr\} is not known/);
});

test('the metric that is the score can be named to every command that judges', async (t) => {
  const log = writeOld(path.join(temporaryFolder(t), 'train.log'), verlLog(140, 100, 'my/points'));
  assert.deepEqual(
    (await inspected(log)).map(({ scoreKey }) => scoreKey),
    [null],
  );
  assert.deepEqual(
    (await inspected(log, '--score', 'my/points')).map(({ scoreKey, state }) => [scoreKey, state]),
    [['my/points', 'collapsed']],
  );
  const { stdout } = await otb(['compare', log, '--score', 'my/points', '--json']);
  const { groups } = JSON.parse(stdout) as { groups: readonly { finalScore: { mean: number } | null }[] };
  assert.ok((groups[0]?.finalScore?.mean ?? Infinity) < 0.5);
  const watched = await otb(['watch', log, '--score', 'my/points', '--json', '--fail-on-collapse']);
  assert.equal(watched.code, 3);
});

test('watching a log tells what happens and ends where nobody writes any more', async (t) => {
  const log = writeOld(path.join(temporaryFolder(t), 'train.log'), verlLog(140, 100));
  const { code, stdout } = await otb(['watch', log, '--json', '--metrics']);
  const lines = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { type: string; step?: number; process?: string; state?: string; steps?: number });
  assert.equal(code, 0);
  assert.equal(lines.filter(({ type }) => type === 'metrics').length, 140);
  assert.ok(lines.some(({ type }) => type === 'collapse'));
  const end = lines.at(-1);
  assert.deepEqual([end?.type, end?.process, end?.state, end?.steps], ['end', 'idle', 'collapsed', 140]);
  assert.match(
    (await otb(['watch', log])).stderr,
    /reading .*train\.log\n[^]*collapse at step \d+, began at step 100[^]*idle at step 140\./,
  );
});

test('a run of another program is exported under its own names, whatever was malformed in it', async (t) => {
  const folder = temporaryFolder(t);
  const log = writeOld(path.join(folder, 'train.log'), `${verlLog(3)}step:4 - actor/grad_norm:0.5 - critic/score/mean:half\n`);
  const { code, stdout } = await otb(['export', log, '--to', 'csv']);
  const [header, ...rows] = stdout.trim().split('\n');
  assert.deepEqual([code, header, rows.length], [0, 'step,time,actor/grad_norm,critic/score/mean', 4]);
  assert.deepEqual(readdirSync(folder), ['train.log']);
});

test('a file of no known format says what was looked for and how it begins', async (t) => {
  const file = writeOld(path.join(temporaryFolder(t), 'story.txt'), 'Once upon a time\nthere was a run.\n');
  const { code, stderr } = await otb(['inspect', file]);
  assert.equal(code, 2);
  assert.match(stderr, /its format is not recognized\. Looked for:/);
  assert.match(stderr, /console log of verl: /);
  assert.match(stderr, /It begins with:\n {2}Once upon a time/);
  const forced = await otb(['inspect', file, '--format', 'verl-console', '--json']);
  assert.equal((JSON.parse(forced.stdout) as { runs: readonly Inspected[] }).runs[0]?.steps, 0);
});

test('a run directory whose metrics have other names is watched as it is inspected', async (t) => {
  const folder = temporaryFolder(t);
  const dir = writeRunDirectory(folder, { estimator: 'opo', seed: 1, steps: 140, collapseAt: 100 });
  const file = path.join(dir, 'metrics.jsonl');
  writeFileSync(
    file,
    readFileSync(file, 'utf8').replaceAll(metricNames.gradNorm, 'train/grad_norm').replaceAll(metricNames.score, 'train/reward'),
  );
  const [run] = await inspected(dir);
  assert.equal(run?.state, 'collapsed');
  const { stdout } = await otb(['watch', dir, '--json']);
  assert.equal((JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as { state: string }).state, 'collapsed');
});
