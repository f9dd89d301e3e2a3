import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { otb, temporaryFolder } from './otb.ts';

interface Diagnosis {
  readonly engines: readonly { name: string; usable: boolean; reason: string; device: string }[];
  readonly gpus: readonly { name: string; memoryMiB: number; driver: string }[];
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
  assert.equal(problems['gpus'], 'nvidia-smi is not on the PATH');
  assert.equal(problems['python'], 'python3 is not on the PATH');
});

test('GPUs are what nvidia-smi lists; a package that fails to load says why', posix, async (t) => {
  const folder = temporaryFolder(t);
  program(folder, 'nvidia-smi', 'echo "NVIDIA H100 80GB HBM3, 81559, 550.54.15"');
  program(
    folder,
    'python3',
    'case "$3" in "") echo 3.11.2;; torch) echo "ImportError: libcudart.so.12: cannot open" >&2; exit 1;; verl) echo \'{"found": true, "version": "0.4.0", "note": ""}\';; *) echo \'{"found": false}\';; esac',
  );
  const { stdout } = await otb(['doctor', '--json'], { env: { PATH: `${folder}:/bin:/usr/bin` } });
  const { gpus, python, trainers } = JSON.parse(stdout) as Diagnosis;
  assert.deepEqual(gpus, [{ name: 'NVIDIA H100 80GB HBM3', memoryMiB: 81559, driver: '550.54.15' }]);
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

function program(folder: string, name: string, body: string): void {
  const file = path.join(folder, name);
  writeFileSync(file, `#!/bin/sh\n${body}\n`);
  chmodSync(file, 0o755);
}
