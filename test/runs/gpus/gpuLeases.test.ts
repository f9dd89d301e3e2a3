import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { GpuLeases } from '../../../src/runs/gpus/gpuLeases.ts';
import { eventually, temporaryFolder } from '../exampleRun.ts';
import { fakeNvidia, uuidOf, withTools } from './fakeTools.ts';
import type { FakeGpu } from './fakeTools.ts';

const all = { pool: 'all', count: 1 } as const;
const grpo = { runDir: '/runs/1', title: 'grpo seed 1 of qwen' };
const opo = { runDir: '/runs/2', title: 'opo seed 2 of qwen' };
const four: readonly FakeGpu[] = [{}, {}, {}, {}];

function leasesOf(
  gpus: readonly FakeGpu[] = four,
  more: NodeJS.ProcessEnv = {},
): { readonly leases: GpuLeases; readonly env: NodeJS.ProcessEnv } {
  const env = { ...fakeNvidia(gpus).env, ...more };
  return { leases: new GpuLeases(env), env };
}

/** A process of this file, that does so with the leases. */
function startProcess(does: string, env: NodeJS.ProcessEnv): ChildProcess {
  return spawn(process.execPath, [fileURLToPath(import.meta.url)], {
    env: { ...process.env, ...env, OTB_TEST_LEASES: does },
    stdio: ['pipe', 'ignore', 'inherit'],
  });
}

const endOf = (child: ChildProcess): Promise<number | null> => new Promise((resolve) => child.once('exit', (code) => resolve(code)));

/** Takes GPUs for so many runs, all at once, and gives each back after a while; ends in an error where somebody else uses one meanwhile. */
async function takeMany(from: number, count: number): Promise<void> {
  const leases = new GpuLeases();
  const marks = process.env['OTB_TEST_MARKS'] ?? '';
  const takeOne = async (run: number): Promise<void> => {
    const runDir = `/runs/${run}`;
    for (;;) {
      const choice = await leases.take({ pool: 'all', count: 1 + (run % 2) }, { runDir, title: `run ${run}` });
      if (choice.kind === 'taken') {
        const files = choice.gpus.map((index) => path.join(marks, `gpu-${index}`));
        for (const file of files) writeFileSync(file, String(run), { flag: 'wx' });
        await delay(5);
        for (const file of files) rmSync(file);
        writeFileSync(path.join(marks, `run-${run}`), choice.gpus.join(','), { flag: 'wx' });
        return leases.release(runDir);
      }
      await delay(10 + Math.random() * 20);
    }
  };
  await Promise.all(Array.from({ length: count }, (_, index) => takeOne(from + index)));
}

/** Holds the GPUs of a run until it is killed. */
async function holdFor(runDir: string): Promise<void> {
  const gpus = await new GpuLeases().hold(runDir);
  writeFileSync(process.env['OTB_TEST_MARKS'] ?? '', JSON.stringify(gpus ?? null));
  process.stdin.resume();
  await new Promise(() => undefined);
}

