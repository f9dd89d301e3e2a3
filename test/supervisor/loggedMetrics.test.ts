import assert from 'node:assert/strict';
import { appendFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { FiledMetrics, PrintedMetrics } from '../../src/supervisor/loggedMetrics.ts';
import type { MetricsListener } from '../../src/supervisor/loggedMetrics.ts';
import { exampleRecord, temporaryFolder } from '../runs/exampleRun.ts';

/** Steps in the order in which they were told, and a word for each time that all were taken back. */
function listening(): { readonly told: (number | 'again')[]; readonly listener: MetricsListener } {
  const told: (number | 'again')[] = [];
  const listener = {
    metrics: (records: Parameters<MetricsListener['metrics']>[0]) => told.push(...records.map(({ step }) => step)),
    forget: () => undefined,
    restart: () => told.push('again'),
  };
  return { told, listener };
}

const verl = (step: number): string => `step:${step} - actor/grad_norm:0.5 - critic/score/mean:0.25\n`;
const line = (step: number): string => `${JSON.stringify({ step, data: { 'actor/grad_norm': 0.5 } })}\n`;
const dict = (epoch: number): string => `{'loss': 0.1, 'grad_norm': 0.3, 'reward': 0.5, 'epoch': ${epoch}}\n`;

describe('what a program prints', () => {
  it('goes on with the next file where the one before has come to its size', async () => {
    const file = path.join(temporaryFolder(), 'console.log');
    const { told, listener } = listening();
    const metrics = new PrintedMetrics(() => file, 'auto', listener);
    writeFileSync(file, verl(1) + verl(2));
    await metrics.read(false);
    renameSync(file, `${file}.1`);
    writeFileSync(file, verl(3));
    await metrics.read(true);
    assert.deepEqual(told, [1, 2, 3]);
  });

  it('is told again where its end shows that the steps were other ones, unless some of it is in a file before', async () => {
    const end = "{'train_runtime': 1.0, 'train_samples_per_second': 1.0, 'train_steps_per_second': 6.0, 'train_loss': 0.1, 'epoch': 1.0}\n";
    const file = path.join(temporaryFolder(), 'console.log');
    const whole = listening();
    const metrics = new PrintedMetrics(() => file, 'auto', whole.listener);
    writeFileSync(file, dict(0.5));
    await metrics.read(false);
    appendFileSync(file, dict(1) + end);
    await metrics.read(true);
    // The last is of the summary.
    assert.deepEqual(whole.told.slice(whole.told.indexOf('again')), ['again', 3, 6, 6]);

    const rest = listening();
    const later = new PrintedMetrics(() => file, 'auto', rest.listener);
    writeFileSync(file, dict(0.5));
    await later.read(false);
    renameSync(file, `${file}.1`);
    writeFileSync(file, dict(1) + end);
    await later.read(true);
    assert.ok(!rest.told.includes('again'));
    assert.equal(rest.told[0], 1);
  });

  it('is what it was recognized as, also before it has a step', async () => {
    const file = path.join(temporaryFolder(), 'console.log');
    const metrics = new PrintedMetrics(() => file, 'verl-console', listening().listener);
    assert.equal(metrics.title, undefined);
    writeFileSync(file, 'loading the model\n');
    await metrics.read(true);
    assert.equal(metrics.title, 'console log of verl');
  });
});

describe('files that a program writes', () => {
  it('may lie in the run directory, where only what comes now is told, also where the steps go back', async () => {
    const dir = temporaryFolder();
    writeFileSync(path.join(dir, 'run.json'), JSON.stringify(exampleRecord()));
    const file = path.join(dir, 'trainer.jsonl');
    const { told, listener } = listening();
    const records: (readonly [time: number, score: number | undefined])[] = [];
    const noting: MetricsListener = {
      ...listener,
      metrics: (news) => {
        records.push(...news.map(({ time, data }) => [time, data['critic/score/mean']] as const));
        listener.metrics(news);
      },
    };
    writeFileSync(file, line(1) + line(2) + line(3));
    const metrics = new FiledMetrics(file, 'verl-jsonl', noting);
    await metrics.begin();
    appendFileSync(file, `${JSON.stringify({ step: 2, time: 1.7e9, data: { 'critic/score/mean': 'NaN' } })}\n{"step":3,"ti`);
    await metrics.read(false);
    appendFileSync(file, 'me":1700000001,"data":{"critic/score/mean":-Infinity}}\n');
    await metrics.read(true);
    assert.deepEqual(told, [2, 3]);
    assert.deepEqual(records, [
      [1.7e9, Number.NaN],
      [1_700_000_001, Number.NEGATIVE_INFINITY],
    ]);
  });

  it('may begin anew, and take back nothing that was logged', async () => {
    const folder = temporaryFolder();
    const file = path.join(folder, 'log.jsonl');
    const { told, listener } = listening();
    const metrics = new FiledMetrics(folder, 'auto', listener);
    await metrics.begin();
    writeFileSync(file, line(1) + line(2));
    await metrics.read(true);
    rmSync(file);
    await metrics.read(true);
    writeFileSync(file, line(3));
    await metrics.read(true);
    assert.deepEqual(told, [1, 2, 3]);
  });
});
