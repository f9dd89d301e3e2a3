import type { Polyline } from '../../src/core/panel/polyline.ts';
import type { SeriesBand } from '../../src/core/panel/seriesBand.ts';
import type { Scene, SceneRun, SceneSeries } from './scene.ts';

/** Pixels that the data is drawn in. */
export interface Area {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

export interface LineStyle {
  /** Colour of the ground, for the halo that lifts a bold line off thin ones. */
  readonly background: string;
  /** Lines are to be told apart at high contrast. */
  readonly contrast: boolean;
  /** Run whose line stands out; null: none. */
  readonly highlighted: string | null;
}

/** From the space of the axes to pixels: multiply, then add. */
interface Projection {
  readonly xScale: number;
  readonly xShift: number;
  readonly yScale: number;
  readonly yShift: number;
  /** What lies beyond is drawn here: canvases lose precision far outside, and know no infinity. */
  readonly yMin: number;
  readonly yMax: number;
}

/** Distance of marks on the upper edge, in pixels. */
const markSpacing = 7;

/** Bands, thin lines, bold lines, and marks where a line leaves at the top. */
export function drawLines(context: CanvasRenderingContext2D, scene: Scene, area: Area, style: LineStyle): void {
  const projection = project(scene, area);
  context.save();
  context.lineJoin = 'round';
  context.lineCap = 'round';
  context.save();
  context.beginPath();
  context.rect(area.left, area.top - 1, area.right - area.left, area.bottom - area.top + 2);
  context.clip();
  const others = style.highlighted === null ? 1 : 0.4;
  for (const { model, band } of scene.series) if (band !== null) fillBand(context, band, projection, model.color, (style.contrast ? 0.22 : 0.13) * others);
  for (const series of scene.series) drawThin(context, series, projection, style, others);
  for (const series of scene.series) drawBold(context, series, projection, style, others);
  for (const series of scene.series) for (const run of series.runs) if (run.model.id === style.highlighted) drawHighlighted(context, series, run, projection);
  context.restore();
  for (const series of scene.series) drawOvershoot(context, series, scene.y[1], area, projection);
  context.restore();
}

function project({ x, y }: Scene, area: Area): Projection {
  const xScale = (area.right - area.left) / (x[1] - x[0]);
  const yScale = (area.top - area.bottom) / (y[1] - y[0]);
  const beyond = 50 * (area.bottom - area.top);
  return { xScale, xShift: area.left - x[0] * xScale, yScale, yShift: area.bottom - y[0] * yScale, yMin: area.top - beyond, yMax: area.bottom + beyond };
}

function drawThin(context: CanvasRenderingContext2D, { model, runs, band }: SceneSeries, projection: Projection, style: LineStyle, others: number): void {
  const faint = style.contrast ? 0.55 : band === null ? 0.35 : 0.3;
  for (const { raw, smooth } of runs) {
    const behind = smooth !== null || band !== null;
    stroke(context, raw, projection, model.color, behind ? 1 : 1.6, (behind ? faint : 1) * others, behind ? [] : model.dash);
  }
}

function drawBold(context: CanvasRenderingContext2D, { model, runs, band }: SceneSeries, projection: Projection, style: LineStyle, others: number): void {
  if (band !== null) {
    const line = { x: band.x, y: band.centre, length: band.x.length };
    stroke(context, line, projection, style.background, 4.5, 0.75 * others, []);
    stroke(context, line, projection, model.color, 2.4, others, model.dash);
    return;
  }
  for (const { smooth } of runs) if (smooth !== null) stroke(context, smooth, projection, model.color, 2, others, model.dash);
}

function drawHighlighted(context: CanvasRenderingContext2D, { model }: SceneSeries, { raw, smooth }: SceneRun, projection: Projection): void {
  if (smooth !== null) stroke(context, raw, projection, model.color, 1, 0.7, []);
  stroke(context, smooth ?? raw, projection, model.color, 2.8, 1, model.dash);
}

/** A line with breaks; a piece of one point is a dot. */
function stroke(
  context: CanvasRenderingContext2D,
  line: Polyline | { readonly x: ArrayLike<number>; readonly y: ArrayLike<number>; readonly length: number },
  { xScale, xShift, yScale, yShift, yMin, yMax }: Projection,
  color: string,
  width: number,
  opacity: number,
  dash: readonly number[],
): void {
  const { x, y, length } = line;
  context.beginPath();
  let started = false;
  for (let i = 0; i < length; i++) {
    const value = y[i] as number;
    if (Number.isNaN(value)) {
      started = false;
      continue;
    }
    const left = (x[i] as number) * xScale + xShift;
    const top = Math.min(yMax, Math.max(yMin, value * yScale + yShift));
    if (started) context.lineTo(left, top);
    else {
      context.moveTo(left, top);
      const alone = i + 1 === length || Number.isNaN(y[i + 1]);
      // A line of no length would not be drawn.
      if (alone) context.lineTo(left + 0.01, top);
    }
    started = true;
  }
  context.strokeStyle = color;
  context.lineWidth = width;
  context.globalAlpha = opacity;
  context.setLineDash([...dash]);
  context.stroke();
}

function fillBand(context: CanvasRenderingContext2D, { x, low, high }: SeriesBand, projection: Projection, color: string, opacity: number): void {
  const { xScale, xShift, yScale, yShift, yMin, yMax } = projection;
  const point = (index: number, edge: readonly number[]): void => {
    context.lineTo((x[index] as number) * xScale + xShift, Math.min(yMax, Math.max(yMin, (edge[index] as number) * yScale + yShift)));
  };
  context.beginPath();
  for (let i = 0; i < x.length; i++) point(i, high);
  for (let i = x.length - 1; i >= 0; i--) point(i, low);
  context.fillStyle = color;
  context.globalAlpha = opacity;
  context.fill();
}

/** Small triangles on the upper edge wherever a value lies above the axis; at most one of a series in a slot. */
function drawOvershoot(context: CanvasRenderingContext2D, { model, runs }: SceneSeries, limit: number, area: Area, { xScale, xShift }: Projection): void {
  const slots = new Set<number>();
  for (const { raw } of runs) {
    const { x, y } = raw;
    for (let i = 0; i < raw.length; i++) {
      if ((y[i] as number) > limit) slots.add(Math.floor(((x[i] as number) * xScale + xShift - area.left) / markSpacing));
    }
  }
  context.beginPath();
  for (const slot of slots) {
    const middle = area.left + (slot + 0.5) * markSpacing;
    if (middle < area.left || middle > area.right) continue;
    context.moveTo(middle - 3, area.top);
    context.lineTo(middle + 3, area.top);
    context.lineTo(middle, area.top - 4.5);
  }
  context.fillStyle = model.color;
  context.globalAlpha = 1;
  context.fill();
}
