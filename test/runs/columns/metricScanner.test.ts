import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Random } from '../../../src/core/random.ts';
import { MetricTable } from '../../../src/core/records/metricTable.ts';
import { parseMetrics } from '../../../src/core/records/metrics.ts';
import { MetricScanner } from '../../../src/runs/columns/metricScanner.ts';
import { LineSplitter } from '../../../src/runs/directory/lineSplitter.ts';
import { kernelFile } from './builtReader.ts';
import { randomFile, randomNumber } from './randomMetrics.ts';

interface Result {
  readonly table: MetricTable;
  readonly malformed: number;
}

/** What the scanner makes of a file whose bytes come in chunks. */
function scanned(file: Buffer, chunkBytes = Infinity): Result {
  const scanner = new MetricScanner(kernelFile);
  const { input } = scanner;
  for (let at = 0, held = 0; at < file.length; ) {
    const bytes = file.subarray(at, at + Math.min(chunkBytes, input.length - held));
    input.set(bytes, held);
    at += bytes.length;
    const used = scanner.scan(held + bytes.length);
    held += bytes.length - used;
    input.copyWithin(0, used, used + held);
  }
  return { table: scanner.table, malformed: scanner.malformed };
}

/** What the lines are one by one. */
function parsed(file: Buffer): Result {
  const table = new MetricTable();
  let malformed = 0;
  for (const line of new LineSplitter().feed(file)) {
    const record = parseMetrics(line);
    if (record) table.append(record);
    else if (line.trim() !== '') malformed++;
  }
  return { table, malformed };
}

function assertSame(actual: Result, expected: Result, where: string): void {
  assert.equal(actual.malformed, expected.malformed, where);
  assert.deepEqual(actual.table.keys, expected.table.keys, where);
  assert.deepEqual([...actual.table.records()], [...expected.table.records()], where);
  for (const key of expected.table.keys) assert.deepEqual(actual.table.column(key), expected.table.column(key), `${key} ${where}`);
}

describe('the scanner of metrics', () => {
  it('makes of any file what parsing it line by line makes of it', () => {
    for (let seed = 1; seed <= 400; seed++) {
      const random = new Random(seed);
      const file = Buffer.from(randomFile(random, 1 + random.integer(seed % 40 === 0 ? 6000 : 60)));
      const expected = parsed(file);
      assertSame(scanned(file), expected, `seed ${seed}`);
      assertSame(scanned(file, 1 + random.integer(300)), expected, `seed ${seed}, in chunks`);
    }
  });

  it('rounds every number as JSON.parse does', () => {
    const random = new Random(5);
    const numbers = Array.from({ length: 300_000 }, () => randomNumber(random));
    const lines = numbers.map((number, index) => `{"step":${index},"time":0,"data":{"a":${number}}}\n`);
    const values = scanned(Buffer.from(lines.join(''))).table.column('a')?.values;
    const wrong = numbers.filter((number, index) => !Object.is(values?.[index], JSON.parse(number)));
    assert.deepEqual(wrong, []);
  });

  it('parses only the first line of each shape as JSON', (test) => {
    const calls = test.mock.method(JSON, 'parse').mock;
    const line = (step: number): string => `{"step":${step},"time":${step / 7},"data":{"a":${Math.sin(step)}${step % 10 === 0 ? `,"val/b":${1 / step}` : ''}}}\n`;
    const { table } = scanned(Buffer.from(Array.from({ length: 10_000 }, (_, index) => line(index + 1)).join('')));
    const { values, present } = table.column('val/b') ?? {};
    assert.deepEqual([table.length, values?.[9_999], values?.[9_998], present?.[9_999], present?.[9_998]], [10_000, 1e-4, Number.NaN, 1, 0]);
    // Each of the two lines, and what its shape makes of its numbers.
    assert.equal(calls.callCount(), 4);
  });

  it('takes in files of a thousand metrics, and of a new shape in every line', () => {
    const random = new Random(9);
    const many = Array.from({ length: 1000 }, (_, index) => `"metric ${index}":${random.uniform()}`);
    const shuffled = (): string => many.map((entry) => [random.uniform(), entry] as const).sort(([a], [b]) => a - b).slice(0, 30).map(([, entry]) => entry).join(',');
    for (const data of [() => many.join(','), shuffled]) {
      const file = Buffer.from(Array.from({ length: 1000 }, (_, step) => `{"step":${step},"time":1,"data":{${data()}}}\n`).join(''));
      assertSame(scanned(file), parsed(file), '');
    }
  });

  it('leaves a line that is longer than its input where it is', () => {
    const scanner = new MetricScanner(kernelFile);
    scanner.input.fill('x');
    assert.equal(scanner.scan(scanner.input.length), 0);
    assert.deepEqual([scanner.table.length, scanner.malformed], [0, 0]);
  });
});
