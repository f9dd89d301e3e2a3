import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { packageRoot } from '../../src/cli/packageRoot.ts';
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

const foreignFiles: readonly (readonly [file: string, text: string | Buffer, message: RegExp])[] = [
  [
    'package.json',
    readFileSync(path.join(packageRoot(), 'package.json')),
    /^package\.json:1:1: this does not look like a run config: of its \d+ keys only "name" is known\. A run config looks like \{/,
  ],
  [
    'tsconfig.json',
    '{"compilerOptions": {}, "include": []}',
    /^tsconfig\.json:1:1: this does not look like a run config: none of its keys is known\./,
  ],
  ['list.json', '[1, 2]', /^list\.json:1:1: expected an object \{…\}, found \[1,2\]\. A run config looks like/],
  ['run.yaml', '# a run\nname: my-run\nsteps: 20\n', /^run\.yaml:1:1: this looks like YAML, but a run config is JSON with comments\./],
  ['run.toml', '[run]\nsteps = 20\n', /^run\.toml:1:1: this looks like TOML or a script/],
  ['empty.otb.json', ' \n', /^empty\.otb\.json:1:1: the file is empty\. Write \{"name": "my-run"\}/],
  ['picture.png', Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 0, 1, 2]), /^picture\.png:1:1: .*UTF-8/],
  ['single.otb.json', "{'name': 'a'}", /^single\.otb\.json:1:2: .*double quotes/],
];
for (const [file, text, message] of foreignFiles) {
  test(`a file that is no run config is told so in one sentence: ${file}`, async (t) => {
    const cwd = temporaryFolder(t);
    writeFileSync(path.join(cwd, file), text);
    const { code, stderr } = await otb(['run', file], { cwd });
    assert.equal(code, 2);
    assert.match(stderr, message);
    assert.equal(stderr.trimEnd().split('\n').length, 1, stderr);
  });
}

test('a directory given for a config is bad input', async (t) => {
  const cwd = temporaryFolder(t);
  const { code, stderr } = await otb(['run', '.'], { cwd });
  assert.equal(code, 2);
  assert.match(stderr, /^\.: .*directory.*\. Give the path of a \*\.otb\.json file\.\n$/);
});

test('the known keys are listed once, and unknown keys once each', async (t) => {
  const cwd = temporaryFolder(t);
  writeConfig(cwd, { qqqqq: 1, zzzzz: 2, stepz: 3 });
  const { code, stderr } = await otb(['run', 'tiny.otb.json'], { cwd });
  assert.equal(code, 2);
  assert.equal(stderr.match(/Known here/g)?.length, 1, stderr);
  for (const key of ['qqqqq', 'zzzzz', 'stepz']) assert.equal(stderr.match(new RegExp(`: ${key}: unknown key`, 'g'))?.length, 1, stderr);
  assert.match(stderr, /stepz: unknown key\. Did you mean "steps"\?/);
});

test('that a branch has no checkpoint to begin from is told before anything starts', async (t) => {
  const cwd = temporaryFolder(t);
  const config = { name: 'a', estimators: ['opo'], checkpoint: { every: null }, onCollapse: 'branch' };
  writeFileSync(path.join(cwd, 'a.otb.json'), JSON.stringify(config, null, 1));
  const { code, stderr } = await otb(['run', 'a.otb.json'], { cwd });
  assert.equal(code, 2);
  assert.match(
    stderr,
    /^a\.otb\.json:\d+:2: onCollapse: a branch starts from a checkpoint, but checkpoint\.every is null\. Write how often/,
  );
  assert.ok(!existsSync(path.join(cwd, '.otb')));
});

const program = { name: 'a', trainer: 'command', estimators: ['opo'], command: ['x'] };
for (const [what, config, told] of [
  ['no command', { ...program, command: undefined }, /command: missing\. Add it, for example "command": \["python"/],
  [
    'a variable that is not known',
    { ...program, command: ['x', '${HOME}'] },
    /command\[1\]: \$\{HOME\} is not known\. Known: .*\$\{env:NAME\}/,
  ],
  [
    'a secret in the file',
    { ...program, env: { HF_TOKEN: 'abc' } },
    /env\.HF_TOKEN: HF_TOKEN is a secret by its name.*"\$\{env:HF_TOKEN\}"/,
  ],
  ['a secret among the arguments', { ...program, command: ['env', 'WANDB_API_KEY=abc', 'x'] }, /command\[1\]: WANDB_API_KEY is a secret/],
  [
    'a header that is no secret of the environment',
    { ...program, trainer: 'ray', headers: { A: 'b' } },
    /headers\.A: headers are taken from the environment/,
  ],
  [
    'fewer GPUs than each run takes',
    { ...program, gpus: [0], gpusPerRun: 2 },
    /gpusPerRun: each run takes 2 GPUs, but "gpus" names only 1/,
  ],
  ['GPUs that are none', { ...program, gpus: 'some' }, /gpus: expected "all", a list .* or null, found "some"/],
  [
    '${resume} within an argument',
    { ...program, command: ['x', '--a=${resume}'] },
    /command\[1\]: .*becomes whole arguments\. Make "\$\{resume\}"/,
  ],
  [
    'a key of the cluster',
    { ...program, address: 'http://a' },
    /address: only runs on a Ray cluster read this\. Remove "address", or write "trainer": "ray"/,
  ],
  [
    'a key of this machine',
    { ...program, trainer: 'ray', gpus: 'all' },
    /gpus: a job of a Ray cluster runs where .* "entrypointResources"/,
  ],
  ['a key of programs', { name: 'a', gpus: 'all' }, /gpus: the built-in trainer runs no command.*"trainer": "command"/],
] as const)
  test(`a config of a program is refused with line and remedy: ${what}`, async (t) => {
    const cwd = temporaryFolder(t);
    writeFileSync(path.join(cwd, 'a.otb.json'), JSON.stringify(config, null, 1));
    const { code, stderr } = await otb(['run', 'a.otb.json'], { cwd });
    assert.equal(code, 2, stderr);
    assert.match(stderr, /^a\.otb\.json:\d+:\d+: /);
    assert.match(stderr, told);
    assert.ok(!existsSync(path.join(cwd, '.otb')));
  });

test('a config that is not there is bad input', async (t) => {
  const { code, stderr } = await otb(['run', 'nowhere.otb.json'], { cwd: temporaryFolder(t) });
  assert.equal(code, 2);
  assert.match(stderr, /^nowhere\.otb\.json: there is no such file/);
});
