import assert from 'node:assert/strict';
import { MetricTable } from '../../../src/core/records/metricTable.ts';
import { parseMetrics } from '../../../src/core/records/metrics.ts';
import { LineSplitter } from '../../../src/runs/directory/lineSplitter.ts';

/** What a metrics.jsonl says. */
export interface FileResult {
  readonly table: MetricTable;
  readonly malformed: number;
}

/** What its lines are one by one. */
export function parsedByLine(file: Buffer): FileResult {
  const table = new MetricTable();
  let malformed = 0;
  for (const line of new LineSplitter().feed(file)) {
    const record = parseMetrics(line);
    if (record) table.append(record);
    else if (line.trim() !== '') malformed++;
  }
  return { table, malformed };
}

export function assertSame(actual: FileResult, expected: FileResult, where: string): void {
  assert.equal(actual.malformed, expected.malformed, where);
  assert.deepEqual(actual.table.keys, expected.table.keys, where);
  assert.deepEqual([...actual.table.records()], [...expected.table.records()], where);
  for (const key of expected.table.keys) assert.deepEqual(actual.table.column(key), expected.table.column(key), `${key} ${where}`);
}
