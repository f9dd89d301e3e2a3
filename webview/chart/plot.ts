import { BasicPlatform, Chart, LinearScale } from 'chart.js';
import type { ChartConfiguration, Scale } from 'chart.js';
import { onsetLabels } from '../../src/core/figure/onsets.ts';
import { xTicks, yTicks } from '../../src/core/panel/axisTicks.ts';
import type { AxisTick } from '../../src/core/panel/axisTicks.ts';
import type { ThemeColors } from '../theme.ts';
import type { ChartModel } from './chartModel.ts';
import { drawLines } from './lines.ts';
import type { Area } from './lines.ts';
import type { Scene } from './scene.ts';

Chart.register(LinearScale);

export interface Picture {
  readonly model: ChartModel;
  readonly scene: Scene;
  readonly colors: ThemeColors;
  readonly contrast: boolean;
  /** CSS pixels. */
  readonly width: number;
  readonly height: number;
  readonly pixelRatio: number;
}

const fontSize = 11;
/** Room for the heading, and for the labels of onsets under it. */
const headroom = { plain: 30, onsets: 46 };

/**
 * A canvas with axes, grid and everything between them. Axes and layout are chart.js's. The lines are drawn by a plugin, straight from
 * typed arrays: as data sets of chart.js every point would become an object, and the same lines take about five times as long
 * (bench/frameCost.mjs measures both).
 */
export class Plot {
  readonly #chart: Chart;
  #picture: Picture | null = null;
  #xTicks: readonly AxisTick[] = [];
  #yTicks: readonly AxisTick[] = [];
  #yWidth = 0;

  constructor(canvas: HTMLCanvasElement) {
    this.#chart = new Chart(canvas, this.#configuration());
  }

  get area(): Area {
    return this.#chart.chartArea;
  }

  draw(picture: Picture): void {
    const resized = this.#picture?.width !== picture.width || this.#picture.height !== picture.height || this.#picture.pixelRatio !== picture.pixelRatio;
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
      // No events, no observers: size, pointer and keys are the line chart's own.
      platform: BasicPlatform,
      options: { responsive: false, maintainAspectRatio: false, animation: false, events: [] },
      plugins: [
        {
          id: 'scene',
          beforeDatasetsDraw: ({ ctx, chartArea }) => this.#drawScene(ctx, chartArea),
        },
      ],
    };
  }

  #options({ model, scene, colors, width, height, pixelRatio }: Picture): NonNullable<ChartConfiguration['options']> {
    this.#xTicks = xTicks(model.x, scene.x, Math.max(2, Math.floor(width / 90)));
    this.#yTicks = yTicks(scene.log, scene.y, Math.max(2, Math.floor(height / (scene.log ? 34 : 44))));
    const font = { family: colors.fontFamily, size: fontSize };
    const ticks = (labels: readonly AxisTick[]) => ({
      autoSkip: false,
      color: colors.muted,
      font,
      maxRotation: 0,
      callback: (_value: number | string, index: number) => labels[index]?.label ?? '',
    });
    return {
      responsive: false,
      maintainAspectRatio: false,
      animation: false,
      events: [],
      devicePixelRatio: pixelRatio,
      layout: { padding: { top: model.onsets.length > 0 && !model.compact ? headroom.onsets : headroom.plain, right: 12, left: 2, bottom: 2 } },
      scales: {
        x: {
          type: 'linear',
          min: scene.x[0],
          max: scene.x[1],
          afterBuildTicks: (scale: Scale) => void (scale.ticks = [...this.#xTicks]),
          border: { color: colors.axis },
          grid: { drawOnChartArea: false, color: colors.axis, tickLength: 5 },
          ticks: ticks(this.#xTicks),
          title: { display: !model.compact, text: model.xHeading, color: colors.muted, font, padding: { top: 2, bottom: 2 } },
        },
        y: {
          type: 'linear',
          min: scene.y[0],
          max: scene.y[1],
          afterBuildTicks: (scale: Scale) => void (scale.ticks = [...this.#yTicks]),
          afterFit: (scale: Scale) => this.#steady(scale),
          border: { display: false },
          grid: { color: colors.grid, drawTicks: false },
          ticks: { ...ticks(this.#yTicks), padding: 7 },
        },
      },
    };
  }

  /** Labels that grow by a digit make room once, and keep it: the frame does not twitch while a run goes on. */
  #steady(scale: Scale): void {
    this.#yWidth = Math.max(this.#yWidth, Math.ceil(scale.width / 8) * 8);
    scale.width = this.#yWidth;
  }

  #drawScene(context: CanvasRenderingContext2D, area: Area): void {
    if (this.#picture === null) return;
    const { scene, model, colors, contrast } = this.#picture;
    this.#drawHeading(context, area);
    drawLines(context, scene, area, { background: colors.background, contrast, highlighted: model.highlighted });
    this.#drawOnsets(context, area);
  }

  #drawHeading(context: CanvasRenderingContext2D, area: Area): void {
    if (this.#picture === null) return;
    const { scene, model, colors } = this.#picture;
    context.save();
    context.textBaseline = 'alphabetic';
    context.textAlign = 'left';
    context.font = `600 12.5px ${colors.fontFamily}`;
    context.fillStyle = colors.ink;
    context.fillText(model.heading, area.left, 15);
    if (scene.log) {
      const { width } = context.measureText(model.heading);
      context.font = `${fontSize}px ${colors.fontFamily}`;
      context.fillStyle = colors.muted;
      context.fillText('log scale', area.left + width + 8, 15);
    }
    context.restore();
  }

  /** Dotted lines through the frame; with room for them, ticks and labels in the strip above it. */
  #drawOnsets(context: CanvasRenderingContext2D, area: Area): void {
    if (this.#picture === null) return;
    const { scene, model, colors } = this.#picture;
    const position = (x: number): number => area.left + ((x - scene.x[0]) / (scene.x[1] - scene.x[0])) * (area.right - area.left);
    const visible = model.onsets.filter(({ at }) => at >= scene.x[0] && at <= scene.x[1]);
    context.save();
    context.lineWidth = 1.4;
    context.globalAlpha = visible.length > 12 ? 0.55 : 0.9;
    for (const { at, color } of visible) {
      context.strokeStyle = color;
      context.beginPath();
      context.setLineDash([1.5, 3]);
      context.moveTo(position(at), area.top);
      context.lineTo(position(at), area.bottom);
      context.stroke();
      if (model.compact) continue;
      context.beginPath();
      context.setLineDash([]);
      context.moveTo(position(at), area.top - 11);
      context.lineTo(position(at), area.top - 5);
      context.stroke();
    }
    context.globalAlpha = 1;
    context.font = `${fontSize - 0.5}px ${colors.fontFamily}`;
    context.textAlign = 'center';
    const labels = model.compact ? [] : onsetLabels(visible.map(({ at, color, label }) => ({ step: at, color, label })), { position });
    for (const { x, text, color } of labels) {
      context.fillStyle = color ?? colors.muted;
      context.fillText(text, x, area.top - 15);
    }
    context.restore();
  }
}
