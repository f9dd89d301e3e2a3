import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aggregate } from '../../../src/core/figure/aggregate.ts';
import { binsOver } from '../../../src/core/figure/binning.ts';
import { RunColumns } from '../../../src/core/panel/runColumns.ts';
import { seriesBand } from '../../../src/core/panel/seriesBand.ts';
import type { BandMember } from '../../../src/core/panel/seriesBand.ts';
import { Random } from '../../../src/core/random.ts';

function member(values: readonly number[], { collapsed = false, log = false, smoothing = 0, first = 0, stride = 1 } = {}): BandMember {
  const run = new RunColumns();
  run.accept({ from: 0, steps: { first, stride, count: values.length }, columns: { value: Float64Array.from(values) } });
  const series = run.series('step', 'value');
  assert.ok(series !== null);
  return { series, curve: series.curve({ log }), smoothing, collapsed };
}

function constant(length: number, value: number): number[] {
  return Array.from({ length }, () => value);
}

function range(length: number): number[] {
  return Array.from({ length }, (_, index) => index);
}

test('where a bin is a step, centre and band are those of the figure of a report, for means and for medians', () => {
  const random = new Random(2);
  const runs = Array.from({ length: 5 }, () => Array.from({ length: 90 }, () => random.uniform()));
  for (const aggregation of ['mean', 'median'] as const) {
    const expected = aggregate(
      runs.map((values) => ({ steps: range(90), values, collapsed: false })),
      binsOver([0, 89], 90),
      aggregation,
    );
    const band = seriesBand(
      runs.map((values) => member(values)),
      { from: 0, to: 89, columns: 900 },
      aggregation,
    );
    assert.deepEqual(band, {
      isCoarse: false,
      x: expected.map(({ step }) => step),
      centre: expected.map(({ centre }) => centre),
      low: expected.map(({ low }) => low),
      high: expected.map(({ high }) => high),
    });
  }
});

test('wide bins hold the mean of their steps', () => {
  const band = seriesBand([member(range(800)), member(range(800))], { from: 0, to: 799, columns: 600 }, 'mean');
  const at = band.x.indexOf(400);
  assert.equal(band.x[at + 1], 404);
  assert.ok(band.isCoarse);
  // Steps 398 to 401.
  assert.equal(band.centre[at], 399.5);
  assert.equal(band.low[at], 399.5);
});

test('while runs go on, the line goes as far as at least half of them do', () => {
  const ends = [member(constant(100, 1)), member(constant(60, 1)), member(constant(5, 1))];
  assert.equal(seriesBand(ends, { from: 0, to: 99, columns: 600 }, 'mean').x.at(-1), 59);
  assert.equal(seriesBand([...ends, member([])], { from: 0, to: 99, columns: 600 }, 'mean').x.at(-1), 59);
});

test('a run that collapsed and was stopped counts on in a mean, and drops out of a median', () => {
  const runs = [member(constant(50, 1)), member([...constant(9, 1), 0], { collapsed: true })];
  const window = { from: 0, to: 49, columns: 600 };
  const mean = seriesBand(runs, window, 'mean');
  assert.deepEqual([mean.x.at(-1), mean.centre.at(-1), mean.centre[5]], [49, 0.5, 1]);
  assert.equal(seriesBand(runs, window, 'median').centre.at(-1), 1);
});

test('zeros count on a log axis as what lies below all else, and not as what was logged before them', () => {
  const values = [10, 10, 0, 0, 10, 0];
  const window = { from: 0, to: 5, columns: 600 };
  const all = seriesBand([member(values, { log: true }), member(values, { log: true })], window, 'median');
  assert.deepEqual(all.centre, [1, 1, -Infinity, -Infinity, 1, -Infinity]);
  const one = seriesBand(
    [1, 1, 0].map((last) => member([10, last], { log: true })),
    window,
    'median',
  );
  assert.deepEqual(
    [one.centre, one.high],
    [
      [1, 0],
      [1, 0],
    ],
  );
  const rare = member([0, Number.NaN, 10], { log: true });
  assert.deepEqual(seriesBand([rare, rare], window, 'median').centre, [-Infinity, -Infinity, 1], 'a zero counts on too');
});

test('a run that logs more rarely counts between with its latest value', () => {
  const dense = member(constant(41, 0));
  const sparse = member(range(41).map((step) => (step % 10 === 0 ? 1 : Number.NaN)));
  const band = seriesBand([dense, sparse], { from: 0, to: 40, columns: 600 }, 'mean');
  assert.deepEqual(new Set(band.centre), new Set([0.5]));
});

test('bins stay where they are while the view moves over the data', () => {
  const runs = [member(range(5000)), member(range(5000))];
  const here = seriesBand(runs, { from: 1000, to: 3000, columns: 400 }, 'mean');
  const there = seriesBand(runs, { from: 1003.7, to: 3003.7, columns: 400 }, 'mean');
  const shared = here.x.filter((x) => there.x.includes(x));
  assert.ok(shared.length > here.x.length - 4);
  for (const x of shared) assert.equal(here.centre[here.x.indexOf(x)], there.centre[there.x.indexOf(x)]);
});

test('no runs, or none with a value, make no line', () => {
  const empty = { x: [], centre: [], low: [], high: [], isCoarse: false };
  assert.deepEqual(seriesBand([], { from: 0, to: 1, columns: 10 }, 'mean'), empty);
  assert.deepEqual(seriesBand([member([]), member([Number.NaN])], { from: 0, to: 1, columns: 10 }, 'mean'), empty);
});

test('on a log axis a line stands at zero while at least half of the runs are mostly zero, and among the others otherwise', () => {
  const often = (share: number): number[] => Array.from({ length: 400 }, (_, step) => ((step * 7) % 10 < share * 10 ? 0 : 100));
  const window = { from: 0, to: 399, columns: 1200 };
  const centres = (shares: readonly number[], aggregation: 'mean' | 'median'): ReadonlySet<number> => {
    const runs = shares.map((share) => member(often(share), { log: true, smoothing: 20 }));
    // The first average is that of a few values.
    return new Set(seriesBand(runs, window, aggregation).centre.slice(40));
  };
  for (const aggregation of ['mean', 'median'] as const) {
    assert.deepEqual(centres([0.2, 0.2, 0.8], aggregation), new Set([2]));
    assert.deepEqual(centres([0.2, 0.8, 0.8], aggregation), new Set([-Infinity]));
  }
  const band = seriesBand(
    [0.2, 0.2, 0.2, 0.8].map((share) => member(often(share), { log: true, smoothing: 20 })),
    window,
    'median',
  );
  assert.deepEqual([band.low.at(-1), band.centre.at(-1), band.high.at(-1)], [-Infinity, 2, 2]);
});

test('a run that ends in zeros is there to its end', () => {
  const runs = [1, 2].map(() => member([...constant(50, 10), ...constant(50, 0)], { log: true }));
  const band = seriesBand(runs, { from: 0, to: 99, columns: 600 }, 'median');
  assert.deepEqual([band.x.at(-1), band.centre.at(-1), band.centre[49]], [99, -Infinity, 1]);
});

test('values that are not finite are left out of a bin that has others', () => {
  const runs = [1, 2].map(() => member(range(800).map((step) => (step === 400 ? Infinity : 1))));
  assert.deepEqual(new Set(seriesBand(runs, { from: 0, to: 799, columns: 600 }, 'mean').centre), new Set([1]));
});
