import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import * as tf from '@tensorflow/tfjs-core';
import { BackendUnavailableError, openBackend, tfjsBackends } from '../../../../src/trainer/engines/tfjs/backend.ts';
import { probeBackend } from '../../../../src/trainer/engines/tfjs/probe.ts';

const deathListeners = (): number => process.listenerCount('uncaughtException') + process.listenerCount('unhandledRejection');
let atStart: number;
before(() => {
  atStart = deathListeners();
});

test('the probe says of a backend whether it is usable, on what device, or why not and what to do', async () => {
  for (const backend of tfjsBackends) {
    const { usable, reason, device } = await probeBackend(backend);
    assert.equal(device !== null, usable, backend);
    if (!usable) assert.match(reason, /npm |--engine/, backend);
    if (backend !== 'tensorflow') assert.equal(usable, true, backend);
  }
});

test('a backend that is not installed is an error with its remedy, and no other backend takes its place', async (context) => {
  await openBackend('cpu');
  const { OTB_TENSORFLOW, XDG_DATA_HOME } = process.env;
  context.after(() => Object.assign(process.env, { ...(OTB_TENSORFLOW && { OTB_TENSORFLOW }), ...(XDG_DATA_HOME && { XDG_DATA_HOME }) }));
  delete process.env['OTB_TENSORFLOW'];
  process.env['XDG_DATA_HOME'] = '/nowhere';
  try {
    await import('@tensorflow/tfjs-node' as string);
    return context.skip('@tensorflow/tfjs-node is installed here');
  } catch {
    await assert.rejects(openBackend('tensorflow'), (error: unknown) => {
      assert.ok(error instanceof BackendUnavailableError);
      assert.match(error.message, /^TensorFlow.js backend "tensorflow" cannot be used: .*npm install @tensorflow\/tfjs-node/);
      return true;
    });
    assert.equal(tf.getBackend(), 'cpu');
  }
});

test('starting the WASM backend leaves it to the process how it dies', async () => {
  await openBackend('wasm');
  assert.equal(deathListeners(), atStart);
});
