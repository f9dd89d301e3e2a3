import { symbol } from 'd3-shape';
import { onsetLabels } from '../../src/core/figure/onsets.ts';
import { element } from '../../src/core/figure/markup.ts';
import type { Content, Markup } from '../../src/core/figure/markup.ts';
import { xTicks, yTicks } from '../../src/core/panel/axisTicks.ts';
import type { ChartModel } from '../chart/chartModel.ts';
import { drawLines } from '../chart/lines.ts';
import type { Area } from '../chart/lines.ts';
import { SceneBuilder } from '../chart/scene.ts';
import type { Scene } from '../chart/scene.ts';
import type { MetricChart } from '../metricChart.ts';
import type { PanelState } from '../panelState.ts';
import type { PanelSeries } from '../series.ts';
import type { Theme, ThemeColors } from '../theme.ts';
import { layOut, legendFont, markHeight, markWidth, titleFont } from './pictureLayout.ts';
import { SvgContext } from './svgContext.ts';

const fontSize = 11;

type AxisColors = Pick<ThemeColors, 'ink' | 'muted' | 'grid' | 'axis'>;

interface Size {
  readonly width: number;
  readonly height: number;
}

/** Title, legend and charts as the panel shows them, as a complete SVG document. */
export function renderSvg(state: PanelState, charts: readonly MetricChart[], theme: Theme): string {
  // Fonts differ between machines; this holds for the widest that VS Code uses.
  const layout = layOut(state, charts, (text) => text.length * 6.9);
  const { width, height } = layout;
  const { background, ink, fontFamily } = theme.colors;
  const legend = layout.legend.map(({ series, text, x, y }) =>
    element(
      'g',
      { transform: `translate(${x},${y + markHeight / 2})` },
      ...mark(series, theme),
      element('text', { x: markWidth + 8, y: 4, 'font-size': legendFont.size, fill: ink }, text),
    ),
  );
  const drawn = layout.charts.map((box, index) => {
    const model = box.chart.shown;
    return model === null ? '' : chartMarkup(model, { width: box.width, height: box.height }, theme, `chart-${index}`, box.x, box.y);
  });
  const size = { viewBox: `0 0 ${width} ${height}`, width, height };
  return element(
    'svg',
    { xmlns: 'http://www.w3.org/2000/svg', ...size, 'font-family': fontFamily, role: 'img', 'aria-labelledby': 'picture-title' },
    element('title', { id: 'picture-title' }, layout.title.text),
    element('rect', { width, height, fill: background }),
    element('text', { x: layout.title.x, y: layout.title.y, 'font-size': titleFont.size, 'font-weight': titleFont.weight, fill: ink }, layout.title.text),
    ...legend,
    ...drawn,
  ).markup;
}

function mark({ style, dash }: PanelSeries, theme: Theme): Markup[] {
  const color = theme.colorOf(style);
  const paint = style.hollow ? { fill: theme.colors.background, stroke: color, 'stroke-width': 1.6 } : { fill: color };
  return [
    element('line', { x1: 0, x2: markWidth, y1: 0, y2: 0, stroke: color, 'stroke-width': 2, 'stroke-dasharray': dash.join(' ') || undefined }),
    element('path', { ...paint, d: symbol(style.marker, 46).digits(1)() ?? '', transform: `translate(${markWidth / 2},0)` }),
  ];
}

function chartMarkup(model: ChartModel, size: Size, theme: Theme, id: string, x: number, y: number): Markup {
  const scene = new SceneBuilder().build(model, size.width);
  const hasLabels = model.onsets.length > 0 && !model.compact;
  const area: Area = { left: 52, right: size.width - 12, top: hasLabels ? 46 : 30, bottom: size.height - (model.compact ? 24 : 40) };
  const lines = new SvgContext(id);
  const colors = plainColors(theme.colors);
  const contrast = theme.kind === 'high-contrast' || theme.kind === 'high-contrast-light';
  drawLines(lines, scene, area, { background: theme.colors.background, contrast, highlighted: null });
  const around = [...axes(model, scene, area, size, colors), ...onsets(model, scene, area, colors.muted)];
  return element('g', { transform: `translate(${x},${y})`, 'font-size': fontSize }, ...around, lines.markup);
}

