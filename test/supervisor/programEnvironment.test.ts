import assert from 'node:assert/strict';
import { test } from 'node:test';
import { programEnvironment } from '../../src/supervisor/programEnvironment.ts';

const config = {
  env: { MODE: '${estimator}' },
  envFile: null,
  command: ['bash', 'run.sh'],
  resume: null,
  headers: {},
  metrics: { from: 'stdout', path: null, format: 'auto', gradNorm: null, score: null },
} as const;

const variables = { estimator: 'grpo', seed: '1', name: 'a', runDir: '/runs/a', gpus: '', python: '/envs/rl/bin/python' };

test(
  'a script finds the chosen Python first on its PATH, unless the config has a PATH of its own',
  { skip: process.platform === 'win32' },
  () => {
    const options = { base: { PATH: '/usr/bin', ELECTRON_RUN_AS_NODE: '1' }, folder: '/', added: { OTB_RUN_DIR: '/runs/a' } };
    const env = programEnvironment(config, variables, options);
    assert.deepEqual(
      [env['PATH'], env['MODE'], env['OTB_RUN_DIR'], env['ELECTRON_RUN_AS_NODE']],
      ['/envs/rl/bin:/usr/bin', 'grpo', '/runs/a', undefined],
    );
    const own = { ...config, env: { PATH: '/mine' } };
    assert.equal(programEnvironment(own, variables, options)['PATH'], '/mine');
  },
);
