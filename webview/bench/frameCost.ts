// The page of bench/frameCost.mjs: what a frame of two charts costs, beside chart.js drawing the same points as data sets of its own.
import { Chart, LinearScale, LineController, LineElement, PointElement } from 'chart.js';
import { Random } from '../../src/core/random.ts';
import { RunColumns } from '../../src/core/panel/runColumns.ts';
import { AxisRoom } from '../chart/axisRoom.ts';
import type { ChartModel, ChartSeries } from '../chart/chartModel.ts';
import { drawOverlay } from '../chart/overlay.ts';
import { Plot } from '../chart/plot.ts';
import { Projection } from '../chart/projection.ts';
import { readingAt } from '../chart/readouts.ts';
import { SceneBuilder } from '../chart/scene.ts';
import type { Scene } from '../chart/scene.ts';
import { ReadoutBox } from '../readout.ts';
import { Theme } from '../theme.ts';

Chart.register(LineController, LineElement, PointElement, LinearScale);

export interface FrameCost {
  readonly name: string;
  /** Milliseconds, median over frames, of both charts together. */
  readonly scene: number;
  readonly draw: number;
  /** Until the pixels are there; without a graphics card they are painted by the processor. */
  readonly paint: number;
}

const metrics = ['norm', 'score'] as const;
const size = { width: 600, height: 300, pixelRatio: 2 };
const room = new AxisRoom();
const frames = 15;

/** Runs of noise with rare spikes: the most that there can be to draw. */
function noisyRuns(runs: number, steps: number): RunColumns[] {
  return Array.from({ length: runs }, (_, seed) => {
    const random = new Random(seed + 1);
    const norm = Float64Array.from({ length: steps }, () => (0.5 + random.uniform()) * (random.uniform() < 1e-4 ? 1e4 : 1));
    const score = Float64Array.from(
      { length: steps },
      (_value, step) => 0.5 + 0.3 * Math.sin((6 * step) / steps + seed) + 0.2 * (random.uniform() - 0.5),
    );
    const columns = new RunColumns();
    columns.accept({ from: 0, steps: { first: 1, stride: 1, count: steps }, columns: { norm, score } });
    return columns;
  });
}

function modelOf(runs: readonly RunColumns[], metric: string, banded: boolean, xRange: readonly [number, number] | null): ChartModel {
  const drawn = runs.flatMap((columns, index) => {
    const data = columns.series('step', metric);
    return data === null ? [] : [{ id: String(index), label: String(index), onset: null, data }];
  });
  const series = (name: string, members: typeof drawn): ChartSeries => ({
    name,
    color: `hsl(${45 * Number(name)} 60% 45%)`,
    dash: [],
    band: banded,
    runs: members,
  });
  return {
    heading: metric,
    compact: false,
    x: 'step',
    xHeading: 'Step',
    yScale: 'auto',
    robust: true,
    limits: { low: null, high: null },
    yRange: null,
    comparedAs: null,
    others: null,
    extent: [1, runs[0]?.length ?? 1],
    xRange,
    smoothing: { by: 'range', share: 0.02 },
    aggregation: metric === 'norm' ? 'median' : 'mean',
    series: banded ? [series('0', drawn)] : drawn.map((run) => series(run.id, [run])),
    highlighted: null,
    onsets: [],
    notes: [],
  };
}

function newCanvas(): HTMLCanvasElement {
  const canvas = document.createElement('canvas');
  canvas.width = size.width;
  canvas.height = size.height;
  document.body.append(canvas);
  return canvas;
}

function paint(canvases: readonly HTMLCanvasElement[]): void {
  for (const canvas of canvases) canvas.getContext('2d')?.getImageData(0, 0, 1, 1);
}

function median(values: number[]): number {
  return values.sort((a, b) => a - b)[values.length >> 1] ?? 0;
}

/** Frames of panning over `share` of the runs. */
async function measure(name: string, runs: readonly RunColumns[], steps: number, banded: boolean, share: number): Promise<FrameCost> {
  const { colors } = new Theme();
  const canvases = metrics.map(newCanvas);
  const plots = canvases.map((canvas) => new Plot(canvas));
  const builders = metrics.map(() => new SceneBuilder());
  const costs: Record<'scene' | 'draw' | 'paint', number[]> = { scene: [], draw: [], paint: [] };
  for (let frame = 0; frame <= frames; frame++) {
    const from = (steps * (1 - share) * frame) / frames;
    const models = metrics.map((metric) => modelOf(runs, metric, banded, share === 1 ? null : [from, from + steps * share]));
    const start = performance.now();
    const scenes = models.map((model, index) => (builders[index] as SceneBuilder).build(model, size.width));
    const built = performance.now();
    models.forEach((model, index) =>
      (plots[index] as Plot).draw({ model, scene: scenes[index] as Scene, colors, contrast: false, ...size, room }),
    );
    const drawn = performance.now();
    paint(canvases);
    // The first frame takes the data in; it is opening a panel, not moving in it.
    if (frame > 0) {
      costs.scene.push(built - start);
      costs.draw.push(drawn - built);
      costs.paint.push(performance.now() - drawn);
    }
    await new Promise((resolve) => setTimeout(resolve));
  }
  plots.forEach((plot) => plot.dispose());
  canvases.forEach((canvas) => canvas.remove());
  return { name, scene: median(costs.scene), draw: median(costs.draw), paint: median(costs.paint) };
}

