import assert from 'node:assert/strict';
import { parseMetrics } from '../../../src/core/records/metrics.ts';
import { RunHistory } from '../../../src/core/records/runHistory.ts';
import type { Stretches } from '../../../src/core/records/stretch.ts';
import { LineSplitter } from '../../../src/runs/directory/lineSplitter.ts';

/** What a metrics.jsonl says. */
export interface FileResult {
  readonly history: RunHistory;
  readonly malformed: number;
}

/** What its lines are one by one. */
export function parsedByLine(file: Buffer): FileResult {
  const history = new RunHistory();
  let malformed = 0;
  for (const line of new LineSplitter().feed(file)) {
    const record = parseMetrics(line);
    if (record) history.take(record);
    else if (line.trim() !== '') malformed++;
  }
  return { history, malformed };
}

/** What was read of it in bulk. */
export function readInBulk({ stretches, malformed }: { readonly stretches: Stretches; readonly malformed: number }): FileResult {
  const history = new RunHistory();
  for (const stretch of stretches.all) history.takeStretch(stretch);
  return { history, malformed };
}

export function assertSame(actual: FileResult, expected: FileResult, where: string): void {
  const [read, lines] = [actual.history, expected.history];
  assert.deepEqual([actual.malformed, read.records, read.lives], [expected.malformed, lines.records, lines.lives], where);
  assert.deepEqual([read.repeated, read.undone], [lines.repeated, lines.undone], where);
  assert.deepEqual(new Set(read.table.keys), new Set(lines.table.keys), where);
  assert.deepEqual([...read.table.records()], [...lines.table.records()], where);
  for (const key of lines.table.keys) assert.deepEqual(read.table.column(key), lines.table.column(key), `${key} ${where}`);
}
