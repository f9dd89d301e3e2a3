import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { after, describe, it } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import type { RunConfig } from '../../src/core/config/config.ts';
import { parseMetrics } from '../../src/core/records/metrics.ts';
import type { ExitRecord, LaunchRequest } from '../../src/core/records/run.ts';
import { demonstrator, dist, smallGru } from './engines/wasm/tinyEngine.ts';
import { tinyRunConfig } from './tinyRunConfig.ts';

const folder = mkdtempSync(path.join(os.tmpdir(), 'otb-run-'));
after(() => rmSync(folder, { recursive: true, force: true }));

function startTrainer(request: LaunchRequest, stderr: 'inherit' | 'pipe' = 'inherit'): ChildProcess {
  const child = spawn(process.execPath, [path.join(dist, 'trainer.mjs')], { stdio: ['pipe', 'ignore', stderr] });
  child.stdin!.end(JSON.stringify(request));
  return child;
}

function startRequest(name: string, threads: number, overrides: Partial<RunConfig> = {}): LaunchRequest {
  const runConfig = { ...tinyRunConfig, ...overrides };
  const run = {
    id: name,
    name,
    group: 'tests',
    estimator: runConfig.estimator,
    seed: runConfig.seed,
    config: runConfig,
    configFile: null,
    configLines: {},
    cwd: folder,
    git: null,
  };
  return {
    kind: 'start',
    runDir: path.join(folder, name),
    run,
    engine: 'wasm-simd',
    threads,
    cacheDir: path.join(folder, `cache-${name}`),
  };
}

async function train(request: LaunchRequest): Promise<string> {
  const child = startTrainer(request);
  const [code] = (await once(child, 'exit')) as [number];
  assert.equal(code, 0);
  return request.runDir;
}

/** The metrics by step, the later line winning, without what depends on the clock. */
function metricsOf(runDir: string): Map<number, Record<string, number>> {
  const lines = readFileSync(path.join(runDir, 'metrics.jsonl'), 'utf8')
    .split('\n')
    .filter((line) => line !== '');
  return new Map(
    lines.map((line) => {
      const { step, data } = parseMetrics(line)!;
      return [step, Object.fromEntries(Object.entries(data).filter(([key]) => !key.startsWith('timing_s/') && key !== 'perf/throughput'))];
    }),
  );
}

const exitOf = (runDir: string): ExitRecord => JSON.parse(readFileSync(path.join(runDir, 'exit.json'), 'utf8')) as ExitRecord;

async function stepsReached(child: ChildProcess, runDir: string, steps: number): Promise<void> {
  const file = path.join(runDir, 'metrics.jsonl');
  while (!existsSync(file) || readFileSync(file, 'utf8').split('\n').length <= steps) {
    assert.equal(child.exitCode, null, `the trainer ended before step ${steps}`);
    await setTimeout(5);
  }
}

