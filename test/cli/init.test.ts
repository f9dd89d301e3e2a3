import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { loadConfig } from '../../src/runs/config/loadConfig.ts';
import { otb, temporaryFolder } from './otb.ts';

const verl = 'python3 -m verl.trainer.main_ppo algorithm.adv_estimator=grpo $@\n';

test('the only script that trains is taken, and a config for it is written that can be loaded', async (t) => {
  const cwd = temporaryFolder(t);
  writeFileSync(path.join(cwd, 'run_qwen.sh'), verl);
  writeFileSync(path.join(cwd, 'plain.py'), 'pass\n');
  const { code, stdout } = await otb(['init'], { cwd });
  assert.deepEqual(
    [code, stdout.trim()],
    [0, 'run_qwen.otb.json written for run_qwen.sh. Look it over, then start it: otb run run_qwen.otb.json'],
  );
  const { config } = await loadConfig(path.join(cwd, 'run_qwen.otb.json'));
  assert.deepEqual([config.trainer, config.estimators], ['command', ['grpo', 'optimal_token_baseline']]);
});

test('a file that is there is never overwritten', async (t) => {
  const cwd = temporaryFolder(t);
  const file = path.join(cwd, 'mine.otb.json');
  writeFileSync(file, 'mine');
  const { code, stderr } = await otb(['init', '--framework', 'builtin', '--out', 'mine.otb.json'], { cwd });
  assert.equal(code, 2);
  assert.match(stderr, /mine\.otb\.json is already there, and is left as it is\. Name another file with --out\./);
  assert.equal(readFileSync(file, 'utf8'), 'mine');
});

test('the built-in trainer gets the preset for newcomers', async (t) => {
  const cwd = temporaryFolder(t);
  const { code, stdout } = await otb(['init', '--framework', 'builtin', '--json'], { cwd });
  assert.equal(code, 0);
  const { config } = JSON.parse(stdout) as { config: string };
  assert.equal((await loadConfig(config)).config.trainer, 'builtin');
});

test('TRL needs no script: without one it gets the preset of a language model', async (t) => {
  const cwd = temporaryFolder(t);
  const { code, stdout, stderr } = await otb(['init', '--framework', 'trl'], { cwd });
  assert.equal(code, 0, stderr);
  assert.match(stdout, /^trl-gsm8k-qwen\.otb\.json written\. Look it over/);
  assert.equal((await loadConfig(path.join(cwd, 'trl-gsm8k-qwen.otb.json'))).config.trainer, 'trl');
  const script = 'from trl import GRPOTrainer, TrlParser\n';
  writeFileSync(path.join(cwd, 'mine.py'), script);
  assert.equal((await otb(['init', '--framework', 'trl'], { cwd })).code, 0);
  assert.equal((await loadConfig(path.join(cwd, 'mine.otb.json'))).config.trainer, 'command');
});

test('several scripts, none, and one that is not there, each get a sentence with the remedy', async (t) => {
  const cwd = temporaryFolder(t);
  const none = await otb(['init', '--framework', 'verl'], { cwd });
  assert.deepEqual([none.code, /no script that trains with verl.*--script FILE/.test(none.stderr)], [2, true], none.stderr);
  for (const name of ['a.sh', 'b.sh']) writeFileSync(path.join(cwd, name), verl);
  const several = await otb(['init'], { cwd });
  assert.deepEqual(
    [several.code, /There are 2 scripts.*--script FILE:\n {2}a\.sh\n {2}b\.sh/.test(several.stderr)],
    [2, true],
    several.stderr,
  );
  const missing = await otb(['init', '--script', 'c.sh'], { cwd });
  assert.deepEqual([missing.code, /--script c\.sh: there is no shell or Python script/.test(missing.stderr)], [2, true], missing.stderr);
  const named = await otb(['init', '--script', 'b.sh', '--framework', 'ray'], { cwd });
  assert.equal(named.code, 0, named.stderr);
  assert.equal((await loadConfig(path.join(cwd, 'b.otb.json'))).config.trainer, 'ray');
});

test('what is written starts as it is, and hands estimator and seed to the script', { skip: process.platform === 'win32' }, async (t) => {
  const cwd = temporaryFolder(t);
  const line = 'step:1 - actor/grad_norm:0.5 - critic/score/mean:0.1';
  writeFileSync(
    path.join(cwd, 'run.sh'),
    `: python3 -m verl.trainer.main_ppo algorithm.adv_estimator=grpo "$@"\necho "${line}"\necho "$@"\n`,
  );
  assert.equal((await otb(['init'], { cwd })).code, 0);
  const { code, stdout, stderr } = await otb(['run', 'run.otb.json', '--json'], { cwd });
  assert.equal(code, 0, stderr);
  const { runs } = JSON.parse(stdout) as { runs: readonly { dir: string; estimator: string; steps: number }[] };
  assert.deepEqual(
    runs.map(({ estimator, steps }) => [estimator, steps]),
    [
      ['grpo', 1],
      ['optimal_token_baseline', 1],
    ],
  );
  assert.match(
    readFileSync(path.join(runs[1]?.dir ?? '', 'stdout.log'), 'utf8'),
    /algorithm\.adv_estimator=optimal_token_baseline data\.seed=1/,
  );
});
