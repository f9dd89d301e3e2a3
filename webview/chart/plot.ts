import { BasicPlatform, Chart, LinearScale } from 'chart.js';
import type { ChartConfiguration, Scale } from 'chart.js';
import type { AxisTick } from '../../src/core/panel/axisTicks.ts';
import { drawLines } from './lines.ts';
import { drawNotes } from './notes.ts';
import { drawOnsets } from './onsets.ts';
import { fontSize, headingOf, headroom, noteOf, ticksOf } from './picture.ts';
import type { Picture } from './picture.ts';
import { Projection } from './projection.ts';
import type { Area } from './projection.ts';

Chart.register(LinearScale);

/** Size, pointer and keys are the line chart's own. */
const still = { responsive: false, maintainAspectRatio: false, animation: false } as const;

/**
 * A canvas with axes, grid and everything between them. Axes and layout are chart.js's. The lines are drawn by a plugin, straight from
 * typed arrays: as data sets of chart.js every point would become an object, and the same lines take about five times as long
 * (bench/frameCost.mjs measures both).
 */
export class Plot {
  readonly #chart: Chart;
  #picture: Picture | null = null;

  constructor(canvas: HTMLCanvasElement) {
    this.#chart = new Chart(canvas, this.#configuration());
  }

  get area(): Area {
    return this.#chart.chartArea;
  }

  draw(picture: Picture): void {
    const resized =
      this.#picture?.width !== picture.width || this.#picture.height !== picture.height || this.#picture.pixelRatio !== picture.pixelRatio;
    this.#picture = picture;
    this.#chart.options = this.#options(picture);
    if (resized) this.#chart.resize(picture.width, picture.height);
    this.#chart.update('none');
  }

  dispose(): void {
    this.#chart.destroy();
  }

  #configuration(): ChartConfiguration {
    return {
      type: 'line',
      data: { datasets: [] },
      platform: BasicPlatform,
      options: { ...still, events: [] },
      plugins: [
        {
          id: 'scene',
          beforeDatasetsDraw: ({ ctx, chartArea }) => this.#drawScene(ctx, chartArea),
        },
      ],
    };
  }

  #options(picture: Picture): NonNullable<ChartConfiguration['options']> {
    const { model, scene, colors, pixelRatio, room } = picture;
    const { x: xTicks, y: yTicks } = ticksOf(picture);
    const font = { family: colors.fontFamily, size: fontSize };
    const ticks = (labels: readonly AxisTick[]) => ({
      autoSkip: false,
      color: colors.muted,
      font,
      maxRotation: 0,
      callback: (_value: number | string, index: number) => labels[index]?.label ?? '',
    });
    return {
      ...still,
      events: [],
      devicePixelRatio: pixelRatio,
      layout: { padding: { top: headroom, right: 12, left: 2, bottom: 2 } },
      scales: {
        x: {
          type: 'linear',
          min: scene.x[0],
          max: scene.x[1],
          afterBuildTicks: (scale: Scale) => void (scale.ticks = [...xTicks]),
          border: { color: colors.axis },
          grid: { drawOnChartArea: false, color: colors.axis, tickLength: 5 },
          ticks: ticks(xTicks),
          title: { display: !model.compact, text: model.xHeading, color: colors.muted, font, padding: { top: 2, bottom: 2 } },
        },
        y: {
          type: 'linear',
          min: scene.y[0],
          max: scene.y[1],
          afterBuildTicks: (scale: Scale) => void (scale.ticks = [...yTicks]),
          afterFit: (scale: Scale) => void (scale.width = room.take(scale.width)),
          border: { display: false },
          grid: { color: colors.grid, drawTicks: false },
          ticks: { ...ticks(yTicks), padding: 7 },
        },
      },
    };
  }

  #drawScene(context: CanvasRenderingContext2D, area: Area): void {
    if (this.#picture === null) return;
    const projection = new Projection(this.#picture.scene, area);
    drawHeading(context, this.#picture, area.left);
    drawLines(context, this.#picture, projection);
    drawOnsets(context, this.#picture, projection);
    drawNotes(context, this.#picture, projection);
  }
}

function drawHeading(context: CanvasRenderingContext2D, picture: Picture, left: number): void {
  const { colors } = picture;
  const note = noteOf(picture);
  context.save();
  context.textBaseline = 'alphabetic';
  context.textAlign = 'left';
  context.font = `600 12.5px ${colors.fontFamily}`;
  context.fillStyle = colors.ink;
  const heading = headingOf(picture, left, (text) => context.measureText(text).width);
  context.fillText(heading, left, 15);
  if (note !== null) {
    const { width } = context.measureText(heading);
    context.font = `${fontSize}px ${colors.fontFamily}`;
    context.fillStyle = colors.muted;
    context.fillText(note, left + width + 8, 15);
  }
  context.restore();
}
