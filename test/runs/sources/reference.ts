import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { MetricTable } from '../../../src/core/records/metricTable.ts';

/** Files that real producers wrote, each folder with an independent reading; see test/data/producers/README.md. */
export const producers = path.resolve('test/data/producers');

/** Values by metric and step; of a step that was written twice the later one. */
export type Reference = ReadonlyMap<string, ReadonlyMap<number, number>>;

/** Reads a reference (`run,metric,step,value`), of one of its runs or of the only one. */
export function readReference(file: string, run?: string): Reference {
  const values = new Map<string, Map<number, number>>();
  for (const line of readFileSync(path.join(producers, file), 'utf8').split('\n').slice(1)) {
    const [, which, metric, step, value] = /^("(?:[^"]|"")*"|[^,]*),("(?:[^"]|"")*"|[^,]*),([^,]*),([^,]*)$/.exec(line.trim()) ?? [];
    if (metric === undefined || step === undefined || (run !== undefined && unquoted(which) !== run)) continue;
    const key = unquoted(metric);
    const column = values.get(key) ?? new Map<number, number>();
    column.set(Number(step), numberOf(value));
    values.set(key, column);
  }
  return values;
}

/** Claims that a table holds a reference, all of its metrics and no other but those named, to the last digit. */
export function assertHolds(
  table: MetricTable,
  reference: Reference,
  { besides = [] }: { readonly besides?: readonly string[] } = {},
): void {
  assert.ok(reference.size > 0, 'the reference has no values');
  assert.deepEqual(table.keys.filter((key) => !besides.includes(key)).toSorted(), [...reference.keys()].toSorted());
  for (const [key, expected] of reference) {
    const { steps = new Float64Array(), values = new Float64Array() } = table.series(key) ?? {};
    const read = new Map(Array.from(steps, (step, row) => [step, values[row] as number]));
    assert.deepEqual(
      [...read.keys()],
      [...expected.keys()].toSorted((a, b) => a - b),
      `steps of ${key}`,
    );
    for (const [step, value] of expected)
      assert.ok(
        Object.is(read.get(step), value) || read.get(step) === value,
        `${key} at step ${step}: ${read.get(step)} instead of ${value}`,
      );
  }
}

function unquoted(cell = ''): string {
  return cell.startsWith('"') ? cell.slice(1, -1).replaceAll('""', '"') : cell;
}

function numberOf(text = ''): number {
  const words: Readonly<Record<string, number>> = { nan: Number.NaN, inf: Infinity, '-inf': -Infinity };
  return words[text] ?? Number(text);
}
