import type { Polyline } from '../../src/core/panel/polyline.ts';
import type { SeriesBand } from '../../src/core/panel/seriesBand.ts';
import type { ChartSeries } from './chartModel.ts';
import type { Picture } from './picture.ts';
import type { Projection } from './projection.ts';
import type { Scene, SceneRun, SceneSeries } from './scene.ts';

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
export function drawLines(context: LineContext, { model, scene, colors, contrast }: Picture, projection: Projection): void {
  const { highlighted } = model;
  const style: LineStyle = { background: colors.background, contrast, opacity: highlighted === null ? 1 : 0.4 };
  context.save();
  context.lineCap = 'round';
  context.save();
  clipToValues(context, scene, projection);
  if (model.comparedAs !== null) drawEqual(context, projection, colors);
  const lines = scene.series.reduce((sum, { runs }) => sum + runs.length, 0);
  for (const series of scene.series) drawRaw(context, series, projection, style, lines);
  context.restore();
  for (const { model, band } of scene.series)
    if (band !== null) fillBand(context, band, scene, projection, model.color, (contrast ? 0.25 : 0.15) * style.opacity);
  context.save();
  clipToValues(context, scene, projection);
  for (const series of scene.series) drawSmooth(context, series, projection, style);
  for (const series of scene.series)
    for (const run of series.runs) if (run.model.id === highlighted) drawHighlighted(context, series, run, projection);
  context.restore();
  for (const series of scene.series) drawOvershoot(context, series, scene.values[1], projection);
  drawLanes(context, scene, projection, style);
  context.restore();
}

/** Where a value equals its baseline. */
function drawEqual(context: LineContext, projection: Projection, { muted }: Picture['colors']): void {
  const { left, right } = projection.area;
  const top = projection.top(0);
  context.beginPath();
  context.moveTo(left, top);
  context.lineTo(right, top);
  context.strokeStyle = muted;
  context.lineWidth = 1;
  context.globalAlpha = 1;
  context.setLineDash([4, 3]);
  context.stroke();
}

/** Every logged value, behind the smoothed line: the fainter, the more lines there are. */
function drawRaw(context: LineContext, { model, runs, band }: SceneSeries, projection: Projection, style: LineStyle, lines: number): void {
  const faint = Math.max(0.17, Math.min(0.4, 1.8 / lines)) * (style.contrast ? 1.5 : 1);
  const { color } = model;
  const behind: Pen = { color, width: 1, opacity: faint * style.opacity, dash: solid };
  const alone: Pen = { color, width: 1.5, opacity: style.opacity, dash: model.dash };
  for (const run of runs) drawValues(context, run, projection, run.smooth === null && band === null ? alone : behind);
}

/** A line through the values of a run; where several share a pixel, it would fill what they span, and that is filled lightly. */
function drawValues(context: LineContext, { raw, isDense }: SceneRun, projection: Projection, pen: Pen): void {
  if (isDense) fillEnvelope(context, raw, projection, pen);
  else stroke(context, raw, projection, pen);
}

/** Moving averages, and the line of all runs of a series over theirs. */
function drawSmooth(context: LineContext, { model, runs, band }: SceneSeries, projection: Projection, style: LineStyle): void {
  const { color, dash } = model;
  const { opacity } = style;
  const pen: Pen = band === null ? { color, width: 2, opacity, dash } : { color, width: 1, opacity: 0.45 * opacity, dash: solid };
  for (const { smooth } of runs) if (smooth !== null) stroke(context, smooth, projection, pen);
  if (band !== null) drawCentre(context, model, band, projection, style);
}

function drawCentre(
  context: LineContext,
  { color, dash }: ChartSeries,
  { x, centre }: SeriesBand,
  projection: Projection,
  { background, opacity }: LineStyle,
  belongs?: (value: number) => boolean,
): void {
  const line = { x, y: centre, length: x.length };
  stroke(context, line, projection, { color: background, width: 4.5, opacity: 0.75 * opacity, dash: solid }, belongs);
  stroke(context, line, projection, { color, width: 2.4, opacity, dash }, belongs);
}

function drawHighlighted(context: LineContext, { model }: SceneSeries, run: SceneRun, projection: Projection): void {
  const { color, dash } = model;
  const bold: Pen = { color, width: 2.8, opacity: 1, dash };
  drawValues(context, run, projection, run.smooth === null ? bold : { color, width: 1, opacity: 0.7, dash: solid });
  if (run.smooth !== null) stroke(context, run.smooth, projection, bold);
}

