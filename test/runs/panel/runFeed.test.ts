import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RunColumns } from '../../../src/core/panel/runColumns.ts';
import { MetricTable } from '../../../src/core/records/metricTable.ts';
import { RunFeed } from '../../../src/runs/panel/runFeed.ts';

const columns = ['norm', 'score', 'entropy'];

function feedOf(rows: number): { feed: RunFeed; append: (step: number) => void; begin: (rows: number) => void } {
  let table = new MetricTable();
  const add = (step: number): number => table.appendAll([{ step, time: step, data: { norm: step, score: 2 * step, entropy: 3 * step } }]);
  const fill = (to: number): void => {
    for (let step = 1; step <= to; step++) add(step);
  };
  fill(rows);
  let tell: (from: number) => void = () => undefined;
  const source = {
    openMetrics(_dir: string, onRows: (from: number) => void) {
      tell = onRows;
      return {
        get table() {
          return table;
        },
        caughtUp: Promise.resolve(),
        close: () => undefined,
      };
    },
  };
  const feed = new RunFeed(source, 'run', {}, () => undefined);
  feed.show(new Set(columns));
  const begin = (count: number): void => {
    table = new MetricTable();
    fill(count);
    tell(0);
  };
  return { feed, append: (step) => tell(add(step)), begin };
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
  for (const [name, factor] of [
    ['norm', 1],
    ['score', 2],
    ['entropy', 3],
  ] as const) {
    assert.deepEqual(
      [...(page.series('step', name)?.y ?? [])],
      Array.from({ length: 101 }, (_, row) => factor * (row + 1)),
      name,
    );
  }
});

test('the columns of a short run come together', () => {
  const { feed } = feedOf(20);
  assert.deepEqual(Object.keys(feed.take(150).columns), columns);
  assert.equal(feed.behind, false);
});

test('an overview of a run that is too long for one message has few rows, in steps and on every axis', async () => {
  const { feed } = feedOf(10_000);
  feed.show(new Set([...columns, '@time']));
  const overview = await feed.takeOverview(10_000);
  assert.ok(overview);
  const { steps } = overview;
  assert.ok(steps instanceof Float64Array);
  assert.deepEqual([steps[0], steps.at(-1)], [1, 10_000]);
  assert.ok(steps.length * (1 + Object.keys(overview.columns).length) <= 2000, `${steps.length} rows`);
  assert.deepEqual(
    overview.columns['score'],
    steps.map((step) => 2 * step),
  );
  assert.deepEqual(overview.columns['@time'], steps);
  assert.equal(await feed.takeOverview(10_000), undefined, 'once');
});

test('a column that is added to a long run has an overview too, and a short run has none', async () => {
  const { feed } = feedOf(200);
  assert.deepEqual(Object.keys((await feed.takeOverview(150))?.columns ?? {}), columns);
  while (feed.behind) feed.take(1000);
  feed.show(new Set([...columns, '@time']));
  assert.deepEqual(Object.keys((await feed.takeOverview(150))?.columns ?? {}), ['@time']);
  assert.equal(await feedOf(20).feed.takeOverview(150), undefined);
});

test('a run that begins anew while its overview is taken has none of what is gone', async () => {
  const { feed, begin } = feedOf(600_000);
  const overview = feed.takeOverview(10_000);
  begin(5);
  assert.equal(await overview, undefined);
  assert.equal(await feed.takeOverview(10_000), undefined);
});

test('the overview of a run that began anew is forgotten', async () => {
  const { feed, begin } = feedOf(200);
  await feed.takeOverview(150);
  begin(5);
  assert.deepEqual(await feed.takeOverview(150), { from: 0, steps: new Float64Array(), columns: {} });
  assert.equal(await feed.takeOverview(150), undefined);
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

test('of a run that is being read the page has a sample, and then its rows', async () => {
  const sample = new MetricTable();
  for (let step = 1; step <= 1000; step += 111) sample.put({ step, time: step, data: { norm: step, score: 2 * step } });
  const table = new MetricTable();
  let tell: (from: number) => void = () => undefined;
  const source = {
    openMetrics(_dir: string, onRows: (from: number) => void) {
      tell = onRows;
      return { table, sample, caughtUp: Promise.resolve(), close: () => undefined };
    },
  };
  const feed = new RunFeed(source, 'run', { gradNorm: 'norm' }, () => undefined);
  assert.deepEqual(feed.metrics, ['norm', 'score']);
  feed.show(new Set(['@gradNorm', '@time', '@tokens']));
  assert.equal(feed.behind, true);
  assert.deepEqual(await feed.takeOverview(1000), {
    from: 0,
    steps: sample.steps.slice(),
    columns: { '@gradNorm': sample.steps.slice(), '@time': sample.steps.slice() },
  });
  assert.deepEqual([feed.behind, await feed.takeOverview(1000)], [false, undefined], 'once');
  feed.show(new Set(['score', '@gradNorm']));
  assert.deepEqual(Object.keys((await feed.takeOverview(1000))?.columns ?? {}), ['score', '@gradNorm']);
  for (let step = 1; step <= 1000; step++) table.put({ step, time: step, data: { norm: step, score: 2 * step } });
  tell(0);
  const page = new RunColumns();
  while (feed.behind) page.accept(feed.take(1500));
  assert.equal(page.series('step', '@gradNorm')?.y.length, 1000);
});
