import assert from 'node:assert/strict';
import { readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { packageRoot } from '../../src/cli/packageRoot.ts';
import { defaultRunsDir } from '../../src/runs/launcher/runsFolder.ts';
import { otb, temporaryFolder } from './otb.ts';
import { writeConfig } from './tinyConfig.ts';

interface Row {
  readonly dir: string;
  readonly estimator: string;
  readonly steps: number;
  readonly process: string;
  readonly reason: string | null;
  readonly message: string | null;
  readonly onsetStep: number | null;
  readonly branchedFrom: { readonly id: string; readonly dir: string; readonly step: number } | null;
}

const rowsOf = (stdout: string): readonly Row[] => (JSON.parse(stdout) as { readonly runs: readonly Row[] }).runs;
const configOf = (dir: string) =>
  JSON.parse(readFileSync(path.join(dir, 'run.json'), 'utf8')) as { readonly config: Record<string, unknown> };

/** A run of 20 steps with a checkpoint every 5. */
async function trained(t: TestContext): Promise<{ readonly cwd: string; readonly id: string; readonly dir: string }> {
  const cwd = temporaryFolder(t);
  // With rewards now and then, so that it is not silent.
  writeConfig(cwd, { estimators: ['reinforce'] });
  const { code, stdout, stderr } = await otb(['run', 'tiny.otb.json', '--json'], { cwd });
  assert.equal(code, 0, stderr);
  const [run] = rowsOf(stdout);
  assert.ok(run);
  return { cwd, id: path.basename(run.dir), dir: run.dir };
}

test('a run is gone on with from a checkpoint in other ways: by its directory, its id or the beginning of it', async (t) => {
  const { cwd, id, dir } = await trained(t);
  const words = [
    '--estimator',
    'tir_optimal_token_baseline',
    '--learning-rate',
    '0.001',
    '--max-grad-norm',
    '2',
    '--steps',
    '24',
    '--json',
  ];
  const first = await otb(['run', '--branch', `${id.slice(0, -3)}@10`, ...words], { cwd });
  assert.equal(first.code, 0, first.stderr);
  const [branch] = rowsOf(first.stdout);
  assert.ok(branch);
  const { estimator, steps, branchedFrom } = branch;
  assert.deepEqual(
    { estimator, steps, branchedFrom },
    { estimator: 'tir_optimal_token_baseline', steps: 24, branchedFrom: { id, dir, step: 10 } },
  );
  const { optimizer, onCollapse } = configOf(branch.dir).config as { optimizer: Record<string, unknown>; onCollapse: string };
  assert.deepEqual([optimizer['learningRate'], optimizer['maxGradNorm'], onCollapse], [0.001, 2, 'warn']);
  assert.match(first.stderr, /tir_optimal_token_baseline seed 1 from step 10: finished at step 24 of 24/);
  assert.doesNotMatch(first.stderr, /from step 10: step [1-9] of/, 'what its run did is not told again');

  const second = await otb(
    ['run', '--branch', dir, '--set', 'loss.aggregation=token-mean', '--max-grad-norm', 'off', '--steps', '22', '--json'],
    { cwd },
  );
  assert.equal(second.code, 0, second.stderr);
  assert.deepEqual(rowsOf(second.stdout)[0]?.branchedFrom, { id, dir, step: 20 });

  // Of a branch in its turn, when the run itself is gone.
  rmSync(dir, { recursive: true });
  const third = await otb(['run', '--branch', `${branch.dir}@15`, '--estimator', 'opo', '--json'], { cwd });
  assert.equal(third.code, 0, third.stderr);
  assert.equal(rowsOf(third.stdout)[0]?.branchedFrom?.id, path.basename(branch.dir));
  const inspected = await otb(['inspect', branch.dir, '--json'], { cwd });
  assert.equal((JSON.parse(inspected.stdout) as { runs: { steps: number }[] }).runs[0]?.steps, 24);
});

test('why a branch cannot be is said with its remedy, and nothing begins', async (t) => {
  const { cwd, id } = await trained(t);
  writeConfig(cwd, { estimators: ['opo'], policy: { kind: 'gru', width: 16 } });
  for (const [args, told] of [
    [['--branch', `${id}@11`], /: there is no checkpoint of step 11\. The nearest are those of step 10 and 15\./],
    [['--branch', id], /: a branch from step 20 has no step to take: .* Give more steps, for example --steps 40/],
    [['--branch', 'nobody'], /nobody: there is no such run\./],
    [['--branch', `${id}@10`, '--set', 'policy.width=16'], /^policy\.width: the weights in the checkpoint fit no other policy\./],
    [['--branch', `${id}@10`, '--set', 'optimizer.learningRate=-1'], /^optimizer\.learningRate: expected a number > 0, found -1\./],
    [
      ['--branch', `${id}@10`, '--set', 'learningRate'],
      /expected a key and a value, for example optimizer\.learningRate=0\.004, found "learningRate"/,
    ],
    [['--branch', `${id}@10`, '--max-grad-norm', 'none'], /expected a number > 0, found "none"\. For no clipping: off/],
    [['--branch', `${id}@10`, '--estimator', 'oppo'], /^estimators\[0\]: .*"oppo"/],
    [['tiny.otb.json', '--branch', `${id}@10`], /tiny\.otb\.json:\d+:\d+: policy: the weights/],
    [['tiny.otb.json', '--learning-rate', '1'], /--learning-rate can be given with --branch only\./],
    [[], /missing required argument 'config'/],
  ] as const) {
    const { code, stderr } = await otb(['run', ...args], { cwd });
    assert.equal(code, 2, `${args.join(' ')}: ${stderr}`);
    assert.match(stderr, told);
  }
  assert.deepEqual(
    readdirSync(defaultRunsDir(cwd)).filter((name) => !name.includes('.')),
    [id],
  );
});

/** A run that collapses in a few seconds, and branches by itself. */
function writeCollapsing(cwd: string, changes: Readonly<Record<string, unknown>> = {}): void {
  const preset = readFileSync(path.join(packageRoot(), 'presets', 'demo.otb.json'), 'utf8');
  const extra = Object.entries({ onCollapse: 'branch', ...changes }).map(
    ([key, value]) => `${JSON.stringify(key)}: ${JSON.stringify(value)}, `,
  );
  writeFileSync(path.join(cwd, 'branch.otb.json'), preset.replace('"steps": 600,', `"steps": 600, ${extra.join('')}`));
}

test(
  'a run with onCollapse "branch" ends at its collapse, and goes on from before it with the token baseline, once',
  { timeout: 600_000 },
  async (t) => {
    const cwd = temporaryFolder(t);
    writeCollapsing(cwd, { checkpoint: { every: 10 } });
    const { code, stdout, stderr } = await otb(['run', 'branch.otb.json', '--estimator', 'dr_grpo', '--seed', '1', '--json'], { cwd });
    assert.equal(code, 0, stderr);
    const [parent, branch, ...others] = rowsOf(stdout);
    assert.ok(parent && branch);
    assert.equal(others.length, 0);
    assert.equal(parent.reason, 'collapsed');
    assert.ok(parent.onsetStep !== null);
    const step = Math.floor((parent.onsetStep - 1) / 10) * 10;
    assert.match(
      parent.message ?? '',
      new RegExp(`because onCollapse is "branch" .*A branch with tir_optimal_token_baseline begins at the checkpoint of step ${step}\\.`),
    );
    assert.deepEqual(branch.branchedFrom, { id: path.basename(parent.dir), dir: parent.dir, step });
    assert.equal(branch.estimator, 'tir_optimal_token_baseline');
    assert.equal(configOf(branch.dir).config['onCollapse'], 'stop');
    assert.equal(branch.process, 'finished');
  },
);
