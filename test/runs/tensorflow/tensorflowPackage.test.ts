import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { installedTensorflow } from '../../../src/runs/tensorflow/tensorflowPackage.ts';

describe('installedTensorflow', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'otb-tensorflow-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const env = (named?: string) => ({ XDG_DATA_HOME: path.join(folder, 'data'), OTB_TENSORFLOW: named });
  function install(home: string, name: string): string {
    const at = path.join(home, 'node_modules', '@tensorflow', name);
    mkdirSync(at, { recursive: true });
    writeFileSync(path.join(at, 'package.json'), '{}');
    return at;
  }

  test('finds nothing where nothing is, and where a package was begun only', () => {
    const home = path.join(folder, 'home');
    mkdirSync(path.join(home, 'node_modules/@tensorflow/tfjs-node'), { recursive: true });
    assert.equal(installedTensorflow(env(home)), undefined);
    assert.equal(installedTensorflow(env('')), undefined);
  });

  test('prefers the folder that the environment names to that of the user, and the GPU to the CPU', () => {
    const own = path.join(folder, 'data', 'otb-run-inspector', 'tensorflow');
    const named = path.join(folder, 'named');
    const ofUser = install(own, 'tfjs-node-gpu');
    assert.deepEqual(installedTensorflow(env(named)), { home: own, kind: 'gpu', folder: ofUser });
    const cpu = install(named, 'tfjs-node');
    assert.deepEqual(installedTensorflow(env(named)), { home: named, kind: 'cpu', folder: cpu });
    const gpu = install(named, 'tfjs-node-gpu');
    assert.deepEqual(installedTensorflow(env(named)), { home: named, kind: 'gpu', folder: gpu });
  });
});
