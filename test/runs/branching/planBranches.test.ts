import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import type { RunConfig } from '../../../src/core/config/config.ts';
import { runFiles } from '../../../src/core/records/run.ts';
import { branchPointOf, readBranchSource } from '../../../src/runs/branching/branchSource.ts';
import type { BranchSource } from '../../../src/runs/branching/branchSource.ts';
import { planBranches } from '../../../src/runs/branching/planBranches.ts';
import type { BranchOptions } from '../../../src/runs/branching/planBranches.ts';
import { readCheckpoint } from '../../../src/runs/branching/runPast.ts';
import { parseConfig } from '../../../src/runs/config/loadConfig.ts';
import { listCheckpoints, writeCheckpoint } from '../../../src/runs/directory/checkpoints.ts';
import { examplePlans, exampleRecord, temporaryFolder } from '../exampleRun.ts';

async function sourceOf(keys: Record<string, unknown> = {}, steps: readonly number[] = [2, 4]): Promise<BranchSource> {
  const cwd = temporaryFolder();
  const [plan] = examplePlans(cwd, { seeds: [3], ...keys });
  assert.ok(plan);
  const dir = path.join(cwd, '.otb', 'runs', plan.id);
  mkdirSync(path.join(dir, runFiles.checkpoints), { recursive: true });
  writeFileSync(path.join(dir, runFiles.run), JSON.stringify(exampleRecord({ ...plan, cwd })));
  for (const step of steps) writeCheckpoint(dir, step, { 'state.json': `{"step":${step}}` });
  return readBranchSource(dir);
}

const options = (changes: Partial<BranchOptions> = {}): BranchOptions => ({ step: null, git: null, ...changes });
const set = (changes: Readonly<Record<string, unknown>>) => options({ changes: new Map(Object.entries(changes)) });

describe('the checkpoint that a branch begins from', () => {
  it('has its files, and no links that lead nowhere', async () => {
    const { dir } = await sourceOf();
    const checkpoint = listCheckpoints(dir).find(({ step }) => step === 2);
    assert.ok(checkpoint);
    symlinkSync('gone', path.join(checkpoint.dir, 'link'));
    assert.deepEqual(Object.keys(readCheckpoint({ id: 'x', dir, step: 2 })), ['state.json']);
  });
});

