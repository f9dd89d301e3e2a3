import { area, line, symbol } from 'd3-shape';
import type { RunCurve } from '../comparison/runSummary.ts';
import type { BandPoint } from './aggregate.ts';
import type { Axis } from './axis.ts';
import { decimate } from './decimation.ts';
import type { Point } from './decimation.ts';
import { coordinate, element } from './markup.ts';
import type { Markup } from './markup.ts';
import type { Frame } from './panel.ts';
import type { EstimatorStyle } from './palette.ts';

const trace = line<Point>(
  (point) => point.x,
  (point) => point.y,
).digits(1);

/** A thin line of one run, thinned to the pixel; pieces of one point become dots. `points` in units of the data. */
export function thinLine(pieces: readonly (readonly Point[])[], xAxis: Axis, yAxis: Axis, opacity: number, tooltip: string): Markup {
  const path = pieces.map((piece) => {
    const pixels = decimate(
      piece.map(({ x, y }) => ({ x: xAxis.position(x), y: yAxis.position(y) })),
      1.5,
    );
    const [only] = pixels;
    return pixels.length === 1 && only !== undefined ? `M${coordinate(only.x)},${coordinate(only.y)}h0` : (trace(pixels) ?? '');
  });
  const paint = { fill: 'none', stroke: 'currentColor', 'stroke-width': 1, 'stroke-opacity': opacity };
  return element(
    'path',
    { ...paint, 'stroke-linejoin': 'round', 'stroke-linecap': 'round', d: path.join('') },
    element('title', {}, tooltip),
  );
}

/** The bold line of a group, on a halo of the paper's colour so that it stands clear of thin lines. */
export function boldLine(pieces: readonly (readonly Point[])[], xAxis: Axis, yAxis: Axis, dashes: string | undefined): Markup {
  const path = pieces.map((piece) => trace(piece.map(({ x, y }) => ({ x: xAxis.position(x), y: yAxis.position(y) }))) ?? '').join('');
  const attributes = { fill: 'none', 'stroke-linejoin': 'round', 'stroke-linecap': 'round', d: path };
  return element(
    'g',
    {},
    element('path', { ...attributes, class: 'halo', 'stroke-width': 4.5, 'stroke-opacity': 0.8 }),
    element('path', { ...attributes, stroke: 'currentColor', 'stroke-width': 2.4, 'stroke-dasharray': dashes }),
  );
}

export function band(points: readonly BandPoint[], xAxis: Axis, yAxis: Axis): Markup {
  const shape = area<BandPoint>(
    (point) => xAxis.position(point.step),
    (point) => yAxis.position(point.low),
    (point) => yAxis.position(point.high),
  ).digits(1);
  return element('path', { d: shape(points) ?? '', fill: 'currentColor', 'fill-opacity': 0.1 });
}

/** The estimator's marker at a pixel. */
export function marker(style: EstimatorStyle, x: number, y: number, size = 46): Markup {
  const shape = symbol(style.marker, size).digits(1)() ?? '';
  const fill = style.hollow
    ? { class: 'paper', stroke: 'currentColor', 'stroke-width': 1.6 }
    : { class: 'halo', fill: 'currentColor', 'stroke-width': 0.8 };
  return element('path', { ...fill, d: shape, transform: `translate(${coordinate(x)},${coordinate(y)})` });
}

/** Small triangles on the upper edge wherever a gradient norm leaves the axis, one for each `spacing` pixels. */
export function overshootMarks(curves: readonly RunCurve[], xAxis: Axis, yAxis: Axis, frame: Frame, spacing = 7): Markup[] {
  const slots = new Set<number>();
  for (const { steps, gradNorm } of curves) {
    for (let i = 0; i < steps.length; i++) {
      if ((gradNorm[i] as number) > yAxis.domain[1]) slots.add(Math.floor((xAxis.position(steps[i] as number) - frame.x) / spacing));
    }
  }
  return [...slots].map((slot) => {
    const path = `M${coordinate(frame.x + (slot + 0.5) * spacing - 3)},${coordinate(frame.y)}h6l-3,-4.5z`;
    return element('path', { d: path, fill: 'currentColor' });
  });
}
