import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { accessSync, constants, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { packageRoot } from '../../src/cli/packageRoot.ts';
import { otb, otbEntry } from './otb.ts';

const manifest = JSON.parse(readFileSync(path.join(packageRoot(), 'package.json'), 'utf8')) as { version: string; bin: { otb: string } };

test('the bin of package.json is the built command line and starts by itself', { skip: process.platform === 'win32' }, () => {
  const bin = path.join(packageRoot(), manifest.bin.otb);
  accessSync(bin, constants.X_OK);
  const { stdout, status } = spawnSync(bin, ['--version'], { encoding: 'utf8' });
  assert.deepEqual([stdout, status], [`${manifest.version}\n`, 0]);
});

test('help is a result: standard output, exit 0', async () => {
  const { code, stdout, stderr } = await otb(['--help']);
  assert.equal(code, 0);
  assert.match(stdout, /^Usage: otb/);
  for (const command of ['run', 'resume', 'stop', 'inspect', 'watch', 'compare', 'advantages', 'export', 'doctor'])
    assert.match(stdout, new RegExp(`^  ${command}\\b`, 'm'));
  assert.equal(stderr, '');
});

test('the help of run and resume says how many programs run at once', async () => {
  for (const command of ['run', 'resume']) {
    const { stdout } = await otb([command, '--help']);
    assert.match(
      stdout.replaceAll(/\s+/g, ' '),
      /--parallel <n> maximum number of runs at once \(default: cores.*; programs one at a time, those/,
    );
  }
});

test('no command is bad usage and shows the commands on standard error', async () => {
  const { code, stdout, stderr } = await otb([]);
  assert.equal(code, 2);
  assert.equal(stdout, '');
  assert.match(stderr, /^otb: expected a command\.\n\nUsage: otb/);
});

const badUsage: readonly (readonly [args: readonly string[], message: RegExp])[] = [
  [['inspct'], /^otb: unknown command 'inspct' \(Did you mean inspect\?\)\. See: otb --help\n$/],
  [['doctor', '--jsn'], /^otb: unknown option '--jsn' \(Did you mean --json\?\)\. See: otb doctor --help\n$/],
  [['doctor', 'now'], /^now: there is no such file\. Give the path of a \*\.otb\.json file\.\n$/],
  [['doctor', 'a.otb.json', 'b.otb.json'], /^otb: too many arguments for 'doctor'.*\n$/],
  [['run'], /^otb: missing required argument 'config'\. See: otb run --help\n$/],
  [['run', 'a.otb.json', '--steps', 'ten'], /--steps.*expected a whole number, found "ten"\. See: otb run --help\n$/],
  [['run', 'a.otb.json', '--parallel', '0'], /--parallel.*expected a number of at least 1, found 0\. See/],
  ...['run', 'inspect', 'watch', 'compare'].map((command): (typeof badUsage)[number] => [
    [command, 'a', '--sensitivity', 'hihg'],
    new RegExp(`--sensitivity.*'hihg' is invalid.*Allowed choices are low, normal, high\\. See: otb ${command} --help\\n$`),
  ]),
  [['queue', 'move'], /^otb: missing required argument 'run'\. See: otb queue move --help\n$/],
  [['queue', '--out', 'runs', 'parallel', '0'], /found 0, or auto\. See: otb queue parallel --help\n$/],
  [['queue', 'mvoe', 's1'], / See: otb queue --help\n$/],
  [['advantages'], /^otb: required option '--estimator <name>' not specified\. See: otb advantages --help\n$/],
  [['advantages', '--estimator', 'dr_grop'], /There is no such estimator\. Did you mean dr_grpo\?/],
];
for (const [args, message] of badUsage) {
  test(`bad usage is one message and exit 2: otb ${args.join(' ')}`, async () => {
    const { code, stdout, stderr } = await otb(args);
    assert.equal(code, 2);
    assert.equal(stdout, '');
    assert.match(stderr, message);
  });
}

test('a stack trace is shown with --debug and OTB_DEBUG only', async () => {
  const args = ['advantages', '--estimator', 'rloo'];
  assert.doesNotMatch((await otb(args)).stderr, /\n\s+at /);
  assert.match((await otb([...args, '--debug'])).stderr, /\n\s+at /);
  assert.match((await otb(args, { env: { OTB_DEBUG: '1' } })).stderr, /\n\s+at /);
});

test('a reader that leaves the pipe early is no failure', async () => {
  // Far more output than a pipe holds, so that some of it is still to be written when the reader has gone.
  const rows = Array.from({ length: 64 }, () => Array.from({ length: 1000 }, () => 1));
  const request = JSON.stringify({ token_level_rewards: rows, response_mask: rows });
  const child = spawn(process.execPath, [otbEntry, 'advantages', '--estimator', 'reinforce']);
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  child.stdin.end(request);
  child.stdout.once('data', () => child.stdout.destroy());
  const code = await new Promise((resolve) => child.on('close', resolve));
  assert.deepEqual([code, stderr], [0, '']);
});
