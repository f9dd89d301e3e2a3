import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RunColumns } from '../../../src/core/panel/runColumns.ts';
import { MetricTable } from '../../../src/core/records/metricTable.ts';
import { RunFeed } from '../../../src/runs/panel/runFeed.ts';

const columns = ['norm', 'score', 'entropy'];

function feedOf(rows: number): { feed: RunFeed; append: (step: number) => void } {
  const table = new MetricTable();
  const add = (step: number): number => table.appendAll([{ step, time: step, data: { norm: step, score: 2 * step, entropy: 3 * step } }]);
  for (let step = 1; step <= rows; step++) add(step);
  let tell: (from: number) => void = () => undefined;
  const source = {
    openMetrics(_dir: string, onRows: (from: number) => void) {
      tell = onRows;
      return { table, caughtUp: Promise.resolve(), close: () => undefined };
    },
  };
  const feed = new RunFeed(source, 'run', () => undefined);
  feed.show(new Set(columns));
  return { feed, append: (step) => tell(add(step)) };
}

test('the columns of a long run come one after the other, as the page named them', () => {
  const { feed, append } = feedOf(100);
  const page = new RunColumns();
  const messages: string[][] = [];
  while (feed.behind) {
    const rows = feed.take(150);
    messages.push(Object.keys(rows.columns));
    page.accept(rows);
    // A step that comes in between waits for its turn.
    if (messages.length === 2) append(101);
  }
  assert.deepEqual(messages, [['norm'], ['score'], ['entropy'], columns]);
  for (const [name, factor] of [['norm', 1], ['score', 2], ['entropy', 3]] as const) {
    assert.deepEqual([...(page.series('step', name)?.y ?? [])], Array.from({ length: 101 }, (_, row) => factor * (row + 1)), name);
  }
});

test('the columns of a short run come together', () => {
  const { feed } = feedOf(20);
  assert.deepEqual(Object.keys(feed.take(150).columns), columns);
  assert.equal(feed.behind, false);
});

test('a run of more rows than a message may have comes in slices', () => {
  const { feed } = feedOf(400);
  const page = new RunColumns();
  for (let messages = 0; feed.behind; messages++) {
    assert.ok(messages < 20);
    page.accept(feed.take(150));
  }
  assert.equal(page.series('step', 'entropy')?.y[399], 1200);
});
