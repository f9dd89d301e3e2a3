import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, describe, it } from 'node:test';
import type { RunConfig } from '../../src/core/config/config.ts';
import type { EstimatorName } from '../../src/core/estimators/estimator.ts';
import { parseEvent } from '../../src/core/records/events.ts';
import { parseMetrics } from '../../src/core/records/metrics.ts';
import type { BranchOrigin, ExitRecord, LaunchRequest } from '../../src/core/records/run.ts';
import { parseRunRecord } from '../../src/core/records/runRecord.ts';
import { listCheckpoints } from '../../src/runs/directory/checkpoints.ts';
import { dist } from './engines/wasm/tinyEngine.ts';
import { tinyRunConfig } from './tinyRunConfig.ts';

const folder = mkdtempSync(path.join(os.tmpdir(), 'otb-branch-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const cacheDir = path.join(folder, 'cache');
const runConfig: RunConfig = {
  ...tinyRunConfig,
  estimator: 'reinforce',
  steps: 30,
  rollout: { ...tinyRunConfig.rollout, promptsPerStep: 8, groupSize: 8 },
};

function request(name: string, changes: Partial<RunConfig> = {}, branchedFrom?: BranchOrigin): LaunchRequest & { kind: 'start' } {
  const config = { ...runConfig, ...changes };
  const { estimator, seed } = config;
  const place = { configFile: null, configLines: {}, cwd: folder, git: null };
  const run = { id: name, name: 'tests', group: 'tests', estimator, seed, config, ...place, ...(branchedFrom && { branchedFrom }) };
  return { kind: 'start', runDir: path.join(folder, name), run, engine: 'wasm-simd', threads: 1, cacheDir };
}

async function train(of: LaunchRequest): Promise<{ readonly code: number; readonly stderr: string }> {
  const child = spawn(process.execPath, [path.join(dist, 'trainer.mjs')], { stdio: ['pipe', 'ignore', 'pipe'] });
  child.stdin.end(JSON.stringify(of));
  const [stderr, [code]] = await Promise.all([text(child.stderr), once(child, 'exit') as Promise<[number]>]);
  return { code, stderr };
}

const linesOf = (dir: string, file: string): readonly string[] => readFileSync(path.join(dir, file), 'utf8').trimEnd().split('\n');

/** Without what depends on the clock. */
function metricsOf(dir: string): unknown[] {
  return linesOf(dir, 'metrics.jsonl').map((line) => {
    const { step, data } = parseMetrics(line) ?? assert.fail(line);
    return [step, Object.fromEntries(Object.entries(data).filter(([key]) => !/^(?:timing_s\/|perf\/throughput)/.test(key)))];
  });
}

const exitOf = (dir: string): ExitRecord => JSON.parse(readFileSync(path.join(dir, 'exit.json'), 'utf8')) as ExitRecord;
const parent = path.join(folder, 'parent');
const from = (step: number, dir = parent): BranchOrigin => ({ id: path.basename(dir), dir, step });

describe('a branch', () => {
  before(async () => assert.equal((await train(request('parent'))).code, 0));

  it('in which nothing is changed goes on as its run did, bit for bit, and begins with what that had logged', async () => {
    const whole = readFileSync(path.join(parent, 'metrics.jsonl'), 'utf8');
    const { runDir, ...rest } = request('same', {}, from(10));
    assert.equal((await train({ runDir, ...rest })).code, 0);
    assert.deepEqual(metricsOf(runDir), metricsOf(parent));
    assert.deepEqual(linesOf(runDir, 'metrics.jsonl').slice(0, 10), linesOf(parent, 'metrics.jsonl').slice(0, 10));
    assert.equal(readFileSync(path.join(parent, 'metrics.jsonl'), 'utf8'), whole);
    assert.deepEqual(
      listCheckpoints(runDir).map(({ step }) => step),
      [10, 20, 30],
    );
  });

  it('has the engine of its run where none is named, and says so', async () => {
    const { runDir, ...rest } = request('engine', { steps: 11 }, from(10));
    assert.equal((await train({ runDir, ...rest, engine: 'auto' })).code, 0);
    const { engine, engineReason } = JSON.parse(readFileSync(path.join(runDir, 'run.json'), 'utf8')) as Record<string, unknown>;
    assert.deepEqual([engine, engineReason], ['wasm-simd', 'the one that parent began with']);
  });

  it('says where it comes from, in its record and as its first event', async () => {
    const { runDir, ...rest } = request(
      'told',
      { estimator: 'dr_grpo', optimizer: { ...runConfig.optimizer, learningRate: 1e-3 } },
      from(20),
    );
    assert.equal((await train({ runDir, ...rest })).code, 0);
    const record = parseRunRecord(readFileSync(path.join(runDir, 'run.json'), 'utf8'));
    assert.ok(typeof record !== 'string', String(record));
    assert.deepEqual(record.branchedFrom, from(20));
    const [branched, started] = linesOf(runDir, 'events.jsonl').map(parseEvent);
    assert.equal(branched?.type, 'branched');
    assert.equal(branched.step, 20);
    assert.deepEqual(branched.data, { from: 'parent', dir: parent, step: 20, estimator: 'dr_grpo', 'optimizer.learningRate': 1e-3 });
    assert.equal(started?.type, 'started');
    assert.equal(started.step, 20);
  });

  it('goes on with another estimator from the very policy of its run, which it needs no more', async () => {
    const copy = path.join(folder, 'copied');
    assert.equal((await train(request('copied'))).code, 0);
    const first = request('alone', { estimator: 'tir_optimal_token_baseline' satisfies EstimatorName }, from(10, copy));
    assert.equal((await train({ ...first, run: { ...first.run, config: { ...first.run.config, steps: 15 } as RunConfig } })).code, 0);
    const past = metricsOf(first.runDir).slice(0, 10);
    assert.deepEqual(past, metricsOf(copy).slice(0, 10));
    assert.notDeepEqual(metricsOf(first.runDir)[14], metricsOf(copy)[14]);
    // The same prompts and the same policy at the first step: only the advantages differ.
    const scoreAt = (dir: string): unknown => (metricsOf(dir)[10] as [number, Record<string, number>])[1]['critic/score/mean'];
    assert.equal(scoreAt(first.runDir), scoreAt(copy));
    rmSync(copy, { recursive: true });
    // As if it had been killed after step 15.
    rmSync(path.join(first.runDir, 'exit.json'));
    const record = path.join(first.runDir, 'run.json');
    writeFileSync(record, readFileSync(record, 'utf8').replace('"steps": 15', '"steps": 20'));
    assert.equal((await train({ kind: 'resume', runDir: first.runDir, threads: 1, cacheDir })).code, 0);
    assert.equal(exitOf(first.runDir).reason, 'completed');
    assert.equal(metricsOf(first.runDir).length, 20);
  });

  it('of a branch begins with the past of both', async () => {
    assert.equal((await train(request('second', { estimator: 'dr_grpo' }, from(10)))).code, 0);
    const third = request('third', { estimator: 'opo' }, from(20, path.join(folder, 'second')));
    assert.equal((await train(third)).code, 0);
    assert.deepEqual(metricsOf(third.runDir).slice(0, 20), metricsOf(path.join(folder, 'second')).slice(0, 20));
    assert.equal(metricsOf(third.runDir).length, 30);
  });

  it('from a checkpoint that is broken, or not there, does not begin, and says which file and what to do', async () => {
    const broken = path.join(folder, 'broken');
    assert.equal((await train(request('broken'))).code, 0);
    const policy = path.join(broken, 'checkpoints/step-000010/policy.safetensors');
    truncateSync(policy, 300);
    const cut = await train(request('of-broken', {}, from(10, broken)));
    assert.equal(cut.code, 1);
    assert.match(
      cut.stderr,
      /step-000010.policy\.safetensors: the checkpoint cannot be used: .*cut off.*\. Branch from another checkpoint of the run\./,
    );
    assert.equal(existsSync(path.join(folder, 'of-broken', 'run.json')), false);
    copyFileSync(path.join(broken, 'checkpoints/step-000020/state.json'), path.join(broken, 'checkpoints/step-000010/state.json'));
    rmSync(policy);
    assert.match(
      (await train(request('of-none', {}, from(10, broken)))).stderr,
      /policy\.safetensors: the checkpoint cannot be used: it is not there/,
    );
    assert.match((await train(request('of-gone', {}, from(15, broken)))).stderr, /the checkpoint of step 15 is gone\. Branch from another/);
    assert.match(
      (await train(request('of-nobody', {}, from(10, `${broken}-s`)))).stderr,
      /the run to branch from cannot be read any more: .*\. Put it back/,
    );
  });

  it('with another policy is refused by its weights', async () => {
    const { code, stderr } = await train(request('other', { policy: { kind: 'gru', width: 16, truncateBackpropEvery: null } }, from(10)));
    assert.equal(code, 1);
    assert.match(stderr, /policy\.safetensors: the checkpoint cannot be used/);
  });
});
