import type { Axis } from './axis.ts';
import { element } from './markup.ts';
import type { Content, Markup } from './markup.ts';

/** Pixels of the rectangle that the data is drawn in. */
export interface Frame {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface Panel {
  readonly frame: Frame;
  readonly heading: string;
  readonly xTitle: string;
  readonly xAxis: Axis;
  readonly yAxis: Axis;
  /** Unique in the document; names the clipping rectangle. */
  readonly id: string;
  /** Space between the frame and its heading. */
  readonly headroom: number;
}

/** Grid, axes and titles around the data. `clipped` is cut at the frame, `over` is drawn on top of everything. */
export function drawPanel({ frame, heading, xTitle, xAxis, yAxis, id, headroom }: Panel, clipped: Content, over: Content): Markup {
  const right = frame.x + frame.width;
  const bottom = frame.y + frame.height;
  const horizontal = yAxis.ticks.map(({ at }) => element('line', { class: 'grid', x1: frame.x, x2: right, y1: at, y2: at }));
  const yLabels = yAxis.ticks.map(({ at, label }) =>
    element('text', { class: 'muted number', x: frame.x - 7, y: at + 3.8, 'text-anchor': 'end' }, label),
  );
  const xTicks = xAxis.ticks.map(({ at, label }) => [
    element('line', { class: 'axis', x1: at, x2: at, y1: bottom, y2: bottom + 4 }),
    element('text', { class: 'muted number', x: at, y: bottom + 17, 'text-anchor': 'middle' }, label),
  ]);
  return element(
    'g',
    {},
    element('clipPath', { id }, element('rect', { x: frame.x, y: frame.y, width: frame.width, height: frame.height })),
    element('text', { class: 'heading', x: frame.x, y: frame.y - headroom }, heading),
    ...horizontal,
    element('g', { 'clip-path': `url(#${id})` }, clipped),
    element('line', { class: 'axis', x1: frame.x, x2: right, y1: bottom, y2: bottom }),
    ...yLabels,
    ...xTicks,
    element('text', { class: 'muted', x: frame.x + frame.width / 2, y: bottom + 34, 'text-anchor': 'middle' }, xTitle),
    over,
  );
}
