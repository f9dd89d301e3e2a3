import assert from 'node:assert/strict';
import os from 'node:os';
import { after, describe, it } from 'node:test';
import type { HostMessage } from '../../../src/core/panel/messages.ts';
import { parseHostMessage } from '../../../src/core/panel/parseMessages.ts';
import type { PanelGpu } from '../../../src/core/gpus/panelGpu.ts';
import type { RunOverview } from '../../../src/runs/catalog/runOverview.ts';
import type { GpuListener } from '../../../src/runs/gpus/gpuWatch.ts';
import { PanelFeed } from '../../../src/runs/panel/panelFeed.ts';
import { exampleRecord } from '../exampleRun.ts';
import { FakeRuns, exampleOverview, runsDir } from './fakeRuns.ts';

const gpu: PanelGpu = {
  index: 0,
  name: 'NVIDIA H100 80GB HBM3',
  utilization: 83,
  memoryMiB: 81_559,
  memoryUsedMiB: 62_669,
  powerWatts: 412.3,
  temperatureCelsius: 67,
  runs: ['dr_grpo seed 1 of qwen'],
  others: [{ pid: 42, name: 'vllm', memoryMiB: null }],
};
const feeds: PanelFeed[] = [];
after(() => feeds.forEach((feed) => feed.close()));

/** A run of a program that was started by command. */
function commandRun(name: string, changes: Partial<RunOverview> = {}, { trainer = 'command', host = os.hostname() } = {}): RunOverview {
  const config = {
    ...exampleRecord().config,
    trainer,
    command: ['python', 'train.py'],
    resume: null,
    metrics: { from: 'stdout', path: null, format: 'auto', gradNorm: null, score: null },
    gpus: 'all',
  };
  const { identity } = exampleOverview(name, {}, { config: config as never, host });
  return { ...exampleOverview(name), identity, ...changes };
}

/** A watch that tells when the test says so. */
class FakeWatch {
  readonly listeners = new Set<GpuListener>();

  look(listener: GpuListener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  tell(gpus: readonly PanelGpu[]): void {
    for (const listener of this.listeners) listener(gpus);
  }
}

function feedOf(...runs: readonly RunOverview[]) {
  const source = new FakeRuns();
  source.add(...runs);
  const watch = new FakeWatch();
  const messages: HostMessage[] = [];
  const post = (message: HostMessage): Promise<void> => {
    const wire: unknown = message.type === 'rows' || message.type === 'overview' ? message : JSON.parse(JSON.stringify(message));
    assert.equal(typeof parseHostMessage(wire), 'object', String(parseHostMessage(wire)));
    messages.push(wire as HostMessage);
    return Promise.resolve();
  };
  const subject = { kind: 'group', runsDir, group: 'g', series: null } as const;
  const onError = (error: unknown): never => assert.fail(String(error));
  const feed = new PanelFeed({ subject, link: null, source, settings: () => ({ onsets: true }), gpus: watch, post, onError });
  feeds.push(feed);
  const told = (): readonly (readonly PanelGpu[])[] => messages.flatMap((message) => (message.type === 'gpus' ? [message.gpus] : []));
  return { source, watch, feed, told };
}

describe('the GPUs of the machine beside the runs of a panel', () => {
  it('are told while a run goes on that may use them, and not any more when it has ended', () => {
    const { source, watch, feed, told } = feedOf(commandRun('a'));
    feed.start();
    watch.tell([gpu]);
    assert.deepEqual(told(), [[gpu]]);
    feed.update(source.change(commandRun('a', { process: 'finished' })));
    assert.equal(watch.listeners.size, 0);
    assert.deepEqual(told(), [[gpu], []]);
  });

  it('are looked at only while the panel is seen', () => {
    const { watch, feed, told } = feedOf(commandRun('a'));
    assert.equal(watch.listeners.size, 0, 'there is no page yet');
    feed.start();
    assert.equal(watch.listeners.size, 1);
    feed.hide();
    assert.equal(watch.listeners.size, 0);
    feed.show();
    watch.tell([gpu]);
    assert.equal(told().length, 1);
    feed.stop();
    assert.equal(watch.listeners.size, 0);
    feed.start();
    assert.equal(watch.listeners.size, 1);
    feed.close();
    assert.equal(watch.listeners.size, 0);
  });

  it('are not told of a machine without', () => {
    const { watch, feed, told } = feedOf(commandRun('a'));
    feed.start();
    watch.tell([]);
    assert.deepEqual(told(), []);
  });

  const others: readonly (readonly [string, RunOverview])[] = [
    ['has ended', commandRun('a', { process: 'lost' })],
    ['is the built-in trainer’s', exampleOverview('a')],
    ['goes on in a Ray cluster', commandRun('a', {}, { trainer: 'ray' })],
    ['goes on elsewhere', commandRun('a', {}, { host: 'another-machine' })],
  ];
  for (const [what, run] of others) {
    it(`are not looked at for a run that ${what}`, () => {
      const { watch, feed } = feedOf(run);
      feed.start();
      assert.equal(watch.listeners.size, 0);
    });
  }
});
