import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Random } from '../../../src/core/random.ts';
import { MetricScanner } from '../../../src/runs/columns/metricScanner.ts';
import { kernelFile } from './builtReader.ts';
import { assertSame, parsedByLine, readInBulk } from './fileResult.ts';
import type { FileResult } from './fileResult.ts';
import { randomFile, randomNumber } from './randomMetrics.ts';

/** What the scanner makes of a file whose bytes come in chunks. */
function scanned(file: Buffer, chunkBytes = Infinity): FileResult {
  const scanner = new MetricScanner(kernelFile);
  const { input } = scanner;
  for (let at = 0, held = 0; at < file.length;) {
    const bytes = file.subarray(at, at + Math.min(chunkBytes, input.length - held));
    input.set(bytes, held);
    at += bytes.length;
    const used = scanner.scan(held + bytes.length);
    held += bytes.length - used;
    input.copyWithin(0, used, used + held);
  }
  return readInBulk(scanner);
}

describe('the scanner of metrics', () => {
  it('makes of any file what parsing it line by line makes of it', () => {
    for (let seed = 1; seed <= 150; seed++) {
      const random = new Random(seed);
      const file = Buffer.from(randomFile(random, 1 + random.integer(seed % 40 === 0 ? 6000 : 60)));
      const expected = parsedByLine(file);
      assertSame(scanned(file), expected, `seed ${seed}`);
      assertSame(scanned(file, 1 + random.integer(300)), expected, `seed ${seed}, in chunks`);
    }
  });

  it('rounds every number as JSON.parse does', () => {
    const random = new Random(5);
    const numbers = Array.from({ length: 100_000 }, () => randomNumber(random));
    const lines = numbers.map((number, index) => `{"step":${index},"time":0,"data":{"a":${number}}}\n`);
    const values = scanned(Buffer.from(lines.join(''))).history.table.column('a')?.values;
    const wrong = numbers.filter((number, index) => !Object.is(values?.[index], JSON.parse(number)));
    assert.deepEqual(wrong, []);
  });

  it('parses only the first line of each shape as JSON', (test) => {
    const calls = test.mock.method(JSON, 'parse').mock;
    const line = (step: number): string =>
      `{"step":${step},"time":${step / 7},"data":{"a":${Math.sin(step)}${step % 10 === 0 ? `,"val/b":${1 / step}` : ''}}}\n`;
    const { table } = scanned(Buffer.from(Array.from({ length: 10_000 }, (_, index) => line(index + 1)).join(''))).history;
    const { values, present } = table.column('val/b') ?? {};
    assert.deepEqual(
      [table.length, values?.[9_999], values?.[9_998], present?.[9_999], present?.[9_998]],
      [10_000, 1e-4, Number.NaN, 1, 0],
    );
    // Each of the two lines, and twice what its shape makes of numbers.
    assert.equal(calls.callCount(), 6);
  });

  it('takes in files of a thousand metrics, and of a new shape in every line', () => {
    const random = new Random(9);
    const many = Array.from({ length: 1000 }, (_, index) => `"metric ${index}":${random.uniform()}`);
    const shuffled = (): string =>
      many
        .map((entry) => [random.uniform(), entry] as const)
        .sort(([a], [b]) => a - b)
        .slice(0, 30)
        .map(([, entry]) => entry)
        .join(',');
    const fewer = (): string => shuffled().replaceAll(/metric (\d)\d+/g, 'metric $1');
    for (const data of [() => many.join(','), shuffled, fewer]) {
      const file = Buffer.from(Array.from({ length: 200 }, (_, step) => `{"step":${step},"time":1,"data":{${data()}}}\n`).join(''));
      assertSame(scanned(file), parsedByLine(file), '');
    }
  });

  it('leaves a line that is longer than its input where it is', () => {
    const scanner = new MetricScanner(kernelFile);
    scanner.input.fill('x');
    assert.equal(scanner.scan(scanner.input.length), 0);
    assert.deepEqual([scanner.stretches.steps, scanner.malformed], [0, 0]);
  });
});
