import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { otb, temporaryFolder } from './otb.ts';
import { tinyConfig, writeConfig } from './tinyConfig.ts';

const cases: readonly (readonly [what: string, changes: Readonly<Record<string, unknown>>, args: readonly string[], message: RegExp])[] = [
  ['an unknown key', { stepz: 5 }, [], /^tiny\.otb\.json:\d+:\d+: stepz: .*steps/m],
  ['a wrong type', { optimizer: { learningRate: 'fast' } }, [], /^tiny\.otb\.json:\d+:\d+: optimizer\.learningRate: .*found "fast"/m],
  ['an unknown estimator', { estimators: ['grop'] }, [], /^tiny\.otb\.json:\d+:\d+: estimators\[0\]: .*grpo/m],
  [
    'a group of one with an estimator that compares',
    { rollout: { ...tinyConfig.rollout, groupSize: 1 } },
    [],
    /^tiny\.otb\.json:\d+:\d+: rollout\.groupSize: /m,
  ],
  [
    'a response limit too short for a turn',
    { rollout: { ...tinyConfig.rollout, maxResponseTokens: 4 } },
    [],
    /^tiny\.otb\.json:\d+:\d+: rollout\.maxResponseTokens: /m,
  ],
  ['an unknown estimator on the command line', {}, ['--estimator', 'optimal_token_baselin'], /--estimator.*optimal_token_baseline/],
  [
    'an estimator on the command line that the group size rules out',
    { estimators: ['reinforce'], rollout: { ...tinyConfig.rollout, groupSize: 1 } },
    ['--estimator', 'rloo'],
    /groupSize/,
  ],
  [
    'more prompts than memory can hold',
    { rollout: { promptsPerStep: 1e9 } },
    [],
    /^tiny\.otb\.json:\d+:\d+: rollout\.promptsPerStep: .*100000, found 1000000000/m,
  ],
  [
    'a batch that the engine cannot address',
    { rollout: { groupSize: 50_000 } },
    [],
    /^tiny\.otb\.json:\d+:\d+: rollout\.groupSize: .*4 GiB/m,
  ],
  ['steps without end on the command line', {}, ['--steps', '1000000000000'], /--steps: .*found 1000000000000/],
  ['a seed that a number cannot hold', {}, ['--seed', '9007199254740993'], /--seed.*at most 4294967295, found 9007199254740993/],
  ['a seed that is there twice', {}, ['--seed', '1', '--seed', '1'], /--seed: 1 is there twice/],
  ['threads without end', {}, ['--threads', '100000'], /--threads.*at most 256, found 100000/],
  ['an unknown engine', {}, ['--engine', 'wasm-simb'], /^otb: --engine wasm-simb: there is no such engine\. Did you mean wasm-simd\?/],
];
for (const [what, changes, args, message] of cases) {
  test(`bad input is told with its place, exit 2, and no run begins: ${what}`, async (t) => {
    const cwd = temporaryFolder(t);
    writeConfig(cwd, changes);
    const { code, stdout, stderr } = await otb(['run', 'tiny.otb.json', '--json', ...args], { cwd });
    assert.equal(code, 2, stderr);
    assert.equal(stdout, '');
    assert.match(stderr, message);
    assert.doesNotMatch(stderr, /\n\s+at /);
    assert.ok(!existsSync(path.join(cwd, '.otb')));
  });
}

test('everything that is wrong with a config is told at once', async (t) => {
  const cwd = temporaryFolder(t);
  writeConfig(cwd, { steps: -1, seeds: ['one'], policy: { kind: 'gru', width: 'wide' } });
  const { code, stderr } = await otb(['run', 'tiny.otb.json'], { cwd });
  assert.equal(code, 2);
  for (const key of ['steps', 'seeds[0]', 'policy.width']) assert.ok(stderr.includes(` ${key}: `), `${key} in ${stderr}`);
});

test('a config that is no JSON is told with line and column', async (t) => {
  const cwd = temporaryFolder(t);
  writeFileSync(path.join(cwd, 'broken.otb.json'), '{\n  "steps": 20,\n  "seeds": [1 2]\n}\n');
  const { code, stderr } = await otb(['run', 'broken.otb.json'], { cwd });
  assert.equal(code, 2);
  assert.match(stderr, /^broken\.otb\.json:3:1\d: /);
});

test('a config that is not there is bad input', async (t) => {
  const { code, stderr } = await otb(['run', 'nowhere.otb.json'], { cwd: temporaryFolder(t) });
  assert.equal(code, 2);
  assert.match(stderr, /^nowhere\.otb\.json: there is no such file/);
});
