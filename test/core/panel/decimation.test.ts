import assert from 'node:assert/strict';
import { test } from 'node:test';
import { segments } from '../../../src/core/figure/decimation.ts';
import { decimate } from '../../../src/core/panel/decimation.ts';
import type { XWindow } from '../../../src/core/panel/decimation.ts';
import { Polyline } from '../../../src/core/panel/polyline.ts';
import { RunColumns } from '../../../src/core/panel/runColumns.ts';
import type { RunSeries } from '../../../src/core/panel/runSeries.ts';
import { Random } from '../../../src/core/random.ts';

interface Point {
  readonly x: number;
  readonly y: number;
}

function seriesOf(steps: readonly number[], values: readonly number[], times?: readonly number[]): RunSeries {
  const run = new RunColumns();
  const time = times === undefined ? {} : { '@time': Float64Array.from(times) };
  run.accept({ from: 0, steps: Float64Array.from(steps), columns: { score: Float64Array.from(values), ...time } });
  const series = run.series(times === undefined ? 'step' : 'time', 'score');
  assert.ok(series !== null);
  return series;
}

function drawn(series: RunSeries, window: XWindow): Point[] {
  const lines = { raw: new Polyline(), smooth: new Polyline() };
  decimate(series, series.curve({ log: false }), window, 0, lines);
  return pointsOf(lines.raw);
}

function pointsOf(line: Polyline): Point[] {
  return Array.from({ length: line.length }, (_, index) => ({ x: line.x[index] as number, y: line.y[index] as number }));
}

function range(length: number): number[] {
  return Array.from({ length }, (_, index) => index);
}

function pieces(points: readonly Point[]): Point[][] {
  const all: Point[][] = [[]];
  for (const point of points) {
    if (Number.isNaN(point.y)) all.push([]);
    else all[all.length - 1]?.push(point);
  }
  return all.filter((piece) => piece.length > 0);
}

/** Values with spikes; steps in one rhythm and times in another, with pauses and rows at the same moment. */
function noisyRun(random: Random, length: number): { values: number[]; times: number[] } {
  let time = 0;
  const times = Array.from(
    { length },
    () => (time += random.uniform() < 0.001 ? 500 * random.uniform() : random.uniform() < 0.1 ? 0 : random.uniform()),
  );
  const values = Array.from({ length }, (_, index) => Math.sin(index / 300) + random.uniform() * (random.uniform() < 0.001 ? 100 : 1));
  return { values, times };
}

test('at any zoom and in any rhythm, the lowest and highest value of a pixel are drawn within a pixel of it, and no other values', () => {
  const random = new Random(21);
  for (const [length, timed] of [
    [300, false],
    [20_000, false],
    [50_000, true],
  ] as const) {
    const { values, times } = noisyRun(random, length);
    const steps = values.map((_, index) => index);
    const series = seriesOf(steps, values, timed ? times : undefined);
    const last = series.x[length - 1] as number;
    for (let zoom = 0; zoom < 12; zoom++) {
      const width = last * random.uniform() ** 3;
      const from = random.uniform() * (last - width);
      const window = { from, to: from + width, columns: 50 + Math.floor(random.uniform() * 400) };
      const pixel = width / window.columns;
      const points = drawn(series, window).filter(({ y }) => !Number.isNaN(y));
      const logged = Array.from(series.x, (x, index) => ({ x, y: series.y[index] as number }));
      const near = (all: readonly Point[], low: number, high: number): Point[] => all.filter(({ x }) => x >= low && x <= high);
      for (let column = 0; column < window.columns; column += 7) {
        const left = from + column * pixel;
        const inside = near(logged, left, left + pixel).map(({ y }) => y);
        if (inside.length === 0) continue;
        const around = near(points, left - pixel * 1.001, left + pixel * 2.001).map(({ y }) => y);
        assert.ok(Math.max(...around) >= Math.max(...inside), 'the highest is missing');
        assert.ok(Math.min(...around) <= Math.min(...inside), 'the lowest is missing');
        const reach = near(logged, left - pixel * 1.001, left + pixel * 2.001).map(({ y }) => y);
        for (const { y } of near(points, left, left + pixel)) assert.ok(reach.includes(y), 'a value that was not logged there');
      }
    }
  }
});

test('a million points take no more than four a pixel', () => {
  const values = Float64Array.from({ length: 1_000_000 }, (_, index) => Math.sin(index));
  const run = new RunColumns();
  run.accept({ from: 0, steps: { first: 0, stride: 1, count: values.length }, columns: { score: values } });
  const series = run.series('step', 'score');
  assert.ok(series !== null);
  for (const [from, to] of [
    [0, 999_999],
    [300_000, 420_000],
    [500_000, 507_000],
    [500_000, 500_100],
  ] as const) {
    const points = drawn(series, { from, to, columns: 800 });
    assert.ok(points.length <= 4 * 800 + 2, `${points.length} points from ${from} to ${to}`);
  }
});

test('lines run to the edge: the neighbours just outside are kept', () => {
  const series = seriesOf([0, 10, 20, 30, 40], [1, 2, 3, 4, 5]);
  assert.deepEqual(
    drawn(series, { from: 12, to: 28, columns: 100 }).map(({ x }) => x),
    [10, 20, 30],
  );
});

test('a line breaks where the figure of a report breaks it: not at a score logged every ten steps, but where one is missing', () => {
  const random = new Random(4);
  for (let round = 0; round < 50; round++) {
    const every = 1 + Math.floor(random.uniform() * 12);
    const steps = Array.from({ length: 120 }, (_, index) => index);
    const values = steps.map((step) => (step % every === 0 && random.uniform() > 0.1 ? step : Number.NaN));
    const expected = segments(steps, values);
    assert.deepEqual(pieces(drawn(seriesOf(steps, values), { from: 0, to: 119, columns: 500 })), expected);
  }
});

test('over some zeros of a log axis the smoothed line goes on, and where at least half of the values are zero there is none', () => {
  const values = Array.from({ length: 600 }, (_, step) => (step % 6 < (step < 300 ? 1 : 5) ? 0 : 10));
  const series = seriesOf(range(600), values);
  const lines = { raw: new Polyline(), smooth: new Polyline() };
  decimate(series, series.curve({ log: true }), { from: 0, to: 599, columns: 700 }, 12, lines);
  const smooth = pieces(pointsOf(lines.smooth));
  assert.equal(smooth.length, 1);
  const last = smooth[0]?.at(-1)?.x ?? 0;
  assert.ok(last > 300 && last < 340, `${last}`);
  assert.ok(pieces(pointsOf(lines.raw)).length > 40, 'the values themselves are not joined over zeros');
});

test('a pause on the time axis is no break: steps follow each other', () => {
  const series = seriesOf([1, 2, 3, 4], [1, 1, 1, 1], [100, 101, 5000, 5001]);
  assert.equal(pieces(drawn(series, { from: 0, to: 4901, columns: 100 })).length, 1);
});

test('a break stays visible among more points than pixels', () => {
  const steps = Array.from({ length: 20_000 }, (_, index) => (index < 10_000 ? index : index + 5_000));
  const parts = pieces(drawn(seriesOf(steps, steps), { from: 0, to: 25_000, columns: 200 }));
  assert.equal(parts.length, 2);
  assert.equal(parts[0]?.at(-1)?.x, 9_999);
  assert.equal(parts[1]?.[0]?.x, 15_000);
});