describe('a planned branch', () => {
  it('is a run of the same group with the config of its run, what is changed aside', async () => {
    const source = await sourceOf();
    const changes = new Map<string, unknown>([['optimizer.learningRate', 0.001]]);
    const [branch, ...others] = planBranches(source, options({ step: 2, estimators: ['opo'], changes }));
    assert.equal(others.length, 0);
    assert.ok(branch);
    const { record, dir } = source;
    assert.equal(branch.group, record.group);
    assert.equal(branch.id, `${record.group}-opo-s3-b2`);
    assert.deepEqual(branch.branchedFrom, { id: record.id, dir, step: 2 });
    const config = record.config as RunConfig;
    assert.deepEqual(branch.config, { ...config, estimator: 'opo', optimizer: { ...config.optimizer, learningRate: 0.001 } });
    // The line of the file that names another estimator is none of its lines.
    assert.equal(record.configLines['estimator'], 1);
    assert.equal(branch.configLines['estimator'], undefined);
  });

  it('is called otherwise than every other, also one that has not begun', async () => {
    const source = await sourceOf();
    const ids = planBranches(source, options({ estimators: ['opo', 'opo'] })).map(({ id }) => id);
    assert.deepEqual(ids, [`${source.record.group}-opo-s3-b4`, `${source.record.group}-opo-s3-b4-2`]);
    mkdirSync(path.join(path.dirname(source.dir), ids[0] as string));
    assert.equal(planBranches(source, options({ estimators: ['opo'] }))[0]?.id, ids[1]);
  });

  it('never branches by itself', async () => {
    const source = await sourceOf({ onCollapse: 'branch' });
    assert.equal(planBranches(source, options())[0]?.config.onCollapse, 'stop');
    assert.equal(planBranches(source, set({ onCollapse: 'warn' }))[0]?.config.onCollapse, 'warn');
  });

  it('keeps task, policy and seed, and says why', async () => {
    const source = await sourceOf();
    assert.throws(
      () => planBranches(source, set({ 'policy.width': 64 })),
      /^ConfigError: policy\.width: the weights in the checkpoint fit no other policy\./,
    );
    assert.throws(() => planBranches(source, set({ 'task.maxTurns': 4 })), /task\.maxTurns: a branch goes on with the task/);
    assert.throws(() => planBranches(source, set({ estimator: 'opo' })), /estimator: .* Write --estimator NAME\./);
    assert.equal(planBranches(source, options({ seeds: [9] }))[0]?.config.seed, 9);
  });

  it('of a transformer keeps the length of its responses too', async () => {
    const transformer = await sourceOf({ policy: { kind: 'transformer', width: 16, layers: 1, heads: 2 } });
    const longer = set({ 'rollout.maxResponseTokens': 900 });
    assert.equal((planBranches(await sourceOf(), longer)[0]?.config as RunConfig).rollout.maxResponseTokens, 900);
    assert.throws(
      () => planBranches(transformer, longer),
      /rollout\.maxResponseTokens: the transformer in the checkpoint was made for responses of 800 tokens/,
    );
    assert.equal(planBranches(transformer, set({ 'rollout.groupSize': 4 })).length, 1);
  });

  it('is checked like any config', async () => {
    const source = await sourceOf();
    assert.throws(
      () => planBranches(source, set({ 'optimizer.learningRate': 'fast' })),
      /^ConfigError: optimizer\.learningRate: expected a number > 0, found "fast"\./,
    );
    assert.throws(() => planBranches(source, set({ 'optimizer.learnRate': 1 })), /optimizer\.learnRate: unknown key\. Did you mean/);
    assert.throws(() => planBranches(source, options({ estimators: ['no_such'] })), /^ConfigError: estimators\[0\]: /);
  });

  it('has steps to take', async () => {
    const source = await sourceOf({}, [2, 5]);
    assert.throws(
      () => planBranches(source, options()),
      /a branch from step 5 has no step to take: its config ends at step 5\. Give more steps, for example --steps 10/,
    );
    assert.equal(planBranches(source, set({ steps: 9 }))[0]?.config.steps, 9);
  });

  it('can have what another config says, as far as that fits', async () => {
    const source = await sourceOf();
    const beside = (keys: Record<string, unknown>) =>
      options({ config: parseConfig(JSON.stringify({ name: 'other', steps: 50, estimators: ['opo', 'rloo'], ...keys }), 'b.otb.json') });
    const branches = planBranches(source, beside({ optimizer: { maxGradNorm: 2 } }));
    assert.deepEqual(
      branches.map(({ estimator, name, configFile, config }) => [estimator, name, configFile, config.steps]),
      ['opo', 'rloo'].map((estimator) => [estimator, 'example', path.resolve('b.otb.json'), 50]),
    );
    assert.equal((branches[0]?.config as RunConfig).optimizer.maxGradNorm, 2);
    assert.throws(
      () => planBranches(source, beside({ policy: { kind: 'gru', width: 64 } })),
      /^ConfigError: b\.otb\.json:1:\d+: policy: the weights/,
    );
    assert.throws(
      () => planBranches(source, beside({ trainer: 'command', command: ['x'] })),
      /b\.otb\.json:1:\d+: trainer: no other trainer can read the checkpoint/,
    );
  });

  it('begins at a checkpoint that there is', async () => {
    const source = await sourceOf();
    assert.equal(branchPointOf(source, null).step, 4);
    assert.throws(() => branchPointOf(source, 3), /: there is no checkpoint of step 3\. The nearest are those of step 2 and 4\.$/);
    const none = await sourceOf({}, []);
    assert.throws(() => branchPointOf(none, null), /: there is no checkpoint to branch from\. To have some, .*"checkpoint\.every"/);
  });
});
