import assert from 'node:assert/strict';
import { setImmediate } from 'node:timers/promises';
import { describe, it, mock } from 'node:test';
import type { PanelGpu } from '../../../src/core/gpus/panelGpu.ts';
import { GpuWatch } from '../../../src/runs/gpus/gpuWatch.ts';
import type { GpuWatchOptions } from '../../../src/runs/gpus/gpuWatch.ts';

const gpu = { index: 0, utilization: 1 } as PanelGpu;

/** A watch whose clock stands still but for `pass`, and how often it has looked. */
function watched(context: { after(work: () => void): void }, gpus: readonly PanelGpu[] = [gpu], options: GpuWatchOptions = {}) {
  mock.timers.enable({ apis: ['setTimeout', 'Date'], now: 1_700_000_000_000 });
  context.after(() => mock.timers.reset());
  let looks = 0;
  const ask = (): Promise<readonly PanelGpu[]> => {
    looks++;
    return Promise.resolve(gpus);
  };
  const pass = async (milliseconds: number): Promise<void> => {
    mock.timers.tick(milliseconds);
    for (let turn = 0; turn < 5; turn++) await setImmediate();
  };
  return { watch: new GpuWatch({ ask, ...options }), looks: () => looks, pass };
}

describe('GPUs that are watched', () => {
  it('are looked at every five seconds, once for all who look', async (t) => {
    const { watch, looks, pass } = watched(t);
    const told: string[] = [];
    watch.look(() => told.push('a'));
    watch.look(() => told.push('b'));
    await pass(0);
    assert.deepEqual([looks(), told], [1, ['a', 'b']]);
    await pass(4999);
    assert.equal(looks(), 1);
    await pass(1);
    assert.deepEqual([looks(), told.length], [2, 4]);
  });

  it('are not looked at while nobody does, and at once when somebody does again', async (t) => {
    const { watch, looks, pass } = watched(t);
    const stop = watch.look(() => undefined);
    await pass(0);
    stop();
    await pass(60_000);
    assert.equal(looks(), 1);
    watch.look(() => undefined);
    await pass(0);
    assert.equal(looks(), 2);
  });

  it('are told to who comes in between as they were last', async (t) => {
    const { watch, looks, pass } = watched(t);
    watch.look(() => undefined);
    await pass(0);
    await pass(1000);
    const told: (readonly PanelGpu[])[] = [];
    watch.look((gpus) => told.push(gpus));
    assert.deepEqual([looks(), told], [1, [[gpu]]]);
    await pass(4000);
    assert.equal(looks(), 2);
  });

  it('are looked for once a minute where there is none', async (t) => {
    const { watch, looks, pass } = watched(t, []);
    watch.look(() => undefined);
    await pass(0);
    await pass(59_999);
    assert.equal(looks(), 1);
    await pass(1);
    assert.equal(looks(), 2);
  });

  it('are never asked about twice at a time', async (t) => {
    let answer: (gpus: readonly PanelGpu[]) => void = () => undefined;
    let asked = 0;
    const ask = (): Promise<readonly PanelGpu[]> => {
      asked++;
      return new Promise((resolve) => (answer = resolve));
    };
    const { watch, pass } = watched(t, [], { ask });
    const stop = watch.look(() => undefined);
    await pass(0);
    stop();
    watch.look(() => undefined);
    await pass(60_000);
    assert.equal(asked, 1);
    answer([gpu]);
    await pass(0);
    await pass(5000);
    assert.equal(asked, 2);
  });
});
