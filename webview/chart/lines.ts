import type { Polyline } from '../../src/core/panel/polyline.ts';
import type { SeriesBand } from '../../src/core/panel/seriesBand.ts';
import type { Picture } from './picture.ts';
import type { Projection } from './projection.ts';
import type { SceneRun, SceneSeries } from './scene.ts';

/** What lines are drawn on: a canvas, or what writes the same as SVG. */
export type LineContext = Pick<
  CanvasRenderingContext2D,
  | ('save' | 'restore' | 'beginPath' | 'rect' | 'clip' | 'moveTo' | 'lineTo' | 'stroke' | 'fill' | 'setLineDash')
  | ('fillStyle' | 'strokeStyle' | 'lineWidth' | 'lineCap' | 'lineJoin' | 'globalAlpha')
>;

type Line = Pick<Polyline, 'length'> & { readonly x: ArrayLike<number>; readonly y: ArrayLike<number> };

interface Pen {
  readonly color: string;
  readonly width: number;
  readonly opacity: number;
  readonly dash: readonly number[];
}

const solid: readonly number[] = [];

/** How lines are drawn, whichever their series. */
interface LineStyle {
  /** Of the ground, for the halo that lifts a bold line off thin ones. */
  readonly background: string;
  readonly contrast: boolean;
  /** Opacity of the other lines while one is highlighted. */
  readonly opacity: number;
}

/** Distance of marks on the upper edge, in pixels. */
const markSpacing = 7;

/** Bands, thin lines, bold lines, and marks where a line leaves at the top. */
export function drawLines(
  context: LineContext,
  { model: { highlighted }, scene, colors, contrast }: Picture,
  projection: Projection,
): void {
  const { left, right } = projection.area;
  const style: LineStyle = { background: colors.background, contrast, opacity: highlighted === null ? 1 : 0.4 };
  context.save();
  context.lineCap = 'round';
  context.save();
  context.beginPath();
  const [floor, ceiling] = scene.values.map((value) => projection.top(value)) as [number, number];
  context.rect(left, ceiling - 1, right - left, floor - ceiling + 2);
  context.clip();
  const lines = scene.series.reduce((sum, { runs }) => sum + runs.length, 0);
  for (const series of scene.series) drawRaw(context, series, projection, style, lines);
  for (const { model, band } of scene.series)
    if (band !== null) fillBand(context, band, projection, model.color, (contrast ? 0.25 : 0.15) * style.opacity);
  for (const series of scene.series) drawSmooth(context, series, projection, style);
  for (const series of scene.series)
    for (const run of series.runs) if (run.model.id === highlighted) drawHighlighted(context, series, run, projection);
  context.restore();
  for (const series of scene.series) {
    drawOvershoot(context, series, scene.values[1], projection);
    drawLanes(context, series, projection, style.opacity);
  }
  context.restore();
}

/** Every logged value, behind the smoothed line: the fainter, the more lines there are. */
function drawRaw(context: LineContext, { model, runs, band }: SceneSeries, projection: Projection, style: LineStyle, lines: number): void {
  const faint = Math.max(0.17, Math.min(0.4, 1.8 / lines)) * (style.contrast ? 1.5 : 1);
  const { color } = model;
  const behind: Pen = { color, width: 1, opacity: faint * style.opacity, dash: solid };
  const alone: Pen = { color, width: 1.5, opacity: style.opacity, dash: model.dash };
  for (const { raw, smooth } of runs) stroke(context, raw, projection, smooth === null && band === null ? alone : behind);
}

/** Moving averages, and the line of all runs of a series over theirs. */
function drawSmooth(context: LineContext, { model, runs, band }: SceneSeries, projection: Projection, style: LineStyle): void {
  const { color, dash } = model;
  const { opacity } = style;
  const pen: Pen = band === null ? { color, width: 2, opacity, dash } : { color, width: 1, opacity: 0.45 * opacity, dash: solid };
  for (const { smooth } of runs) if (smooth !== null) stroke(context, smooth, projection, pen);
  if (band === null) return;
  const line = { x: band.x, y: band.centre, length: band.x.length };
  stroke(context, line, projection, { color: style.background, width: 4.5, opacity: 0.75 * opacity, dash: solid });
  stroke(context, line, projection, { color, width: 2.4, opacity, dash });
}

