import { symbol } from 'd3-shape';
import { element } from '../../src/core/figure/markup.ts';
import type { Content, Markup } from '../../src/core/figure/markup.ts';
import { drawLines } from '../chart/lines.ts';
import { drawNotes } from '../chart/notes.ts';
import { drawOnsets } from '../chart/onsets.ts';
import { fontSize, headingOf, headroom, noteOf, ticksOf } from '../chart/picture.ts';
import type { Picture } from '../chart/picture.ts';
import { Projection } from '../chart/projection.ts';
import type { Area } from '../chart/projection.ts';
import type { MetricChart } from '../metricChart.ts';
import type { PanelState } from '../panelState.ts';
import type { PanelSeries } from '../series.ts';
import type { Theme, ThemeColors } from '../theme.ts';
import { layOut, legendFont, markHeight, markWidth, titleFont } from './pictureLayout.ts';
import { SvgContext } from './svgContext.ts';

/** Title, legend and charts as the panel shows them, as a complete SVG document. */
export function renderSvg(state: PanelState, charts: readonly MetricChart[], theme: Theme): string {
  // Fonts differ between machines: leave room for the widest that VS Code uses.
  const layout = layOut(state, charts, (text) => text.length * 6.9);
  const { width, height } = layout;
  const colors = plainColors(theme.colors);
  const { background, ink, fontFamily } = colors;
  const legend = layout.legend.map(({ series, text, x, y }) =>
    element(
      'g',
      { transform: `translate(${x},${y + markHeight / 2})` },
      ...mark(series, theme),
      element('text', { x: markWidth + 8, y: 4, 'font-size': legendFont.size, fill: ink }, text),
    ),
  );
  const drawn = layout.charts.map((box, index) => {
    const picture = box.chart.picture(1);
    return picture === null ? '' : chartMarkup({ ...picture, colors }, `chart-${index}`, box.x, box.y);
  });
  const size = { viewBox: `0 0 ${width} ${height}`, width, height };
  return element(
    'svg',
    { xmlns: 'http://www.w3.org/2000/svg', ...size, 'font-family': fontFamily, role: 'img', 'aria-labelledby': 'picture-title' },
    element('title', { id: 'picture-title' }, layout.title.text),
    element('rect', { width, height, fill: background }),
    element(
      'text',
      { x: layout.title.x, y: layout.title.y, 'font-size': titleFont.size, 'font-weight': titleFont.weight, fill: ink },
      layout.title.text,
    ),
    ...legend,
    ...drawn,
  ).markup;
}

function mark({ style, dash }: PanelSeries, theme: Theme): Markup[] {
  const color = theme.colorOf(style);
  const paint = style.hollow ? { fill: theme.colors.background, stroke: color, 'stroke-width': 1.6 } : { fill: color };
  return [
    element('line', {
      x1: 0,
      x2: markWidth,
      y1: 0,
      y2: 0,
      stroke: color,
      'stroke-width': 2,
      'stroke-dasharray': dash.join(' ') || undefined,
    }),
    element('path', { ...paint, d: symbol(style.marker, 46).digits(1)() ?? '', transform: `translate(${markWidth / 2},0)` }),
  ];
}

/** About the width of a heading, which only its reader's fonts decide. */
function headingWidth(text: string): number {
  return 7 * text.length;
}

function chartMarkup(picture: Picture, id: string, x: number, y: number): Markup {
  const { model, scene, width, height } = picture;
  const area: Area = { left: 52, right: width - 12, top: headroom, bottom: height - (model.compact ? 24 : 40) };
  const projection = new Projection(scene, area);
  const lines = new SvgContext(id);
  drawLines(lines, picture, projection);
  drawOnsets(lines, picture, projection);
  drawNotes(lines, picture, projection);
  return element('g', { transform: `translate(${x},${y})`, 'font-size': fontSize }, ...axes(picture, projection), lines.markup);
}

function axes(picture: Picture, projection: Projection): Content[] {
  const { model } = picture;
  const { ink, muted, grid, axis } = picture.colors;
  const { left, right, bottom } = projection.area;
  const { x, y } = ticksOf(picture);
  const number = { fill: muted, 'font-variant-numeric': 'tabular-nums' };
  const noted = noteOf(picture);
  const note = noted === null ? '' : element('tspan', { dx: 8, fill: muted, 'font-size': fontSize, 'font-weight': 400 }, noted);
  return [
    element('text', { x: left, y: 15, fill: ink, 'font-size': 12.5, 'font-weight': 600 }, headingOf(picture, left, headingWidth), note),
    ...y.map(({ value, label }) => {
      const at = projection.top(value);
      return [
        element('line', { x1: left, x2: right, y1: at, y2: at, stroke: grid }),
        element('text', { ...number, x: left - 7, y: at + 4, 'text-anchor': 'end' }, label),
      ];
    }),
    element('line', { x1: left, x2: right, y1: bottom, y2: bottom, stroke: axis }),
    ...x.map(({ value, label }) => {
      const at = projection.left(value);
      return [
        element('line', { x1: at, x2: at, y1: bottom, y2: bottom + 5, stroke: axis }),
        element('text', { ...number, x: at, y: bottom + 18, 'text-anchor': 'middle' }, label),
      ];
    }),
    model.compact ? '' : element('text', { x: (left + right) / 2, y: bottom + 34, 'text-anchor': 'middle', fill: muted }, model.xHeading),
  ];
}

/** The colours as they look on the background: few programs that show SVG know `color-mix`, with which they are made. */
function plainColors(colors: ThemeColors): ThemeColors {
  const context = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
  if (context === null) return colors;
  const plain = (color: string): string => {
    for (const layer of [colors.background, color]) {
      context.fillStyle = layer;
      context.fillRect(0, 0, 1, 1);
    }
    const [red = 0, green = 0, blue = 0] = context.getImageData(0, 0, 1, 1).data;
    return `rgb(${red},${green},${blue})`;
  };
  const { ink, muted, grid, axis } = colors;
  return { ...colors, ink: plain(ink), muted: plain(muted), grid: plain(grid), axis: plain(axis) };
}