describe('a run', () => {
  it('leaves the same metrics, bit for bit, for 1, 2 and 4 threads', async () => {
    const one = metricsOf(await train(startRequest('threads-1', 1)));
    assert.equal(one.size, tinyRunConfig.steps);
    assert.ok([...one.values()].some((data) => data['actor/grad_norm']! > 0));
    assert.deepEqual(metricsOf(await train(startRequest('threads-2', 2))), one);
    assert.deepEqual(metricsOf(await train(startRequest('threads-4', 4))), one);
  });

  for (const policy of [smallGru, { kind: 'transformer', width: 16, layers: 1, heads: 2 } as const]) {
    it(`with a ${policy.kind} that was killed and resumed equals one that never stopped`, async () => {
      const whole = metricsOf(await train(startRequest(`whole-${policy.kind}`, 1, { policy })));
      const request = startRequest(`killed-${policy.kind}`, 1, { policy, steps: 40 });
      const child = startTrainer(request);
      await stepsReached(child, request.runDir, 14);
      child.kill('SIGKILL');
      await once(child, 'exit');
      assert.equal(existsSync(path.join(request.runDir, 'exit.json')), false);
      await train({ kind: 'resume', runDir: request.runDir, threads: 1, cacheDir: request.cacheDir });
      assert.deepEqual(metricsOf(request.runDir), whole);
      assert.equal(exitOf(request.runDir).reason, 'completed');
    });
  }

  it('stops on request after the current step, keeps a checkpoint there, and can go on', async () => {
    const request = startRequest('stopped', 1, { steps: 4000 });
    const child = startTrainer(request);
    await stepsReached(child, request.runDir, 3);
    writeFileSync(path.join(request.runDir, 'control/stop'), '');
    await once(child, 'exit');
    const { reason, lastStep, code } = exitOf(request.runDir);
    assert.deepEqual({ reason, code }, { reason: 'stopped', code: 0 });
    assert.equal(Math.max(...metricsOf(request.runDir).keys()), lastStep);
    assert.ok(existsSync(path.join(request.runDir, `checkpoints/step-${String(lastStep).padStart(6, '0')}/policy.safetensors`)));

    const resumed = startTrainer({ kind: 'resume', runDir: request.runDir, threads: 1, cacheDir: request.cacheDir });
    await stepsReached(resumed, request.runDir, lastStep + 3);
    resumed.kill('SIGTERM');
    await once(resumed, 'exit');
    assert.equal(exitOf(request.runDir).reason, 'stopped');
    assert.ok(exitOf(request.runDir).lastStep > lastStep);
  });

  it('is the same whether it trained its warm start or read it from the cache', async () => {
    const first = startRequest('warm-trained', 1);
    const second = { ...startRequest('warm-read', 1), cacheDir: first.cacheDir };
    await train(first);
    await train(second);
    assert.equal(readdirSync(first.cacheDir).length, 1);
    assert.deepEqual(metricsOf(second.runDir), metricsOf(first.runDir));
  });

  it('goes on with the engine that it began with, or says plainly why it cannot and what to do', async () => {
    const request = startRequest('other-engine', 1, { steps: 1 });
    await train(request);
    rmSync(path.join(request.runDir, 'exit.json'));
    const record = path.join(request.runDir, 'run.json');
    writeFileSync(record, readFileSync(record, 'utf8').replace('"engine": "wasm-simd"', '"engine": "cray-1"'));
    const child = startTrainer({ kind: 'resume', runDir: request.runDir, threads: 1, cacheDir: request.cacheDir }, 'pipe');
    const [said, [code]] = await Promise.all([text(child.stderr!), once(child, 'exit')]);
    assert.equal(code, 1);
    assert.match(
      said,
      /^There is no engine "cray-1"\. Run other-engine began with it and goes on with no other\. .*: otb run --branch other-engine --engine wasm-simd\.$/m,
    );
  });

  it('says last on standard error why it could not say how it ended', async () => {
    const request = startRequest('no-exit', 1, { steps: 1 });
    mkdirSync(path.join(request.runDir, 'exit.json'), { recursive: true });
    const child = startTrainer(request, 'pipe');
    const [said, [code]] = await Promise.all([text(child.stderr!), once(child, 'exit')]);
    assert.equal(code, 1);
    assert.match(said.trimEnd().split('\n').at(-1)!, /exit\.json: cannot be written: .*resume the run\.$/);
  });

  it('is trained by one process, however many are told to go on with it, and those who told them are gone', async () => {
    const request = startRequest('one-at-a-time', 1, { steps: 4000 });
    const first = startTrainer(request);
    await stepsReached(first, request.runDir, 12);
    first.kill('SIGKILL');
    await once(first, 'exit');
    const resume: LaunchRequest = { kind: 'resume', runDir: request.runDir, threads: 1, cacheDir: request.cacheDir };
    // Nobody waits for them to say that they have started.
    const trainers = Array.from({ length: 3 }, () => startTrainer(resume, 'pipe'));
    const ends = trainers.map(async (child) => {
      const [said, [code]] = (await Promise.all([text(child.stderr!), once(child, 'exit')])) as [string, [number]];
      return { child, code, said };
    });
    while (trainers.filter(({ exitCode }) => exitCode === null).length > 1) await setTimeout(20);
    const worker = trainers.find(({ exitCode }) => exitCode === null)!;
    await stepsReached(worker, request.runDir, 30);
    const late = startTrainer(resume, 'pipe');
    assert.match(await text(late.stderr!), new RegExp(`the run is still running, in process ${worker.pid}\\.`));
    worker.kill('SIGTERM');
    for (const { code, said, child } of await Promise.all(ends)) {
      assert.equal(code, child === worker ? 0 : 1, said);
      if (child !== worker) assert.match(said, /the run is still running/);
    }
    const starts = readFileSync(path.join(request.runDir, 'events.jsonl'), 'utf8').match(/"type":"started"/g);
    assert.equal(starts?.length, 2);
  });

  it('goes on where its directory was moved to, and says so', { skip: process.platform !== 'linux' }, async () => {
    const request = startRequest('moved', 1);
    const moved = `${request.runDir}-elsewhere`;
    const child = startTrainer(request);
    await stepsReached(child, request.runDir, 3);
    renameSync(request.runDir, moved);
    const [code] = (await once(child, 'exit')) as [number];
    assert.equal(code, 0);
    assert.equal(metricsOf(moved).size, tinyRunConfig.steps);
    assert.equal(exitOf(moved).reason, 'completed');
    assert.match(exitOf(moved).message, /moved or renamed during the run, to .*moved-elsewhere/);
    assert.ok(!existsSync(request.runDir));
  });

  it('that fails says at which step, and why', async () => {
    const request = startRequest('fails', 1, { steps: 4000 });
    const child = startTrainer(request, 'pipe');
    child.stderr!.resume();
    await stepsReached(child, request.runDir, 12);
    child.kill('SIGSTOP');
    rmSync(path.join(request.runDir, 'checkpoints'), { recursive: true });
    writeFileSync(path.join(request.runDir, 'checkpoints'), '');
    child.kill('SIGCONT');
    await once(child, 'exit');
    const { reason, lastStep, message } = exitOf(request.runDir);
    assert.equal(reason, 'failed');
    assert.equal(lastStep, Math.max(...metricsOf(request.runDir).keys()));
    assert.match(message, /checkpoints: this is a file instead of a folder/);
  });

  it('ends when nothing has scored for a while, if the config says so', async () => {
    const runDir = await train(startRequest('dead', 1, { earlyStop: { scoreBelow: 2, steps: 5 } }));
    const { reason, lastStep, message } = exitOf(runDir);
    assert.deepEqual({ reason, lastStep }, { reason: 'dead', lastStep: 5 });
    assert.match(message, /below 2 for 5 steps/);
  });

  it('ends as diverged when the policy is no longer a number, and logs that in valid JSON', async () => {
    const runDir = await train(startRequest('diverged', 1, { warmStart: { ...demonstrator, learningRate: 1e39 } }));
    const { reason, code } = exitOf(runDir);
    assert.deepEqual({ reason, code }, { reason: 'diverged', code: 0 });
    const last = readFileSync(path.join(runDir, 'metrics.jsonl'), 'utf8').trimEnd().split('\n').at(-1)!;
    assert.doesNotThrow(() => JSON.parse(last) as unknown);
    assert.match(readFileSync(path.join(runDir, 'events.jsonl'), 'utf8'), /"type":"nan"/);
  });
});
