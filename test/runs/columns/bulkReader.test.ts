import assert from 'node:assert/strict';
import { closeSync, openSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { Random } from '../../../src/core/random.ts';
import type { MetricTable } from '../../../src/core/records/metricTable.ts';
import { ThreadedBulkReader } from '../../../src/runs/columns/bulkReader.ts';
import { MetricScanner } from '../../../src/runs/columns/metricScanner.ts';
import { readRange } from '../../../src/runs/columns/readRange.ts';
import type { RangeRead } from '../../../src/runs/columns/readRange.ts';
import { sampledTable } from '../../../src/runs/columns/sampledTable.ts';
import { joined } from '../../../src/runs/columns/sentPart.ts';
import { temporaryFolder } from '../exampleRun.ts';
import { kernelFile, workerFile } from './builtReader.ts';
import { assertSame, parsedByLine, readInBulk } from './fileResult.ts';
import { randomFile } from './randomMetrics.ts';

const folder = temporaryFolder();
const never = new AbortController().signal;

function unexpected(error: Error): never {
  throw error;
}

/** Calls `use` with a descriptor of a file with this content. */
async function withFile<T>(content: Buffer, use: (file: number) => T | Promise<T>): Promise<T> {
  const name = path.join(folder, 'metrics.jsonl');
  writeFileSync(name, content);
  const file = openSync(name, 'r');
  try {
    return await use(file);
  } finally {
    closeSync(file);
  }
}

function line(step: number): string {
  return `{"step":${step},"time":${step / 3},"data":{"a":${Math.sin(step)}}}\n`;
}

describe('a file read in parts', () => {
  it('is the same wherever it is cut', async () => {
    for (let seed = 1; seed <= 60; seed++) {
      const random = new Random(seed, 1);
      const content = Buffer.from(randomFile(random, random.integer(50)));
      const cuts = Array.from({ length: 1 + random.integer(4) }, () => random.integer(content.length + 1));
      const bounds = [0, ...cuts, content.length].sort((a, b) => a - b);
      const read = await withFile(content, (file) =>
        bounds
          .slice(1)
          .map((to, index) => readRange(file, { from: bounds[index] as number, to }, new MetricScanner(kernelFile), content.length))
          .reduce((parts: RangeRead, next) => joined(parts, next)),
      );
      const end = content.lastIndexOf('\n') + 1;
      assertSame(readInBulk(read), parsedByLine(content), `seed ${seed} cut at ${cuts.join(', ')}`);
      assert.equal(read.end, end);
      assert.deepEqual(Buffer.from(read.recent), content.subarray(end - read.recent.length, end));
      assert.equal(read.recent.length > 0, end > 0);
    }
  });

  it('ends before a line that never ends', async () => {
    const content = Buffer.concat([Buffer.from(line(1) + line(2)), Buffer.alloc(3 << 20, 'x'), Buffer.from(`\n${line(3)}`)]);
    const read = await withFile(content, (file) => {
      const part = (from: number, to: number): RangeRead => readRange(file, { from, to }, new MetricScanner(kernelFile), content.length);
      return joined(part(0, 1 << 20), part(1 << 20, content.length));
    });
    assert.deepEqual([read.stretches.steps, read.end], [2, line(1).length + line(2).length]);
  });
});

describe('the reader of long runs', () => {
  it('reads with any number of threads what the lines say', async () => {
    const reader = new ThreadedBulkReader(workerFile, unexpected, { most: 4, bytesEach: 2000 });
    for (let seed = 1; seed <= 6; seed++) {
      const content = Buffer.from(randomFile(new Random(seed, 2), 20 * seed));
      const read = await withFile(content, (file) => reader.read(file, content.length, never));
      assert.ok(read);
      assertSame(readInBulk(read), parsedByLine(content), `seed ${seed}`);
    }
  });

  it('hands over a table that can grow', async () => {
    const content = Buffer.from([1, 2, 3].map(line).join(''));
    const read = await withFile(content, (file) => new ThreadedBulkReader(workerFile, unexpected).read(file, content.length, never));
    assert.ok(read);
    const { history } = readInBulk(read);
    for (let step = 4; step <= 500; step++) history.take({ step, time: step, data: { a: step, b: step } });
    const { table } = history;
    assert.deepEqual([table.length, table.column('a')?.values[499], table.series('b')?.steps[0]], [500, 500, 4]);
  });

  it('reads nothing when it is told to stop, and the next file all the same', async () => {
    const reader = new ThreadedBulkReader(workerFile, unexpected);
    const content = Buffer.from(Array.from({ length: 50_000 }, (_, step) => line(step)).join(''));
    await withFile(content, async (file) => {
      const stop = new AbortController();
      const [stopped, waiting] = [reader.read(file, content.length, stop.signal), reader.read(file, content.length, never)];
      setImmediate(() => stop.abort());
      assert.equal(await stopped, undefined);
      assert.equal((await waiting)?.stretches.steps, 50_000);
      assert.equal(await reader.read(file, content.length, AbortSignal.abort()), undefined);
    });
  });

  it('says why it could not read', async () => {
    const errors: string[] = [];
    const reader = new ThreadedBulkReader(path.join(folder, 'no-worker.mjs'), ({ message }) => errors.push(message), {
      most: 2,
      bytesEach: 10,
    });
    assert.equal(await withFile(Buffer.from(line(1)), (file) => reader.read(file, line(1).length, never)), undefined);
    assert.match(errors.join(), /no-worker\.mjs/);
  });
});

describe('a long file', () => {
  it('has a sample of its steps before it has been read', async () => {
    const count = 200_000;
    const content = Buffer.from(Array.from({ length: count }, (_, index) => line(index + 1)).join(''));
    await withFile(content, async (file) => {
      const order: string[] = [];
      let sample: MetricTable | undefined;
      await new ThreadedBulkReader(workerFile, unexpected).read(file, content.length, never, (table) => {
        order.push('sample');
        sample = table;
      });
      order.push('all');
      assert.deepEqual(order, ['sample', 'all']);
      assert.ok(sample);
      const { steps } = sample;
      assert.ok(steps.length >= 64 && steps.length <= 1100, `${steps.length} steps`);
      assert.equal(steps[0], 1);
      assert.ok((steps.at(-1) ?? 0) > count - 200);
      const widest = Math.max(...Array.from(steps.subarray(1), (step, index) => step - (steps[index] as number)));
      assert.ok(widest <= (2 * count) / 64, `${widest} steps from one to the next`);
      assert.deepEqual(sample.column('a')?.values.slice(), steps.map(Math.sin));
    });
  });

  it('that goes back has what it came to last in its sample', async () => {
    const steps = [...Array.from({ length: 150_000 }, (_, i) => i + 1), ...Array.from({ length: 50_000 }, (_, i) => i + 100_001)];
    const content = Buffer.from(steps.map(line).join(''));
    await withFile(content, (file) => {
      const sampled = sampledTable(file, content.length).steps;
      assert.deepEqual(sampled.toSorted(), sampled);
      assert.ok(sampled.includes(1) && (sampled.at(-1) ?? 0) > 149_000);
    });
  });

  it('whose lines are too long, or no records, has none', async () => {
    await withFile(Buffer.alloc(1 << 16, 'no record\n'), (file) => assert.equal(sampledTable(file, 1 << 16).length, 0));
    await withFile(Buffer.alloc(1 << 16, 'x'), (file) => assert.equal(sampledTable(file, 1 << 16).length, 0));
  });
});
