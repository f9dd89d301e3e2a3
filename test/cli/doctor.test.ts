import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { otb, temporaryFolder } from './otb.ts';
import { writeConfig } from './tinyConfig.ts';

interface Diagnosis {
  readonly engines: readonly { name: string; usable: boolean; reason: string; device: string }[];
  readonly engineChoices: readonly { size: string; name: string; reason: string }[];
  readonly gpus: readonly { index: number; name: string; memoryMiB: number; driver: string; utilization: number }[];
  readonly python: { program: string; source: string; version: string } | null;
  readonly trainers: readonly { name: string; usable: boolean; reason: string }[];
  readonly trl: { usable: boolean; reason: string; command: string | null; devices: readonly { name: string; memoryMiB: number }[] };
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

test('what auto chooses from is told, and what it has chosen for which size, where its measurements are as they were written', async (t) => {
  const cwd = temporaryFolder(t);
  const before = await otb(['doctor'], { cwd });
  assert.match(
    before.stdout,
    /✔ auto +the faster one of wasm-simd and wasm-relaxed-simd, measured when the first run of a size starts\n *GPUs/,
  );
  writeConfig(cwd, { estimators: ['reinforce'], steps: 1 });
  const run = await otb(['run', 'tiny.otb.json', '--threads', '1', '--json'], { cwd });
  assert.equal(run.code, 0, run.stderr);
  const { runs } = JSON.parse(run.stdout) as { runs: readonly { dir: string }[] };
  const { engine, engineReason } = JSON.parse(readFileSync(path.join(runs[0]!.dir, 'run.json'), 'utf8')) as Record<string, string>;
  const size = '2 × 4 responses of up to 80 tokens with a policy of width 8, 1 thread';
  const { stdout } = await otb(['doctor', '--json'], { cwd });
  assert.deepEqual((JSON.parse(stdout) as Diagnosis).engineChoices, [{ size, name: engine, reason: engineReason }]);
  assert.match(engineReason ?? '', /^measured at this size: wasm-(?:relaxed-)?simd \d+ tokens\/s; wasm-(?:relaxed-)?simd \d+ tokens\/s/);
  assert.ok((await otb(['doctor'], { cwd })).stdout.includes(`\n      ${engine} for ${size}; ${engineReason}\n`));

  const cache = path.join(cwd, '.otb', 'cache');
  for (const name of readdirSync(cache)) if (name.startsWith('engine-speeds')) writeFileSync(path.join(cache, name), '{"speeds": 1');
  const damaged = await otb(['doctor', '--json'], { cwd });
  assert.deepEqual((JSON.parse(damaged.stdout) as Diagnosis).engineChoices, []);
});

test('with a config, how PyTorch would do at its size; a config that cannot be read is told before anything else', async (t) => {
  const cwd = temporaryFolder(t);
  writeConfig(cwd, { policy: { kind: 'transformer', width: 1024, layers: 2, heads: 2 } });
  const { code, stdout, stderr } = await otb(['doctor', 'tiny.otb.json'], { cwd });
  assert.deepEqual([code, stderr], [0, '']);
  assert.match(
    stdout,
    /\nSize of tiny\.otb\.json\n {2}✔ How PyTorch [\d.]+ would do at this size was not measured: measured were transformers of width /,
  );
  const json = JSON.parse((await otb(['doctor', 'tiny.otb.json', '--json'], { cwd })).stdout) as {
    size: { file: string; pytorch: string };
  };
  assert.deepEqual([json.size.file, json.size.pytorch], ['tiny.otb.json', 'not measured']);
  assert.equal((JSON.parse((await otb(['doctor', '--json'], { cwd })).stdout) as { size: unknown }).size, null);

  writeConfig(cwd, { policy: { kind: 'transformer', width: 'wide' } });
  const broken = await otb(['doctor', 'tiny.otb.json'], { cwd });
  assert.deepEqual([broken.code, broken.stdout], [2, '']);
  assert.match(broken.stderr, /tiny\.otb\.json:\d+.*policy\.width/);
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

test('what runs of TRL lack in this Python is told with the command that installs it', posix, async (t) => {
  const folder = path.join(temporaryFolder(t), 'my env', 'bin');
  mkdirSync(folder, { recursive: true });
  const python = path.join(folder, 'python');
  const diagnosed = async (version: string, found: Readonly<Record<string, string>>): Promise<Diagnosis> => {
    const cases = Object.entries(found).map(([name, answer]) => `${name}) ${answer};;`);
    program(folder, 'python', `case "$3" in "") echo ${version};; ${cases.join(' ')} *) echo '{"found": false}';; esac`);
    return JSON.parse((await otb(['doctor', '--json', '--python', python], { env: { PATH: '/bin:/usr/bin' } })).stdout) as Diagnosis;
  };
  const there = (version: string, more = '') => `echo '{"found": true, "version": "${version}"${more}}'`;
  const all = { torch: there('2.15.0'), transformers: there('5.24.0'), trl: there('1.16.0') };
  const install = `"${python}" -m pip install "trl>=1.16"`;

  const none = await diagnosed('3.12.1', {});
  assert.deepEqual(none.trl, { usable: false, reason: 'torch, transformers and trl are not installed', command: install, devices: [] });
  const old = await diagnosed('3.12.1', { ...all, trl: there('1.9.2') });
  assert.deepEqual([old.trl.usable, old.trl.reason, old.trl.command], [false, 'trl 1.9.2 is older than 1.16', install]);
  const broken = await diagnosed('3.12.1', { ...all, torch: 'echo "ImportError: libcudart.so.12" >&2; exit 1' });
  assert.deepEqual([broken.trl.reason, broken.trl.command], ['torch cannot be imported: ImportError: libcudart.so.12', null]);
  const oldPython = await diagnosed('3.9.18', {});
  assert.match(oldPython.trl.reason, /^Python 3\.9\.18 is older than 3\.11/);
  const odd = await diagnosed('3.12.1', { ...all, torch: 'echo "goodbye"' });
  assert.match(odd.trl.reason, /^torch cannot be imported/);

  const ready = await diagnosed('3.12.1', { ...all, peft: there('0.20.0') });
  assert.deepEqual([ready.trl.usable, ready.trl.command], [true, null]);
  assert.deepEqual(
    ready.trainers.filter(({ usable }) => usable).map(({ name }) => name),
    ['torch', 'transformers', 'trl', 'peft'],
  );
  const gpus = ', "devices": [{"name": "NVIDIA H100 80GB HBM3", "memoryMiB": 81559}]';
  const onGpu = await diagnosed('3.12.1', { ...all, torch: there('2.15.0', gpus) });
  assert.deepEqual(onGpu.trl.devices, [{ name: 'NVIDIA H100 80GB HBM3', memoryMiB: 81559 }]);
  assert.equal(onGpu.trl.reason, 'NVIDIA H100 80GB HBM3 with 79.6 GiB');
  const { stdout } = await otb(['doctor', '--python', python], { env: { PATH: '/bin:/usr/bin' } });
  assert.match(stdout, /Runs of "trainer": "trl"\n +✔ ready +NVIDIA H100 80GB HBM3 with 79\.6 GiB\n$/);
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