/** Frames of a pointer that moves over both charts, which were drawn before: crosshair, markers and box. */
async function measureHover(name: string, runs: readonly RunColumns[], seeds: number): Promise<FrameCost> {
  const { colors } = new Theme();
  const canvases = metrics.map(newCanvas);
  const boxes = metrics.map(
    () =>
      new ReadoutBox(
        () => undefined,
        () => undefined,
      ),
  );
  for (const { element } of boxes) document.body.append(element);
  const models = metrics.map((metric) => inSeries(modelOf(runs, metric, false, null), seeds));
  const scenes = models.map((model) => new SceneBuilder().build(model, size.width));
  const area = { left: 50, right: size.width - 12, top: 30, bottom: size.height - 40 };
  const costs: Record<'scene' | 'draw' | 'paint', number[]> = { scene: [], draw: [], paint: [] };
  for (let frame = 0; frame <= 4 * frames; frame++) {
    const start = performance.now();
    const projections = scenes.map((scene) => new Projection(scene, area));
    const readings = scenes.map((scene, index) => {
      const projection = projections[index] as Projection;
      const [left, pointer] = [area.left + (frame * 500) / (4 * frames), 100 + frame];
      return readingAt(scene, models[index] as ChartModel, projection, projection.xAt(left), { pointer, isFull: true });
    });
    const read = performance.now();
    readings.forEach((reading, index) => {
      const projection = projections[index] as Projection;
      drawOverlay(canvases[index] as HTMLCanvasElement, { projection, reading, selection: null, colors, ...size });
      boxes[index]?.show(reading, { x: 'step', metric: 'norm', comparedAs: null, isPinned: false, markOf });
    });
    const drawn = performance.now();
    paint(canvases);
    for (const { element } of boxes) element.getBoundingClientRect();
    if (frame > 0) {
      costs.scene.push(read - start);
      costs.draw.push(drawn - read);
      costs.paint.push(performance.now() - drawn);
    }
    await new Promise((resolve) => setTimeout(resolve));
  }
  boxes.forEach(({ element }) => element.remove());
  canvases.forEach((canvas) => canvas.remove());
  return { name, scene: median(costs.scene), draw: median(costs.draw), paint: median(costs.paint) };
}

/** The runs in series of so many seeds, each drawn as one line. */
function inSeries(model: ChartModel, seeds: number): ChartModel {
  const runs = model.series.flatMap((series) => series.runs);
  const series = model.series.filter((_series, index) => index % seeds === 0);
  return {
    ...model,
    series: series.map((entry, index) => ({
      ...entry,
      band: true,
      runs: runs.slice(index * seeds, (index + 1) * seeds).map((run) => ({ ...run, label: `a_name_as_long_as_they_are seed ${run.id}` })),
    })),
  };
}

function markOf(): Element {
  return document.createElementNS('http://www.w3.org/2000/svg', 'svg');
}

/** The same points, already decimated, as data sets of chart.js. */
async function measureDataSets(name: string, runs: readonly RunColumns[]): Promise<FrameCost> {
  const canvases = metrics.map(newCanvas);
  const dataOf = (scene: Scene): { x: number; y: number }[][] =>
    scene.series.flatMap((series) =>
      series.runs.flatMap(({ raw, smooth }) =>
        [raw, ...(smooth === null ? [] : [smooth])].map((line) =>
          Array.from({ length: line.length }, (_, i) => ({ x: line.x[i] as number, y: line.y[i] as number })),
        ),
      ),
    );
  const scenes = metrics.map((metric) => new SceneBuilder().build(modelOf(runs, metric, false, null), size.width));
  const charts = scenes.map((scene, index) => {
    const datasets = dataOf(scene).map((data) => ({ data, borderColor: '#0060b0', borderWidth: 1, pointRadius: 0 }));
    const scales = { x: { type: 'linear' }, y: { type: 'linear' } } as const;
    return new Chart(canvases[index] as HTMLCanvasElement, {
      type: 'line',
      data: { datasets },
      options: {
        responsive: false,
        animation: false,
        parsing: false,
        normalized: true,
        events: [],
        devicePixelRatio: size.pixelRatio,
        scales,
      },
    });
  });
  const costs: Record<'draw' | 'paint', number[]> = { draw: [], paint: [] };
  for (let frame = 0; frame < frames; frame++) {
    const start = performance.now();
    charts.forEach((chart, index) => {
      dataOf(scenes[index] as Scene).forEach((data, line) => ((chart.data.datasets[line] as { data: unknown }).data = data));
      chart.update('none');
    });
    const drawn = performance.now();
    paint(canvases);
    costs.draw.push(drawn - start);
    costs.paint.push(performance.now() - drawn);
    await new Promise((resolve) => setTimeout(resolve));
  }
  charts.forEach((chart) => chart.destroy());
  canvases.forEach((canvas) => canvas.remove());
  return { name, scene: 0, draw: median(costs.draw), paint: median(costs.paint) };
}

async function frameCosts(): Promise<FrameCost[]> {
  const rows: FrameCost[] = [];
  const short = noisyRuns(8, 1000);
  rows.push(await measure('8 runs of 1,000 steps, all of it', short, 1000, false, 1));
  rows.push(await measureHover('60 runs of 600 steps, the pointer moves', noisyRuns(60, 600), 4));
  const steps = 1_000_000;
  const long = noisyRuns(8, steps);
  for (const [name, share] of [
    ['all of it', 1],
    ['half', 0.5],
    ['a tenth', 0.1],
    ['a thousandth', 0.001],
  ] as const) {
    rows.push(await measure(`8 runs of 1,000,000 steps, ${name}`, long, steps, false, share));
    rows.push(await measure(`the same with a band, ${name}`, long, steps, true, share));
  }
  rows.push(await measureDataSets('8 runs of 1,000,000 steps, the same points as data sets of chart.js', long));
  return rows;
}

Object.assign(globalThis, { frameCosts });
