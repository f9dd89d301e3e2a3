import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import type { RunRecord } from '../../src/core/records/run.ts';
import { GpuLeases } from '../../src/runs/gpus/gpuLeases.ts';
import { readStartTime } from '../../src/runs/process/processStartTime.ts';
import { otb, temporaryFolder, until } from './otb.ts';

const posix = { skip: process.platform === 'win32' };

/** Says which GPUs it sees, and holds each for a while: a second run on one of them meanwhile is an error. */
const program = `
import { mkdirSync, rmdirSync } from 'node:fs';
const gpus = process.env.CUDA_VISIBLE_DEVICES.split(',');
console.log('sees ' + gpus + ', was told ' + process.argv[2] + ', in the order of ' + process.env.CUDA_DEVICE_ORDER);
for (const gpu of gpus) mkdirSync('in-use-' + gpu);
for (let step = 1; step <= 6; step++) {
  console.log('step:' + step + ' - actor/grad_norm:0.5 - critic/score/mean:0.5');
  await new Promise((resolve) => setTimeout(resolve, 100));
}
for (const gpu of gpus) rmdirSync('in-use-' + gpu);
`;

interface Ran {
  readonly runs: readonly { readonly dir: string; readonly process: string; readonly steps: number }[];
}

/** A folder with a config of that program, on a machine of so many GPUs. */
function machine(t: TestContext, gpus: number, config: Readonly<Record<string, unknown>>): { cwd: string; env: Record<string, string> } {
  const cwd = temporaryFolder(t);
  const bin = path.join(cwd, 'bin');
  mkdirSync(bin);
  const rows = Array.from(
    { length: gpus },
    (_, index) => `${index}, GPU-${index}, H100, 550.54.15, ${10 * index}, 4, 81559, 70, 31, Disabled`,
  );
  const header =
    'index, uuid, name, driver_version, utilization.gpu, memory.used, memory.total, power.draw, temperature.gpu, display_active';
  writeFileSync(path.join(cwd, 'gpus.csv'), [header, ...rows, ''].join('\n'));
  const script = `#!/bin/sh\ncase "$1" in --query-gpu=*) exec cat "${cwd}/gpus.csv";; *) echo "gpu_uuid, pid, used_gpu_memory, process_name";; esac\n`;
  writeFileSync(path.join(bin, 'nvidia-smi'), script);
  chmodSync(path.join(bin, 'nvidia-smi'), 0o755);
  writeFileSync(path.join(cwd, 'train.mjs'), program);
  const command = [process.execPath, 'train.mjs', '${gpus}'];
  writeFileSync(path.join(cwd, 'a.otb.json'), JSON.stringify({ name: 'a', trainer: 'command', estimators: ['grpo'], command, ...config }));
  return { cwd, env: { PATH: `${bin}:${process.env['PATH'] ?? ''}`, OTB_GPU_LEASES_DIR: path.join(cwd, 'leases') } };
}

const read = (dir: string, name: string): string => readFileSync(path.join(dir, name), 'utf8');

test('each run sees the GPUs that it has for itself, waits for them, and no two have the same', posix, async (t) => {
  const { cwd, env } = machine(t, 4, { gpus: 'all', gpusPerRun: 2, seeds: [1, 2, 3, 4] });
  const { stdout, stderr } = await otb(['run', 'a.otb.json', '--json', '--parallel', '4'], { cwd, env });
  const { runs } = JSON.parse(stdout) as Ran;
  assert.deepEqual(
    runs.map(({ process: state, steps }) => [state, steps]),
    Array(4).fill(['finished', 6]),
    stderr,
  );
  const said = runs.map(({ dir }) => read(dir, 'stdout.log').split('\n')[0]);
  for (const line of said) assert.match(line ?? '', /^sees (0,1|2,3), was told \1, in the order of PCI_BUS_ID$/);
  assert.equal(new Set(said).size, 2, 'all GPUs were in use');
  const { device } = JSON.parse(read(runs[0]?.dir ?? '', 'run.json')) as RunRecord;
  assert.match(device, /^GPU (0, 1|2, 3)$/);
  assert.match(stderr, /waits for 2 GPUs: 0 and 1 are taken by grpo seed \d of a, 2 and 3 are taken by grpo seed \d of a/);
  assert.deepEqual(readdirSync(path.join(cwd, 'leases')), ['leases.json']);
  assert.deepEqual((JSON.parse(read(path.join(cwd, 'leases'), 'leases.json')) as { leases: unknown }).leases, []);
});

test('GPUs that there are not are an error with the remedy, and no run begins', posix, async (t) => {
  const { cwd, env } = machine(t, 2, { gpus: [0, 5] });
  const { code, stderr } = await otb(['run', 'a.otb.json'], { cwd, env });
  assert.equal(code, 2);
  assert.match(
    stderr,
    /a\.otb\.json:1:\d+: gpus: "gpus" names GPU 5, but this machine has GPUs 0 and 1\. Write indices that are there, or "gpus": "all"\./,
  );
  assert.equal(existsSync(path.join(cwd, '.otb', 'runs')), false);
});

test('a config can ask for what its GPUs do as metrics of the steps', posix, async (t) => {
  const { cwd, env } = machine(t, 2, { gpus: [1], gpuMetrics: true });
  const { stdout, stderr } = await otb(['run', 'a.otb.json', '--json'], { cwd, env });
  const [run] = (JSON.parse(stdout) as Ran).runs;
  assert.equal(run?.steps, 6, stderr);
  const rows = read(run?.dir ?? '', 'metrics.jsonl')
    .trim()
    .split('\n')
    .map((line) => (JSON.parse(line) as { data: Record<string, number> }).data);
  const told = rows.filter((data) => 'gpu/1/utilization' in data);
  assert.equal(told.length, 1, 'one look in less than five seconds');
  assert.deepEqual(told[0], {
    'gpu/1/utilization': 10,
    'gpu/1/memory_used_gb': 4 / 1024,
    'gpu/1/power_w': 70,
    'gpu/1/temperature_c': 31,
    'actor/grad_norm': 0.5,
    'critic/score/mean': 0.5,
  });
});

test('a run whose supervisor is killed has its GPUs until its command has been ended', posix, async (t) => {
  const script = 'trap "" INT TERM; echo $$ > pid; while :; do sleep 0.1; done';
  const config = { command: ['sh', '-c', script], gpus: [0], stop: { interruptSeconds: 1, terminateSeconds: 1 } };
  const { cwd, env } = machine(t, 1, config);
  assert.equal((await otb(['run', 'a.otb.json', '--detach'], { cwd, env })).code, 0);
  const [name = ''] = readdirSync(path.join(cwd, '.otb', 'runs')).filter((entry) => entry.endsWith('-s1'));
  await until(() => existsSync(path.join(cwd, 'pid')) && read(cwd, 'pid') !== '');
  const command = Number(read(cwd, 'pid'));
  const { pid } = JSON.parse(read(path.join(cwd, '.otb', 'runs', name), 'run.json')) as RunRecord;
  const leases = new GpuLeases(env);
  process.kill(pid, 'SIGKILL');
  let looks = 0;
  // In this order: a command that is there after the lease was not is the mistake.
  for (let isLeased = true; (await readStartTime(command)).kind !== 'gone'; looks++) {
    assert.ok(isLeased, 'its GPUs are not free while the command is there');
    isLeased = (await leases.whoHas()).length > 0;
  }
  assert.ok(looks > 1);
  while ((await leases.whoHas()).length > 0) await delay(20);
});
