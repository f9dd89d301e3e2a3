import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { otb, temporaryFolder } from './otb.ts';

interface Diagnosis {
  readonly engines: readonly { name: string; usable: boolean; reason: string; device: string }[];
  readonly gpus: readonly { index: number; name: string; memoryMiB: number; driver: string; utilization: number }[];
  readonly python: { program: string; source: string; version: string } | null;
  readonly trainers: readonly { name: string; usable: boolean; reason: string }[];
  readonly system: { cores: number; node: string };
  readonly problems: Readonly<Record<string, string | null>>;
}

const posix = { skip: process.platform === 'win32' };

test('the built-in engine is usable and every engine says why or why not', async () => {
  const { code, stdout, stderr } = await otb(['doctor', '--json']);
  assert.deepEqual([code, stderr], [0, '']);
  const { engines, system } = JSON.parse(stdout) as Diagnosis;
  assert.ok(engines.some(({ usable }) => usable));
  for (const engine of engines)
    assert.ok(engine.name !== '' && (engine.usable ? engine.device !== '' : engine.reason !== ''), JSON.stringify(engine));
  assert.deepEqual([system.cores, system.node], [os.availableParallelism(), process.versions.node]);
});

test('programs that are not there are told as such', posix, async (t) => {
  const { stdout } = await otb(['doctor', '--json'], { env: { PATH: temporaryFolder(t) } });
  const { gpus, python, trainers, problems } = JSON.parse(stdout) as Diagnosis;
  assert.deepEqual([gpus, python, trainers], [[], null, []]);
  assert.match(
    problems['gpus'] ?? '',
    /^no GPU tool is on the PATH: nvidia-smi comes with the driver of NVIDIA, amd-smi and rocm-smi with/,
  );
  assert.equal(problems['python'], 'python3 is not on the PATH');
});

test('GPUs are what nvidia-smi lists; a package that fails to load says why', posix, async (t) => {
  const folder = temporaryFolder(t);
  program(
    folder,
    'nvidia-smi',
    `case "$1" in --query-gpu=*) echo "index, uuid, name, driver_version, utilization.gpu [%], memory.used [MiB], memory.total [MiB], power.draw [W], temperature.gpu, display_active"
echo "0, GPU-3a1f, NVIDIA H100 80GB HBM3, 550.54.15, 98, 71234, 81559, 655.21, 64, Disabled";;
*) echo "gpu_uuid, pid, used_gpu_memory [MiB], process_name"; echo "GPU-3a1f, 4242, 71200, /opt/conda/bin/python3";; esac`,
  );
  program(
    folder,
    'python3',
    'case "$3" in "") echo 3.11.2;; torch) echo "ImportError: libcudart.so.12: cannot open" >&2; exit 1;; verl) echo \'{"found": true, "version": "0.4.0", "note": ""}\';; *) echo \'{"found": false}\';; esac',
  );
  const { stdout } = await otb(['doctor', '--json'], { env: { PATH: `${folder}:/bin:/usr/bin` } });
  const { gpus, python, trainers } = JSON.parse(stdout) as Diagnosis;
  assert.deepEqual(
    gpus.map(({ index, name, memoryMiB, driver, utilization }) => [index, name, memoryMiB, driver, utilization]),
    [[0, 'NVIDIA H100 80GB HBM3', 81559, '550.54.15', 98]],
  );
  assert.deepEqual(python, { program: 'python3', source: 'the one on the PATH', version: '3.11.2' });
  const torch = trainers.find(({ name }) => name === 'torch');
  assert.deepEqual([torch?.usable, torch?.reason], [false, 'ImportError: libcudart.so.12: cannot open']);
  assert.equal(trainers.find(({ name }) => name === 'verl')?.usable, true);
  assert.equal(trainers.find(({ name }) => name === 'trl')?.reason, 'not installed');
});

test('the Python is the one that runs take: named, or that of the active environment', posix, async (t) => {
  const folder = temporaryFolder(t);
  const body = 'case "$3" in "") echo 3.12.1;; *) echo \'{"found": false}\';; esac';
  mkdirSync(path.join(folder, 'bin'));
  program(path.join(folder, 'bin'), 'python', body);
  const env = { VIRTUAL_ENV: folder };
  const active = await otb(['doctor', '--json'], { env });
  assert.deepEqual((JSON.parse(active.stdout) as Diagnosis).python, {
    program: path.join(folder, 'bin/python'),
    source: 'that of VIRTUAL_ENV',
    version: '3.12.1',
  });
  const named = await otb(['doctor', '--json', '--python', path.join(folder, 'none')], { env });
  const { problems } = JSON.parse(named.stdout) as Diagnosis;
  assert.match(problems['python'] ?? '', /none, given by --python, does not start: there is no such file$/);
});

test('each GPU has a line with what it does and who computes on it', posix, async (t) => {
  const folder = temporaryFolder(t);
  program(
    folder,
    'nvidia-smi',
    `case "$1" in --query-gpu=*) echo "index, uuid, name, driver_version, utilization.gpu, memory.used, memory.total, power.draw, temperature.gpu, display_active"
echo "0, GPU-3a1f, NVIDIA H100 80GB HBM3, 550.54.15, 98, 71234, 81559, 655.21, 64, Disabled"; echo "1, GPU-3a1e, NVIDIA H100 80GB HBM3, 550.54.15, [N/A], 4, 81559, 69.95, 31, Disabled";;
*) echo "gpu_uuid, pid, used_gpu_memory [MiB], process_name"; echo "GPU-3a1f, 4242, 71200, /opt/conda/bin/python3";; esac`,
  );
  const { stdout } = await otb(['doctor'], { env: { PATH: `${folder}:/bin:/usr/bin` } });
  assert.match(
    stdout,
    /GPU 0 +NVIDIA H100 80GB HBM3, driver 550\.54\.15 · 98 % · 69\.6 of 79\.6 GiB · 655 W · 64 °C · python3 \(process 4242, 69\.5 GiB\)/,
  );
  assert.match(stdout, /GPU 1 +NVIDIA H100 80GB HBM3, driver 550\.54\.15 · 4 MiB of 79\.6 GiB · 70 W · 31 °C\n/);
});

test('a driver that is not loaded is told as such', posix, async (t) => {
  const folder = temporaryFolder(t);
  program(folder, 'nvidia-smi', `echo "NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver."; exit 9`);
  const { stdout } = await otb(['doctor'], { env: { PATH: `${folder}:/bin:/usr/bin` } });
  assert.match(stdout, /none +nvidia-smi is installed, but the NVIDIA driver is not loaded: install it/);
});

function program(folder: string, name: string, body: string): void {
  const file = path.join(folder, name);
  writeFileSync(file, `#!/bin/sh\n${body}\n`);
  chmodSync(file, 0o755);
}