/** A line with breaks, as far as its values belong to it; a piece of one point is a dot. */
function stroke(
  context: LineContext,
  { x, y, length }: Line,
  projection: Projection,
  { color, width, opacity, dash }: Pen,
  belongs: (value: number) => boolean = Number.isFinite,
  shift = 0,
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
    const top = projection.top(value) + shift;
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

/** What lies between the lowest and the highest values of the pairs that a dense line is made of. */
function fillEnvelope(context: LineContext, { x, y, length }: Line, projection: Projection, { color, opacity }: Pen): void {
  context.beginPath();
  for (let start = 0, end = 0; start < length; start = end) {
    for (end = start; end < length && Number.isFinite(y[end]); end += 2);
    for (let i = start; i < end; i += 2) {
      const top = projection.top(Math.max(y[i] as number, y[i + 1] as number));
      const left = projection.left(x[i] as number);
      if (i === start) context.moveTo(left, top);
      else context.lineTo(left, top);
      context.lineTo(projection.left(x[i + 1] as number), top);
    }
    for (let i = end - 2; i >= start; i -= 2) {
      const bottom = projection.top(Math.min(y[i] as number, y[i + 1] as number));
      context.lineTo(projection.left(x[i + 1] as number), bottom);
      context.lineTo(projection.left(x[i] as number), bottom);
    }
    end += 2;
  }
  context.fillStyle = color;
  context.strokeStyle = color;
  context.setLineDash([]);
  context.lineJoin = 'bevel';
  // Its edge keeps it in sight where all values of a pixel are the same.
  context.lineWidth = 1;
  context.globalAlpha = 0.55 * opacity;
  context.stroke();
  context.fill();
}

/** Down to the lane of zeros, where some of the runs are there. */
function fillBand(
  context: LineContext,
  { x, low, high }: SeriesBand,
  scene: Scene,
  projection: Projection,
  color: string,
  opacity: number,
): void {
  const [floor, ceiling] = scene.values.map((value) => projection.top(value)) as [number, number];
  const point = (index: number, edge: readonly number[]): void => {
    const value = edge[index] as number;
    // There is no spread about an infinite mean: the band breaks. Zeros stand in their lane.
    if (!(value < Infinity)) return;
    const top = projection.top(value);
    context.lineTo(projection.left(x[index] as number), value === -Infinity ? top : Math.max(ceiling - 1, Math.min(floor + 1, top)));
  };
  context.save();
  clipToArea(context, projection);
  context.beginPath();
  for (let i = 0; i < x.length; i++) point(i, high);
  for (let i = x.length - 1; i >= 0; i--) point(i, low);
  context.fillStyle = color;
  context.globalAlpha = opacity;
  context.fill();
  context.restore();
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

/**
 * Zeros of a log axis, and values that are not finite, each where it was logged. Runs that have such values share the height of a lane: at
 * the same steps they would cover each other.
 */
function drawLanes(context: LineContext, { series, y, values }: Scene, projection: Projection, style: LineStyle): void {
  context.save();
  clipToArea(context, projection);
  for (const [lane, height] of [
    ['zeros', projection.top(y[0]) - projection.top(values[0])],
    ['lost', projection.top(values[1]) - projection.top(y[1])],
  ] as const) {
    const drawn = series.flatMap(({ model: { color }, runs, band }) =>
      runs.filter((run) => run[lane].length > 0).map((run) => ({ color, run, opacity: (band === null ? 1 : 0.5) * style.opacity })),
    );
    const spacing = Math.min(6, (height - 4) / drawn.length);
    drawn.forEach(({ color, run, opacity }, index) => {
      const pen: Pen = { color, width: Math.max(1, Math.min(5, spacing - 0.5)), opacity, dash: solid };
      stroke(context, run[lane], projection, pen, isInfinite, (index - (drawn.length - 1) / 2) * spacing);
    });
  }
  for (const { model, band } of series)
    if (band !== null) drawCentre(context, model, band, projection, style, (value) => value === -Infinity);
  context.restore();
}

function clipToValues(context: LineContext, { values: [low, high] }: Scene, projection: Projection): void {
  const { left, right } = projection.area;
  const [floor, ceiling] = [projection.top(low), projection.top(high)];
  context.beginPath();
  context.rect(left, ceiling - 1, right - left, floor - ceiling + 2);
  context.clip();
}

function clipToArea(context: LineContext, { area }: Projection): void {
  context.beginPath();
  context.rect(area.left, area.top - 2, area.right - area.left, area.bottom - area.top + 4);
  context.clip();
}

function isInfinite(value: number): boolean {
  return Math.abs(value) === Infinity;
}
