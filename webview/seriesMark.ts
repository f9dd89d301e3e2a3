import { symbol } from 'd3-shape';
import type { EstimatorStyle } from '../src/core/figure/palette.ts';
import { setAttribute, svg } from './dom.ts';
import type { PanelSeries } from './series.ts';

/** Gives an element the series' colour on the ground that the theme has; base.css chooses between the two. */
export function setSeriesColor(element: HTMLElement | SVGElement, { light, dark }: Pick<EstimatorStyle, 'light' | 'dark'>): void {
  element.classList.add('series-color');
  element.style.setProperty('--series-light', light);
  element.style.setProperty('--series-dark', dark);
}

/** A piece of the series' line with its marker, so that series can be told apart without colour. */
export function seriesMark({ style, dash }: Pick<PanelSeries, 'style' | 'dash'>): SVGElement {
  const line = svg('line', {
    x1: 0,
    x2: 28,
    y1: 8,
    y2: 8,
    stroke: 'currentColor',
    'stroke-width': 2,
    'stroke-dasharray': dash.join(' ') || null,
  });
  const marker = seriesMarker(style, 46);
  setAttribute(marker, 'transform', 'translate(14,8)');
  const mark = svg('svg', { class: 'series-mark', viewBox: '0 0 28 16', width: 28, height: 16, 'aria-hidden': 'true' }, line, marker);
  setSeriesColor(mark, style);
  return mark;
}

/** A marker at the origin, in the colour of the text around it. `size`: its area. */
export function seriesMarker(style: Pick<EstimatorStyle, 'marker' | 'hollow'>, size: number): SVGElement {
  const shape = symbol(style.marker, size).digits(1)() ?? '';
  const paint = style.hollow ? { class: 'hollow', stroke: 'currentColor', 'stroke-width': 1.6 } : { fill: 'currentColor' };
  return svg('path', { ...paint, d: shape });
}
