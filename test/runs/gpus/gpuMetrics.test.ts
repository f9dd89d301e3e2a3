import assert from 'node:assert/strict';
import { setImmediate } from 'node:timers/promises';
import { describe, it } from 'node:test';
import { findGpus } from '../../../src/runs/gpus/findGpus.ts';
import { GpuMetrics } from '../../../src/runs/gpus/gpuMetrics.ts';
import { eventually } from '../exampleRun.ts';
import { fakeNvidia, withTools } from './fakeTools.ts';

const posix = { skip: process.platform === 'win32' };
const of = (env: NodeJS.ProcessEnv) => () => findGpus(env);

/** The first metrics that there are. */
async function firstOf(metrics: GpuMetrics): Promise<Readonly<Record<string, number>>> {
  let found: Readonly<Record<string, number>> = {};
  await eventually(() => Object.keys((found = metrics.sampleMetrics())).length > 0, 'metrics of the GPUs');
  return found;
}

describe('metrics of GPUs', posix, () => {
  it('are those of the GPUs of the run, as far as they are known', async () => {
    const { env } = fakeNvidia([{}, { utilization: 83, used: 2048 }, { utilization: '[N/A]' }]);
    assert.deepEqual(await firstOf(new GpuMetrics({ gpus: [1, 2], ask: of(env) })), {
      'gpu/1/utilization': 83,
      'gpu/1/memory_used_gb': 2,
      'gpu/1/power_w': 69.95,
      'gpu/1/temperature_c': 31,
      'gpu/2/memory_used_gb': 4 / 1024,
      'gpu/2/power_w': 69.95,
      'gpu/2/temperature_c': 31,
    });
    const all = await firstOf(new GpuMetrics({ gpus: null, ask: of(env) }));
    assert.equal(all['gpu/0/utilization'], 0);
  });

  it('are given to one step each, and no step waits for them', async () => {
    let asked = 0;
    const found = await findGpus(fakeNvidia([{}]).env);
    const ask = () => {
      asked++;
      return Promise.resolve(found);
    };
    const metrics = new GpuMetrics({ gpus: null, ask });
    assert.deepEqual(metrics.sampleMetrics(), {}, 'nothing is known yet');
    await setImmediate();
    assert.equal(Object.keys(metrics.sampleMetrics()).length, 4);
    assert.deepEqual(metrics.sampleMetrics(), {}, 'the last step had them');
    assert.equal(asked, 1, 'the last look is not five seconds old');
  });

  it('are none where there is no tool', async () => {
    let answered = false;
    const ask = async () => {
      const survey = await findGpus(withTools({}));
      answered = true;
      return survey;
    };
    const metrics = new GpuMetrics({ gpus: null, ask });
    await eventually(() => answered, 'an answer');
    assert.deepEqual(metrics.sampleMetrics(), {});
  });
});