function axes(model: ChartModel, scene: Scene, area: Area, { width, height }: Size, { ink, muted, grid, axis }: AxisColors): Content[] {
  const left = position(scene.x, area.left, area.right);
  const top = position(scene.y, area.bottom, area.top);
  const number = { fill: muted, 'font-variant-numeric': 'tabular-nums' };
  const log = scene.log ? element('tspan', { dx: 8, fill: muted, 'font-size': fontSize, 'font-weight': 400 }, 'log scale') : '';
  return [
    element('text', { x: area.left, y: 15, fill: ink, 'font-size': 12.5, 'font-weight': 600 }, model.heading, log),
    ...yTicks(scene.log, scene.y, Math.max(2, Math.floor(height / (scene.log ? 34 : 44)))).map(({ value, label }) => [
      element('line', { x1: area.left, x2: area.right, y1: top(value), y2: top(value), stroke: grid }),
      element('text', { ...number, x: area.left - 7, y: top(value) + 4, 'text-anchor': 'end' }, label),
    ]),
    element('line', { x1: area.left, x2: area.right, y1: area.bottom, y2: area.bottom, stroke: axis }),
    ...xTicks(model.x, scene.x, Math.max(2, Math.floor(width / 90))).map(({ value, label }) => [
      element('line', { x1: left(value), x2: left(value), y1: area.bottom, y2: area.bottom + 5, stroke: axis }),
      element('text', { ...number, x: left(value), y: area.bottom + 18, 'text-anchor': 'middle' }, label),
    ]),
    model.compact ? '' : element('text', { x: (area.left + area.right) / 2, y: area.bottom + 34, 'text-anchor': 'middle', fill: muted }, model.xHeading),
  ];
}

/** Dotted lines through the frame; with room for them, ticks and labels in the strip above it. */
function onsets(model: ChartModel, scene: Scene, area: Area, muted: string): Markup[] {
  const left = position(scene.x, area.left, area.right);
  const visible = model.onsets.filter(({ at }) => at >= scene.x[0] && at <= scene.x[1]);
  const opacity = visible.length > 12 ? 0.55 : 0.9;
  const line = (at: number, color: string) => ({ x1: left(at), x2: left(at), stroke: color, 'stroke-width': 1.4, 'stroke-opacity': String(opacity) });
  const labels = model.compact ? [] : onsetLabels(visible.map(({ at, color, label }) => ({ step: at, color, label })), { position: left });
  return [
    ...visible.flatMap(({ at, color }) => [
      element('line', { ...line(at, color), y1: area.top, y2: area.bottom, 'stroke-dasharray': '1.5 3' }),
      ...(model.compact ? [] : [element('line', { ...line(at, color), y1: area.top - 11, y2: area.top - 5 })]),
    ]),
    ...labels.map(({ x, text, color }) => element('text', { x, y: area.top - 15, 'text-anchor': 'middle', 'font-size': 10.5, fill: color ?? muted }, text)),
  ];
}

/** The colours as they look on the background: few programs that show SVG know `color-mix`, with which they are made. */
function plainColors({ background, ink, muted, grid, axis }: ThemeColors): AxisColors {
  const context = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
  if (context === null) return { ink, muted, grid, axis };
  const plain = (color: string): string => {
    for (const layer of [background, color]) {
      context.fillStyle = layer;
      context.fillRect(0, 0, 1, 1);
    }
    const [red = 0, green = 0, blue = 0] = context.getImageData(0, 0, 1, 1).data;
    return `rgb(${red},${green},${blue})`;
  };
  return { ink: plain(ink), muted: plain(muted), grid: plain(grid), axis: plain(axis) };
}

function position([low, high]: readonly [number, number], start: number, end: number): (value: number) => number {
  return (value) => start + ((value - low) / (high - low)) * (end - start);
}
