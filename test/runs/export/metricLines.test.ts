import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MetricTable } from '../../../src/core/records/metricTable.ts';
import { csvCell, csvLines } from '../../../src/runs/export/metricLines.ts';

test('a cell that a spreadsheet would take for a formula is made text; numbers stay numbers', () => {
  const formulas = ['=1+1', '+cmd', '-loss', '@SUM(A1)', '\t=1', '\r=1', ' =1', '＝1+1', '-2+3'];
  for (const text of formulas) assert.match(csvCell(text), /^"?'/, JSON.stringify(text));
  for (const text of ['-5', '+1.5e-3', '-Infinity', 'loss-a', 'a=b', '']) assert.equal(csvCell(text), text);
});

test('cells with a separator, a quote or a line break are quoted', () => {
  assert.deepEqual(['a,b', 'say "x"', 'a\nb', 'a;b', '=HYPERLINK("x","y")'].map(csvCell), [
    '"a,b"',
    '"say ""x"""',
    '"a\nb"',
    '"a;b"',
    `"'=HYPERLINK(""x"",""y"")"`,
  ]);
});

test('numbers are written to the last digit, and what is no number by its name', () => {
  const table = new MetricTable();
  table.append({ step: 1, time: 1.25, data: { a: 0.1 + 0.2, b: Number.NaN, c: -Infinity, d: 1e-300 } });
  table.append({ step: 2, time: Number.NaN, data: { a: Infinity, b: -0, d: 2 ** 53 } });
  assert.deepEqual(
    [...csvLines(table)],
    ['step,time,a,b,c,d', '1,1.25,0.30000000000000004,NaN,-Infinity,1e-300', '2,,Infinity,-0,,9007199254740992'],
  );
});

test('a metric may have any name', () => {
  const table = new MetricTable();
  const data = JSON.parse('{"__proto__": 1, "constructor": 2, "": 3, "x": 4}') as Record<string, number>;
  table.append({ step: 1, time: 0, data });
  assert.deepEqual([...csvLines(table)], ['step,time,__proto__,constructor,,x', '1,0,1,2,3,4']);
});
