import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { readStartTime } from '../../../src/runs/process/processStartTime.ts';
import { InstallError } from '../../../src/runs/tensorflow/installError.ts';
import { installTensorflow } from '../../../src/runs/tensorflow/installTensorflow.ts';
import type { TensorflowInstallation } from '../../../src/runs/tensorflow/installTensorflow.ts';
import { installedTensorflow } from '../../../src/runs/tensorflow/tensorflowPackage.ts';
import { writeFakeNpm } from './fakeNpm.ts';

interface Call {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly mirror?: string;
  readonly pids?: readonly number[];
}

describe('installTensorflow', { skip: process.platform === 'win32' && 'npm is another program on Windows' }, () => {
  let folder: string;
  let home: string;
  let calls: string;
  let stages: string[];
  beforeEach(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'otb-install-'));
    home = path.join(folder, 'storage', 'tensorflow');
    ({ calls } = writeFakeNpm(path.join(folder, 'bin')));
    stages = [];
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  /** A trainer that finds the engine where OTB_TENSORFLOW says. */
  function trainer(usable = true): TensorflowInstallation['trainer'] {
    const entry = path.join(folder, 'trainer.cjs');
    const engine = { name: 'tfjs-tensorflow', usable, reason: usable ? 'it works' : 'libcudart is missing' };
    const text = `const at = process.env.OTB_TENSORFLOW + '/node_modules/@tensorflow';
console.error('a word of libtensorflow');
console.log(JSON.stringify({ engines: require('node:fs').existsSync(at) ? ${JSON.stringify([engine])} : [] }));`;
    writeFileSync(entry, text);
    return { entry, node: process.execPath };
  }

  function install(more: Partial<TensorflowInstallation> = {}, how = 'ok'): Promise<void> {
    const env = {
      PATH: `${path.join(folder, 'bin')}${path.delimiter}${process.env['PATH']}`,
      FAKE_NPM: how,
      TFJS_NODE_CDN_STORAGE: 'https://mirror/',
    };
    const signal = new AbortController().signal;
    return installTensorflow({
      home,
      kind: 'cpu',
      env,
      signal,
      onStage: (stage) => stages.push(stage),
      trainer: more.trainer ?? trainer(),
      ...more,
    });
  }

  function called(): readonly Call[] {
    if (!existsSync(calls)) return [];
    return readFileSync(calls, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Call);
  }

  /** What is in the folder around `home`. */
  const around = (): readonly string[] => (existsSync(path.dirname(home)) ? readdirSync(path.dirname(home)) : []);
  const found = () => installedTensorflow({ OTB_TENSORFLOW: home, XDG_DATA_HOME: '/nowhere' });

  test('installs the pinned version, runs its script with the mirrors of the environment, and is found', async () => {
    await install();
    const [npmInstall, script, ...others] = called();
    assert.equal(npmInstall!.args.at(-1), '@tensorflow/tfjs-node@4.22.0');
    assert.ok(npmInstall!.args.includes('--ignore-scripts'));
    assert.deepEqual([script!.command, ...script!.args, script!.mirror], ['run', 'install', 'https://mirror/']);
    assert.match(script!.cwd, /node_modules\/@tensorflow\/tfjs-node$/);
    assert.deepEqual(others, []);
    assert.deepEqual(stages, ['Installing @tensorflow/tfjs-node 4.22.0', 'Downloading libtensorflow', 'Checking that it works']);
    assert.equal(found()?.kind, 'cpu');
    assert.deepEqual(around(), ['tensorflow']);
  });

  test('replaces what was installed before', async () => {
    await install();
    await install({ kind: 'gpu' });
    assert.equal(found()?.kind, 'gpu');
    assert.ok(!existsSync(path.join(home, 'node_modules/@tensorflow/tfjs-node')));
  });

  for (const { how, says } of [
    {
      how: 'unreachable',
      says: /^Downloading libtensorflow failed: storage\.googleapis\.com cannot be reached \(ENOTFOUND\)\. Name a mirror in TFJS_NODE_CDN_STORAGE/,
    },
    {
      how: 'no registry',
      says: /^Installing @tensorflow\/tfjs-node-gpu 4\.22\.0 failed: registry\.npmjs\.org cannot be reached \(ENOTFOUND\)\. .*npm config list/,
    },
    { how: 'unsupported', says: /^Downloading libtensorflow failed: Error: Unsupported system: cpu-linux-riscv64\. / },
  ])
    test(`says what failed where it is ${how}, leaves nothing, and keeps what there was`, async () => {
      await install();
      await assert.rejects(install({ kind: 'gpu' }, how), (error) => {
        assert.ok(error instanceof InstallError && !error.aborted);
        assert.match(error.message, says);
        return true;
      });
      assert.deepEqual(around(), ['tensorflow']);
      assert.equal(found()?.kind, 'cpu');
    });

  test('does not keep what does not work here', async () => {
    await assert.rejects(install({ trainer: trainer(false) }), /does not work here, and was removed again: libcudart is missing/);
    assert.deepEqual(around(), []);
  });

  test('says where npm comes from if there is none', async () => {
    await assert.rejects(install({ env: { PATH: path.join(folder, 'empty') } }), /npm is not on the PATH\. .*nodejs\.org/);
    assert.deepEqual(around(), []);
  });

  test('is cancelled with all that it has started, and leaves nothing', async () => {
    const controller = new AbortController();
    const installing = install({ signal: controller.signal }, 'hangs');
    while (called().every(({ pids }) => pids === undefined)) await delay(20);
    controller.abort();
    await assert.rejects(installing, (error) => error instanceof InstallError && error.aborted);
    // A process that has ended may wait for its parent to take note of it.
    for (const pid of called().flatMap(({ pids = [] }) => pids)) assert.equal((await readStartTime(pid)).kind, 'gone');
    assert.deepEqual(around(), []);
  });

  test('removes what a killed installation left, and not what another one is making', async () => {
    mkdirSync(`${home}.installing-${2 ** 22 + 1}-abc/node_modules`, { recursive: true });
    mkdirSync(`${home}.installing-${process.ppid}-abc`, { recursive: true });
    await install();
    assert.deepEqual([...around()].sort(), ['tensorflow', `tensorflow.installing-${process.ppid}-abc`]);
  });
});
