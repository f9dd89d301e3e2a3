import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { parseEvent } from '../../src/core/records/events.ts';
import { parseMetrics } from '../../src/core/records/metrics.ts';
import { otb, temporaryFolder } from './otb.ts';

/** Trains 12 steps, writes a checkpoint every 4, and goes on from one that it is given, as verl does. */
const program = `
const fs = require('node:fs');
const path = require('node:path');
const [, , folder, estimator, ...rest] = process.argv;
const from = rest.find((argument) => argument.startsWith('resume_from='));
let value = 1;
let first = 1;
if (from) {
  const checkpoint = from.slice('resume_from='.length);
  value = JSON.parse(fs.readFileSync(path.join(checkpoint, 'state.json'), 'utf8')).value;
  first = Number(/global_step_(\\d+)$/.exec(checkpoint)[1]) + 1;
}
for (let step = first; step <= 12; step++) {
  value += estimator === 'grpo' ? 1 : 0.5;
  console.log(JSON.stringify({ step, data: { 'actor/grad_norm': value, 'critic/score/mean': 0.5 } }));
  if (step % 4 > 0) continue;
  const checkpoint = path.join(folder, 'global_step_' + step);
  fs.mkdirSync(checkpoint, { recursive: true });
  fs.writeFileSync(path.join(checkpoint, 'state.json'), JSON.stringify({ value }));
}
`;

const base = {
  name: 'program',
  trainer: 'command',
  command: [process.execPath, 'train.cjs', '${runDir}/verl', '${estimator}', 'seed=${seed}'],
  estimators: ['grpo'],
  seeds: [1],
  metrics: { from: 'stdout', format: 'verl-jsonl' },
};
const branch = { arguments: ['resume_from=${checkpoint}', 'at=${step}'], checkpoints: '${runDir}/verl/global_step_${step}' };

interface Row {
  readonly dir: string;
  readonly process: string;
  readonly branchedFrom: { readonly step: number } | null;
}

async function run(t: TestContext, config: object): Promise<{ readonly cwd: string; readonly dir: string }> {
  const cwd = temporaryFolder(t);
  writeFileSync(path.join(cwd, 'train.cjs'), program);
  writeFileSync(path.join(cwd, 'program.otb.json'), JSON.stringify(config));
  const { code, stdout, stderr } = await otb(['run', 'program.otb.json', '--json'], { cwd });
  assert.equal(code, 0, stderr);
  return { cwd, dir: (JSON.parse(stdout) as { runs: readonly Row[] }).runs[0]?.dir ?? '' };
}

function normsOf(dir: string): readonly (readonly [number, number | undefined])[] {
  const lines = readFileSync(path.join(dir, 'metrics.jsonl'), 'utf8').trimEnd().split('\n');
  return lines.map((line) => {
    const { step, data } = parseMetrics(line) ?? assert.fail(line);
    return [step, data['actor/grad_norm']] as const;
  });
}

test('a command is branched by the arguments that its config has for it', async (t) => {
  const { cwd, dir } = await run(t, { ...base, branch });
  const { code, stdout, stderr } = await otb(['run', '--branch', `${dir}@8`, '--estimator', 'optimal_token_baseline', '--json'], { cwd });
  assert.equal(code, 0, stderr);
  const [row] = (JSON.parse(stdout) as { runs: readonly Row[] }).runs;
  assert.ok(row);
  assert.equal(row.process, 'finished');
  assert.equal(row.branchedFrom?.step, 8);
  const expected = Array.from({ length: 12 }, (_, index) => [index + 1, index < 8 ? index + 2 : 9 + 0.5 * (index - 7)]);
  assert.deepEqual(normsOf(row.dir), expected);
  const record = JSON.parse(readFileSync(path.join(row.dir, 'run.json'), 'utf8')) as { command: string[] };
  assert.deepEqual(record.command.slice(3), ['optimal_token_baseline', 'seed=1', `resume_from=${dir}/verl/global_step_8`, 'at=8']);
  const [branched] = readFileSync(path.join(row.dir, 'events.jsonl'), 'utf8').split('\n').map(parseEvent);
  assert.equal(branched?.type, 'branched');

  const gone = await otb(['run', '--branch', `${dir}@9`], { cwd });
  assert.equal(gone.code, 2);
  assert.match(gone.stderr, /there is no checkpoint of step 9\. The nearest are those of step 8 and 12\./);
  const rate = await otb(['run', '--branch', `${dir}@8`, '--learning-rate', '0.1'], { cwd });
  assert.equal(rate.code, 2);
  assert.match(rate.stderr, /the command of this run says its learning rate/);
  rmSync(path.join(dir, 'verl'), { recursive: true });
  const none = await otb(['run', '--branch', `${dir}@8`], { cwd });
  assert.match(none.stderr, /there is no checkpoint to branch from\. They are looked for at \$\{runDir\}\/verl\/global_step_\$\{step\}/);
});

test('a command whose config says nothing of branches is branched with one that does', async (t) => {
  const { cwd, dir } = await run(t, base);
  const { code, stderr } = await otb(['run', '--branch', `${dir}@8`], { cwd });
  assert.equal(code, 2);
  assert.match(stderr, /there is no checkpoint to branch from\. Its config does not say .*add "branch" to the config/);
  writeFileSync(path.join(cwd, 'program.otb.json'), JSON.stringify({ ...base, estimators: ['opo'], branch }));
  const second = await otb(['run', 'program.otb.json', '--branch', `${dir}@8`, '--json'], { cwd });
  assert.equal(second.code, 0, second.stderr);
  const [row] = (JSON.parse(second.stdout) as { runs: readonly Row[] }).runs;
  assert.deepEqual(normsOf(row?.dir ?? '').at(8), [9, 9.5]);
});

test('where a program has its checkpoints must say where the step stands', async (t) => {
  const cwd = temporaryFolder(t);
  mkdirSync(cwd, { recursive: true });
  const config = { ...base, branch: { ...branch, checkpoints: 'last' } };
  writeFileSync(path.join(cwd, 'program.otb.json'), JSON.stringify(config));
  const { code, stderr } = await otb(['run', 'program.otb.json'], { cwd });
  assert.equal(code, 2);
  assert.match(stderr, /branch\.checkpoints: it does not say where in the path the step stands\. Write "\$\{step\}"/);
  writeFileSync(path.join(cwd, 'program.otb.json'), JSON.stringify({ ...base, onCollapse: 'branch' }));
  assert.match(
    (await otb(['run', 'program.otb.json'], { cwd })).stderr,
    /onCollapse: a branch starts from a checkpoint, but .*Add "branch"/,
  );
});