function tests(): void {
  it('are taken, lowest first, by one run at a time, and free when they are given back', async () => {
    const { leases } = leasesOf();
    assert.deepEqual(await leases.take({ pool: 'all', count: 3 }, grpo), { kind: 'taken', gpus: [0, 1, 2] });
    assert.deepEqual(await leases.take(all, opo), { kind: 'taken', gpus: [3] });
    assert.deepEqual(
      (await leases.whoHas()).map(({ gpus, runDir, title, holders }) => ({ gpus, runDir, title, holders: holders.map(({ pid }) => pid) })),
      [
        { gpus: [0, 1, 2], ...grpo, holders: [process.pid] },
        { gpus: [3], ...opo, holders: [process.pid] },
      ],
    );
    await leases.release(grpo.runDir);
    assert.deepEqual(
      (await leases.whoHas()).map(({ gpus }) => gpus),
      [[3]],
    );
    assert.deepEqual(await leases.take(all, { runDir: '/runs/3', title: '' }), { kind: 'taken', gpus: [0] });
  });

  it('are those that a run has already, however often it asks', async () => {
    const { leases } = leasesOf();
    await leases.take({ pool: 'all', count: 2 }, grpo);
    assert.deepEqual(await leases.take({ pool: 'all', count: 2 }, grpo), { kind: 'taken', gpus: [0, 1] });
    assert.equal((await leases.whoHas()).length, 1);
  });

  it('that are taken are waited for, and the reason says who has them', async () => {
    const { leases } = leasesOf();
    await leases.take({ pool: [0, 1], count: 2 }, grpo);
    assert.deepEqual(await leases.take({ pool: [0, 1], count: 2 }, opo), {
      kind: 'waits',
      why: '2 GPUs: 0 and 1 are taken by grpo seed 1 of qwen',
    });
    assert.deepEqual(await leases.take({ pool: [1, 2], count: 2 }, opo), {
      kind: 'waits',
      why: '2 GPUs: only 2 is free, 1 is taken by grpo seed 1 of qwen',
    });
    assert.deepEqual(await leases.take({ pool: [1], count: 1 }, opo), { kind: 'waits', why: 'a GPU: 1 is taken by grpo seed 1 of qwen' });
  });

  it('that another program uses are not free for "all", and are taken where they are named', async () => {
    const { leases } = leasesOf([
      { used: 40_000, processes: { 4242: 39_500 } },
      { used: 30_000 },
      { used: 20_000, processes: { 1: 10_000, 2: 9000 } },
      { used: 600, processes: { 5: '[N/A]' } },
    ]);
    assert.deepEqual(await leases.take(all, grpo), {
      kind: 'waits',
      why: [
        'a GPU: 0 is in use by another program (python3, process 4242, 39.1 GiB)',
        '1 is in use by another program (29.3 GiB)',
        '2 is in use by other programs (2 processes, 19.5 GiB)',
        '3 is in use by another program (python3, process 5, 600 MiB)',
      ].join(', '),
    });
    assert.deepEqual(await leases.take({ pool: [0, 2], count: 2 }, grpo), { kind: 'taken', gpus: [0, 2] });
  });

  it('of which a desktop or an idle driver takes some memory are free', async () => {
    const { leases } = leasesOf([{ used: 745, total: 6144, display: true }, { used: 450 }]);
    assert.deepEqual(await leases.take({ pool: 'all', count: 2 }, grpo), { kind: 'taken', gpus: [0, 1] });
  });

  it('are looked at anew before they are taken: a program may have begun, or ended, meanwhile', async () => {
    const nvidia = fakeNvidia([{}, {}]);
    const leases = new GpuLeases(nvidia.env);
    await leases.take(all, grpo);
    await leases.release(grpo.runDir);
    nvidia.set([{ used: 9000 }, {}]);
    assert.deepEqual(await leases.take(all, opo), { kind: 'taken', gpus: [1] });
  });

  const visible: readonly (readonly [string, NodeJS.ProcessEnv, readonly number[]])[] = [
    ['indices', { CUDA_VISIBLE_DEVICES: '2,1' }, [1, 2]],
    ['a UUID', { CUDA_VISIBLE_DEVICES: uuidOf(3) }, [3]],
    ['the beginning of a UUID', { CUDA_VISIBLE_DEVICES: `${uuidOf(2).slice(0, 12)}, 0` }, [0, 2]],
    ['what is not there, which ends the list as in CUDA', { CUDA_VISIBLE_DEVICES: '3,7,0' }, [3]],
  ];
  for (const [what, env, gpus] of visible) {
    it(`are no more than CUDA_VISIBLE_DEVICES leaves, which names ${what}`, async () => {
      const { leases } = leasesOf(four, env);
      const choice = await leases.take({ pool: 'all', count: gpus.length }, grpo);
      assert.deepEqual(choice.kind === 'taken' && choice.gpus.toSorted((a, b) => a - b), gpus);
    });
  }

  const impossible: readonly (readonly [string, Parameters<GpuLeases['take']>[0], NodeJS.ProcessEnv, RegExp])[] = [
    [
      'an index that there is not',
      { pool: [0, 4], count: 1 },
      {},
      /^"gpus" names GPU 4, but this machine has GPUs 0, 1, 2 and 3\. Write indices that are there, or "gpus": "all"\./,
    ],
    ['more than there are', { pool: 'all', count: 5 }, {}, /^each run takes 5 GPUs, but this machine has 4 GPUs\. Lower "gpusPerRun"\.$/],
    [
      'more than the environment leaves',
      { pool: 'all', count: 2 },
      { CUDA_VISIBLE_DEVICES: '1' },
      /^each run takes 2 GPUs, but CUDA_VISIBLE_DEVICES leaves GPU 1\. Unset CUDA_VISIBLE_DEVICES or name more GPUs in it/,
    ],
    [
      'others than the environment leaves',
      { pool: [0, 1], count: 2 },
      { CUDA_VISIBLE_DEVICES: '1,2' },
      /^each run takes 2 GPUs, but CUDA_VISIBLE_DEVICES leaves GPUs 1 and 2, and of those in "gpus" GPU 1\. Unset/,
    ],
    ['any, where the environment leaves none', all, { CUDA_VISIBLE_DEVICES: '' }, /CUDA_VISIBLE_DEVICES leaves no GPU\./],
    [
      'whole ones, where the environment names parts',
      all,
      { CUDA_VISIBLE_DEVICES: 'MIG-1' },
      /^CUDA_VISIBLE_DEVICES names MIG-1, a part of a GPU, and only whole ones can be shared out\. Remove "gpus"/,
    ],
    [
      'any, on a machine without',
      all,
      withTools({}),
      /^"gpus" asks for a GPU, but there is none: no GPU tool is on the PATH: .*\. Where the program needs none, remove "gpus" from the config\.$/,
    ],
  ];
  for (const [what, request, env, words] of impossible) {
    it(`are refused with the remedy to who asks for ${what}`, async () => {
      const { leases } = leasesOf(four, env);
      await assert.rejects(leases.take(request, grpo), { name: 'GpuError', message: words });
      await assert.rejects(leases.require(request), { name: 'GpuError', message: words });
      assert.deepEqual(await leases.whoHas(), []);
    });
  }

  it('pass from the process that starts a run to the run itself without being free in between, and are free when that is killed', async () => {
    const { leases, env } = leasesOf();
    await leases.take({ pool: 'all', count: 2 }, grpo);
    const mark = path.join(temporaryFolder(), 'held');
    const child = startProcess(`hold ${grpo.runDir}`, { ...env, OTB_TEST_MARKS: mark });
    await eventually(() => existsSync(mark) && readFileSync(mark, 'utf8') === '[0,1]', 'the run to hold its GPUs');
    assert.deepEqual(
      (await leases.whoHas()).map(({ holders }) => holders.map(({ pid }) => pid)),
      [[process.pid, child.pid]],
    );
    await leases.release(grpo.runDir);
    assert.deepEqual(
      (await leases.whoHas()).map(({ gpus, holders }) => [gpus, holders.map(({ pid }) => pid)]),
      [[[0, 1], [child.pid]]],
    );
    assert.equal((await leases.take({ pool: [1], count: 1 }, opo)).kind, 'waits');
    const ended = endOf(child);
    child.kill('SIGKILL');
    await ended;
    assert.deepEqual(await leases.whoHas(), []);
    assert.deepEqual(await leases.take({ pool: [1], count: 1 }, opo), { kind: 'taken', gpus: [1] });
  });

  it('are kept by a tool that fails once: who waits goes on waiting', async () => {
    const nvidia = fakeNvidia([{ used: 9000 }]);
    const leases = new GpuLeases(nvidia.env, { surveyMs: 0 });
    assert.equal((await leases.take(all, grpo)).kind, 'waits');
    nvidia.set([]);
    assert.deepEqual(await leases.take(all, grpo), { kind: 'waits', why: 'GPUs: nvidia-smi lists no GPU' });
    nvidia.set([{}]);
    assert.deepEqual(await leases.take(all, grpo), { kind: 'taken', gpus: [0] });
  });

  it('are none of a run that was given none', async () => {
    assert.equal(await leasesOf().leases.hold('/runs/9'), undefined);
  });

  it('of a process whose number another one has now are free', async () => {
    const { leases, env } = leasesOf();
    const folder = env['OTB_GPU_LEASES_DIR'] ?? '';
    mkdirSync(folder, { recursive: true });
    const holders = [{ pid: process.pid, processStartTime: 'another boot:1' }];
    writeFileSync(path.join(folder, 'leases.json'), JSON.stringify({ version: 1, leases: [{ gpus: [0, 1, 2, 3], ...grpo, holders }] }));
    assert.deepEqual(await leases.whoHas(), []);
    assert.deepEqual(await leases.take(all, opo), { kind: 'taken', gpus: [0] });
  });

  for (const text of ['', '{', '[]', '{"version":1,"leases":[null,{"gpus":["x"],"holders":[{}]}]}', '{"version":1,"leases":{}}']) {
    it(`are free where their file is broken: ${JSON.stringify(text)}`, async () => {
      const { leases, env } = leasesOf();
      const folder = env['OTB_GPU_LEASES_DIR'] ?? '';
      mkdirSync(folder, { recursive: true });
      writeFileSync(path.join(folder, 'leases.json'), text);
      assert.deepEqual(await leases.whoHas(), []);
      assert.deepEqual(await leases.take(all, grpo), { kind: 'taken', gpus: [0] });
      assert.deepEqual(
        (await leases.whoHas()).map(({ gpus }) => gpus),
        [[0]],
      );
    });
  }

  it('are an error with the place where they cannot be written down', async () => {
    const file = path.join(temporaryFolder(), 'file');
    writeFileSync(file, '');
    const { leases } = leasesOf(four, { OTB_GPU_LEASES_DIR: path.join(file, 'leases') });
    await assert.rejects(leases.take(all, grpo), {
      name: 'GpuError',
      message: /^which GPUs are taken cannot be written to .*OTB_GPU_LEASES_DIR/,
    });
  });

  it('are never shared by two of fifty runs that take them from three processes at once', async () => {
    const { env } = leasesOf();
    const marks = temporaryFolder();
    const more = { ...env, OTB_TEST_MARKS: marks };
    const children = [startProcess('take 0 20', more), startProcess('take 20 20', more), startProcess('take 40 10', more)];
    assert.deepEqual(await Promise.all(children.map(endOf)), [0, 0, 0]);
    const counts = Array.from({ length: 50 }, (_, run) => readFileSync(path.join(marks, `run-${run}`), 'utf8').split(',').length);
    assert.deepEqual(
      counts,
      Array.from({ length: 50 }, (_, run) => 1 + (run % 2)),
    );
    assert.deepEqual(await new GpuLeases(env).whoHas(), []);
  });
}

const [does, ...args] = (process.env['OTB_TEST_LEASES'] ?? '').split(' ');
if (does === 'take') await takeMany(Number(args[0]), Number(args[1]));
else if (does === 'hold') await holdFor(args[0] ?? '');
else describe('GPUs', { skip: process.platform === 'win32' }, tests);
