import assert from 'node:assert/strict';
import { appendFileSync, cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { metricNames } from '../../src/core/records/metricNames.ts';
import { otb, temporaryFolder } from './otb.ts';
import { writeRunDirectory } from './runFixture.ts';

interface Inspection {
  readonly source: string;
  readonly format: string;
  readonly steps: number;
  readonly firstStep: number;
  readonly lastStep: number;
  readonly gradNormKey: string;
  readonly scoreKey: string;
  readonly malformedLines: number;
  readonly metrics: Readonly<Record<string, { count: number; last: number; min: number; max: number }>>;
  readonly state: string;
  readonly warnings: readonly string[];
  readonly onsetStep: number | null;
  readonly detectedStep: number | null;
  readonly events: readonly { readonly type: string; readonly step: number }[];
}

test('a run without what a collapse is told from is unknown, and says which option helps', async (t) => {
  const folder = temporaryFolder(t);
  const dirs = [1, 2].map((seed) => {
    const dir = writeRunDirectory(folder, { estimator: 'reinforce', seed, steps: 30, collapseAt: null });
    const metrics = path.join(dir, 'metrics.jsonl');
    writeFileSync(metrics, readFileSync(metrics, 'utf8').replaceAll(metricNames.gradNorm, 'policy/norm'));
    return dir;
  });
  const [dir = ''] = dirs;
  const lack = 'the run logs no gradient norm (actor/grad_norm), so a surge cannot be seen';
  const blind = plain((await otb(['inspect', dir])).stdout);
  assert.ok(blind.includes(`State: unknown: ${lack}. Name the metric with --grad-norm.`), blind);
  assert.match(plain((await otb(['inspect', dir, '--grad-norm', 'policy/norm'])).stdout), /State: healthy /);
  const { runs } = JSON.parse((await otb(['inspect', dir, '--json'])).stdout) as {
    runs: { state: string; missing: string[]; notJudged: string }[];
  };
  assert.deepEqual([runs[0]?.state, runs[0]?.missing, runs[0]?.notJudged], ['unknown', ['gradNorm'], lack]);
  const sentence = ': The run logs no gradient norm (actor/grad_norm), so a surge cannot be seen.';
  for (const command of ['inspect', 'compare']) {
    const told = plain((await otb([command, folder])).stdout);
    assert.equal(told.split(sentence).length, 2, `once of both runs: ${told}`);
  }
});

/** Without colours and line ends. */
function plain(text: string): string {
  return text.replaceAll(/\u001b\[\d*m/g, '').replaceAll(/\s+/g, ' ');
}

test('a run directory is read into steps, metrics, state, onset and events', async (t) => {
  const dir = writeRunDirectory(temporaryFolder(t), { estimator: 'reinforce', seed: 1, steps: 300, collapseAt: 150 });
  appendFileSync(path.join(dir, 'metrics.jsonl'), 'not a record\n');
  const { code, stdout, stderr } = await otb(['inspect', dir, '--json']);
  assert.deepEqual([code, stderr], [0, '']);
  const [run] = (JSON.parse(stdout) as { runs: Inspection[] }).runs;
  assert.ok(run);
  assert.deepEqual([run.source, run.format, run.steps, run.firstStep, run.lastStep, run.malformedLines], [dir, 'otb-run', 300, 1, 300, 1]);
  assert.deepEqual([run.gradNormKey, run.scoreKey], [metricNames.gradNorm, metricNames.score]);
  const norm = run.metrics[metricNames.gradNorm];
  assert.ok(norm && norm.count === 300 && norm.min > 0.4 && norm.max > 20);
  assert.equal(run.state, 'collapsed');
  assert.ok(run.onsetStep !== null && run.detectedStep !== null && Math.abs(run.onsetStep - 150) < 25 && run.onsetStep <= run.detectedStep);
  assert.ok(run.events.some(({ type }) => type === 'collapse') && run.events.some(({ type }) => type === 'finished'));
});

test('--fail-on-collapse exits 3 for a collapsed run and 0 for a healthy one', async (t) => {
  const folder = temporaryFolder(t);
  const collapsed = writeRunDirectory(folder, { estimator: 'reinforce', seed: 1, steps: 300, collapseAt: 150 });
  const healthy = writeRunDirectory(folder, { estimator: 'opo', seed: 1, steps: 300, collapseAt: null });
  assert.equal((await otb(['inspect', collapsed, '--fail-on-collapse', '--json'])).code, 3);
  assert.equal((await otb(['inspect', healthy, '--fail-on-collapse'])).code, 0);
  assert.equal((await otb(['inspect', folder])).code, 0);
  assert.equal((await otb(['watch', collapsed, '--fail-on-collapse'])).code, 3);
});

test('in a pipe several runs are a plain table, and one run is told with its events', async (t) => {
  const folder = temporaryFolder(t);
  const dir = writeRunDirectory(folder, { estimator: 'reinforce', seed: 1, steps: 300, collapseAt: 150 });
  writeRunDirectory(folder, { estimator: 'opo', seed: 1, steps: 300, collapseAt: null });
  const several = await otb(['inspect', folder]);
  assert.match(several.stdout, /^run +estimator +seed +process/);
  assert.match(several.stdout, /-reinforce-s1 +reinforce +1 +finished +300 +collapsed/);
  const one = await otb(['inspect', dir]);
  assert.match(one.stdout, /^State: collapsed, began at step \d+, noticed at step \d+$/m);
  assert.match(one.stdout, /^step \d+: collapse since step \d+: /m);
  assert.match(one.stdout, new RegExp(`^${metricNames.gradNorm} +300 `, 'm'));
});

test('a metric of another name can be taken, and one that is not logged is bad input', async (t) => {
  const dir = writeRunDirectory(temporaryFolder(t), { estimator: 'opo', seed: 1, steps: 30, collapseAt: null });
  const { stdout } = await otb(['inspect', dir, '--score', metricNames.gradNorm, '--json']);
  assert.equal((JSON.parse(stdout) as { runs: Inspection[] }).runs[0]?.scoreKey, metricNames.gradNorm);
  const { code, stderr } = await otb(['inspect', dir, '--score', 'critic/scor/mean']);
  assert.equal(code, 2);
  assert.match(stderr, /no metric "critic\/scor\/mean"\. Did you mean "critic\/score\/mean"\?/);
});

test('what is no whole run directory is bad input that says what is wrong and what to do', async (t) => {
  const folder = temporaryFolder(t);
  assert.equal((await otb(['inspect', 'nowhere'], { cwd: folder })).code, 2);
  mkdirSync(path.join(folder, 'half'));
  writeFileSync(path.join(folder, 'half', 'run.json'), '{"schemaVersion":1,"id":');
  const half = await otb(['inspect', 'half'], { cwd: folder });
  assert.equal(half.code, 2);
  assert.match(half.stderr, /half.run\.json: cannot be used: it is not a complete JSON object\. .*delete the directory/);
  mkdirSync(path.join(folder, 'starting'));
  writeFileSync(path.join(folder, 'starting', 'stderr.log'), '');
  const starting = await otb(['inspect', 'starting'], { cwd: folder });
  assert.equal(starting.code, 2);
  assert.match(starting.stderr, /has not started yet, or failed to start/);
});

test('runs of the same id, such as a copied directory, are told apart by their directories', async (t) => {
  const folder = temporaryFolder(t);
  const dir = writeRunDirectory(folder, { estimator: 'opo', seed: 1, steps: 30, collapseAt: null });
  cpSync(dir, path.join(folder, 'copied'), { recursive: true });
  const { stdout } = await otb(['inspect', folder]);
  for (const name of [path.basename(dir), 'copied']) assert.match(stdout, new RegExp(`^${name} +opo`, 'm'));
});

test('a run whose end cannot be read shows its metrics, with a warning', async (t) => {
  const dir = writeRunDirectory(temporaryFolder(t), { estimator: 'opo', seed: 1, steps: 30, collapseAt: null });
  for (const [content, problem] of [
    ['{"reason":"comp', 'cannot be used: it does not say how the run ended'],
    [undefined, 'cannot be read: this is a directory'],
  ] as const) {
    rmSync(path.join(dir, 'exit.json'), { recursive: true, force: true });
    if (content === undefined) mkdirSync(path.join(dir, 'exit.json'));
    else writeFileSync(path.join(dir, 'exit.json'), content);
    const { code, stdout } = await otb(['inspect', dir, '--json']);
    const [run] = (JSON.parse(stdout) as { runs: Inspection[] }).runs;
    assert.deepEqual([code, run?.steps], [0, 30]);
    assert.ok(run?.warnings.some((warning) => warning.includes(problem)));
    assert.equal((await otb(['watch', dir])).code, 0);
  }
});

test('a run that cannot be read is named, and does not hide the others of its folder', async (t) => {
  const folder = temporaryFolder(t);
  const good = writeRunDirectory(folder, { estimator: 'opo', seed: 1, steps: 30, collapseAt: null });
  const bad = writeRunDirectory(folder, { estimator: 'opo', seed: 2, steps: 30, collapseAt: null });
  const record = JSON.parse(readFileSync(path.join(bad, 'run.json'), 'utf8')) as object;
  writeFileSync(path.join(bad, 'run.json'), JSON.stringify({ ...record, createdAt: 1_700_000_000 }));
  const expected = /-s2.run\.json: cannot be used: "createdAt" is a number \(1700000000\), expected a string like "/;
  for (const command of ['inspect', 'compare', 'watch']) {
    const { code, stdout, stderr } = await otb([command, folder]);
    assert.equal(code, 1, command);
    assert.match(stderr, expected, command);
    assert.match(stdout + stderr, /opo/, command);
  }
  const { code, stdout } = await otb(['inspect', folder, '--json']);
  const { runs, errors } = JSON.parse(stdout) as { runs: Inspection[]; errors: { source: string; message: string }[] };
  assert.deepEqual([code, runs.map(({ source }) => source), errors.map(({ source }) => source)], [1, [good], [bad]]);
  assert.match(errors[0]?.message ?? '', expected);
  assert.equal((await otb(['inspect', bad])).code, 2);
  const resumed = await otb(['resume', bad]);
  assert.equal(resumed.code, 2);
  assert.match(resumed.stderr, expected);
});

test('a run.json that another program wrote with little in it is a run like any other', async (t) => {
  const dir = writeRunDirectory(temporaryFolder(t), { estimator: 'opo', seed: 1, steps: 30, collapseAt: null });
  const { id, pid } = JSON.parse(readFileSync(path.join(dir, 'run.json'), 'utf8')) as { id: string; pid: number };
  const least = {
    schemaVersion: 1,
    id,
    pid,
    name: 'n',
    group: 'g',
    estimator: 'mine',
    seed: 1,
    config: { steps: 30 },
    configLines: null,
    git: 'x',
  };
  writeFileSync(path.join(dir, 'run.json'), `\ufeff${JSON.stringify(least)}`);
  for (const command of ['inspect', 'compare', 'watch']) {
    const { code, stdout, stderr } = await otb([command, dir]);
    assert.deepEqual([code, /mine/.test(stdout + stderr), /unexpected/.test(stderr)], [0, true, false], `${command}: ${stderr}`);
  }
});

test('a metrics.jsonl alone is inspected and exported, where its run.json cannot be read', async (t) => {
  const folder = temporaryFolder(t);
  const dir = writeRunDirectory(folder, { estimator: 'opo', seed: 1, steps: 30, collapseAt: null });
  writeFileSync(path.join(dir, 'run.json'), '{"half');
  const file = path.join(dir, 'metrics.jsonl');
  const { code, stdout } = await otb(['inspect', file, '--json']);
  const [run] = (JSON.parse(stdout) as { runs: (Inspection & { estimator: unknown; seed: unknown })[] }).runs;
  assert.deepEqual([code, run?.source, run?.steps, run?.estimator, run?.seed], [0, file, 30, null, null]);
  assert.match((await otb(['inspect', file])).stdout, /metrics alone, estimator and seed unknown, 30 steps, 1 to 30/);
  assert.equal((await otb(['export', file, '--to', 'csv'])).stdout.split('\n').length, 32);
});

test('of two runs in one file the newest is shown, and the other can be chosen', async (t) => {
  const dir = writeRunDirectory(temporaryFolder(t), { estimator: 'opo', seed: 1, steps: 40, collapseAt: null });
  const file = path.join(dir, 'metrics.jsonl');
  const lines = readFileSync(file, 'utf8').split('\n').slice(0, 15);
  appendFileSync(file, `${lines.join('\n')}\n`);
  const inspected = async (...args: string[]): Promise<(Inspection & { warnings: string[] }) | undefined> =>
    (JSON.parse((await otb(['inspect', dir, '--json', ...args])).stdout) as { runs: (Inspection & { warnings: string[] })[] }).runs[0];
  const newest = await inspected();
  assert.deepEqual([newest?.steps, newest?.lastStep], [15, 15]);
  assert.match(
    newest?.warnings.join() ?? '',
    /Steps 1 to 40 of an earlier run in the same file are not shown; the newest run is at step 15\./,
  );
  assert.equal((await inspected('--life', '1'))?.lastStep, 40);
  assert.equal((await otb(['export', dir, '--to', 'csv', '--life', '1'])).stdout.split('\n').length, 42);
  const none = await otb(['inspect', dir, '--life', '3']);
  assert.deepEqual([none.code, /there are 2 runs in this file, and no run 3\. Give --life 1 to 2\./.test(none.stderr)], [2, true]);
});

test('metrics under other names are named, and can be chosen', async (t) => {
  const dir = writeRunDirectory(temporaryFolder(t), { estimator: 'opo', seed: 1, steps: 30, collapseAt: null });
  const file = path.join(dir, 'metrics.jsonl');
  const text = readFileSync(file, 'utf8')
    .replaceAll(metricNames.gradNorm, 'policy/norm_of_grad')
    .replaceAll(metricNames.score, 'policy/my_reward');
  writeFileSync(file, text);
  const { stdout } = await otb(['inspect', dir]);
  assert.match(stdout, /The gradient norm may be policy\/norm_of_grad: choose it with --grad-norm policy\/norm_of_grad\./);
  assert.match(stdout, /The score may be policy\/my_reward: choose it with --score policy\/my_reward\./);
  const chosen = await otb(['inspect', dir, '--grad-norm', 'policy/norm_of_grad', '--score', 'policy/my_reward']);
  assert.doesNotMatch(chosen.stdout, /No metric is called/);
});