function drawHighlighted(context: LineContext, { model }: SceneSeries, { raw, smooth }: SceneRun, projection: Projection): void {
  const { color, dash } = model;
  if (smooth !== null) stroke(context, raw, projection, { color, width: 1, opacity: 0.7, dash: solid });
  stroke(context, smooth ?? raw, projection, { color, width: 2.8, opacity: 1, dash });
}

/** A line with breaks, as far as its values belong to it; a piece of one point is a dot. */
function stroke(
  context: LineContext,
  { x, y, length }: Line,
  projection: Projection,
  { color, width, opacity, dash }: Pen,
  belongs: (value: number) => boolean = Number.isFinite,
): void {
  context.beginPath();
  let started = false;
  for (let i = 0; i < length; i++) {
    const value = y[i] as number;
    if (!belongs(value)) {
      started = false;
      continue;
    }
    const left = projection.left(x[i] as number);
    const top = projection.top(value);
    if (started) context.lineTo(left, top);
    else {
      context.moveTo(left, top);
      const alone = i + 1 === length || !belongs(y[i + 1] as number);
      // A line of no length would not be drawn.
      if (alone) context.lineTo(left + 0.01, top);
    }
    started = true;
  }
  context.strokeStyle = color;
  context.lineWidth = width;
  // Round joins of thousands of points cost more than the line.
  context.lineJoin = length > 2000 ? 'bevel' : 'round';
  context.globalAlpha = opacity;
  context.setLineDash([...dash]);
  context.stroke();
}

function fillBand(context: LineContext, { x, low, high }: SeriesBand, projection: Projection, color: string, opacity: number): void {
  const point = (index: number, edge: readonly number[]): void => {
    const value = edge[index] as number;
    // There is no spread about an infinite mean: the band breaks. It ends at the floor where runs are at zero on a log axis.
    const top = value === -Infinity ? projection.area.bottom : projection.top(value);
    if (value < Infinity) context.lineTo(projection.left(x[index] as number), top);
  };
  context.beginPath();
  for (let i = 0; i < x.length; i++) point(i, high);
  for (let i = x.length - 1; i >= 0; i--) point(i, low);
  context.fillStyle = color;
  context.globalAlpha = opacity;
  context.fill();
}

/** Small triangles on the upper edge wherever a value lies above the axis; at most one of a series in a slot. */
function drawOvershoot(context: LineContext, { model, runs }: SceneSeries, limit: number, projection: Projection): void {
  const { area } = projection;
  const edge = projection.top(limit);
  const slots = new Set<number>();
  for (const { raw } of runs) {
    const { x, y } = raw;
    for (let i = 0; i < raw.length; i++) {
      if ((y[i] as number) > limit && y[i] !== Infinity) slots.add(Math.floor((projection.left(x[i] as number) - area.left) / markSpacing));
    }
  }
  context.beginPath();
  for (const slot of slots) {
    const middle = area.left + (slot + 0.5) * markSpacing;
    if (middle < area.left || middle > area.right) continue;
    context.moveTo(middle - 3, edge);
    context.lineTo(middle + 3, edge);
    context.lineTo(middle, edge - 4.5);
  }
  context.fillStyle = model.color;
  context.globalAlpha = 1;
  context.fill();
}

/** Zeros of a log axis, and values that are not finite, each where it was logged. */
function drawLanes(context: LineContext, { model: { color }, runs }: SceneSeries, projection: Projection, opacity: number): void {
  const { area } = projection;
  context.save();
  context.beginPath();
  context.rect(area.left, area.top - 2, area.right - area.left, area.bottom - area.top + 4);
  context.clip();
  const pen: Pen = { color, width: 5, opacity, dash: solid };
  for (const { raw, zeros } of runs) {
    stroke(context, zeros, projection, pen, isInfinite);
    stroke(context, raw, projection, pen, isInfinite);
  }
  context.restore();
}

function isInfinite(value: number): boolean {
  return Math.abs(value) === Infinity;
}
