import { axis } from './axis.ts';
import type { ScaleKind } from './axis.ts';
import type { Point } from './decimation.ts';
import { figureDocument } from './document.ts';
import { legend } from './legend.ts';
import { boldLine, marker } from './marks.ts';
import { element } from './markup.ts';
import { estimatorStyles } from './palette.ts';
import { drawPanel } from './panel.ts';
import type { Frame } from './panel.ts';
import { logRange } from './range.ts';
import { colorClass } from './theme.ts';
import type { Theme } from './theme.ts';

/** One estimator's values. */
interface Series {
  readonly estimator: string;
  /** A few words in the legend behind the name. */
  readonly note?: string;
  /** In ascending order of x; a line breaks at a value that is NaN. */
  readonly points: readonly Point[];
}

export interface LinesInput {
  readonly title: string;
  /** What the chart shows, for those who cannot see it. */
  readonly description: string;
  readonly xTitle: string;
  readonly yTitle: string;
  readonly xScale: ScaleKind;
  readonly yScale: ScaleKind;
  /** Exact x ticks, e.g. the group sizes that were measured; left out: round numbers. */
  readonly xTicks?: readonly number[];
  readonly series: readonly Series[];
  readonly theme?: Theme;
  /** Unique in the document that the chart is put in. */
  readonly id?: string;
}

const width = 680;
const frameLeft = 62;
const plotHeight = 300;

/** One panel with a line and markers per estimator, e.g. gradient variance against group size. A complete SVG document. */
export function renderLines(input: LinesInput): string {
  const { title, description, series, theme = 'auto', id = 'lines' } = input;
  const styles = estimatorStyles(series.map(({ estimator }) => estimator));
  const styled = series.flatMap((entry) => {
    const style = styles.get(entry.estimator);
    return style === undefined ? [] : [{ ...entry, style }];
  });
  const inner = width - frameLeft - 20;
  const key = legend(
    styled.map(({ estimator, note = '', style }) => ({ label: estimator, note, style, dashes: undefined })),
    frameLeft,
    40,
    inner,
  );
  const frame: Frame = { x: frameLeft, y: 40 + key.height + 38, width: inner, height: plotHeight };
  const points = series.flatMap((entry) => entry.points);
  const xAxis = axis(
    input.xScale,
    extent(
      points.map(({ x }) => x),
      input.xScale,
    ),
    [frame.x, frame.x + frame.width],
    input.xTicks ?? 6,
  );
  const yAxis = axis(
    input.yScale,
    extent(
      points.map(({ y }) => y),
      input.yScale,
    ),
    [frame.y + frame.height, frame.y],
    6,
  );
  const lines = styled.map(({ points: line, style }) =>
    element(
      'g',
      { class: colorClass(style) },
      boldLine(unbroken(line), xAxis, yAxis, undefined),
      ...line.filter(({ y }) => !Number.isNaN(y)).map(({ x, y }) => marker(style, xAxis.position(x), yAxis.position(y), 52)),
    ),
  );
  const height = frame.y + plotHeight + 50;
  return figureDocument(
    { title, description, theme, id, width, height, left: frame.x },
    key.markup,
    drawPanel({ frame, heading: input.yTitle, xTitle: input.xTitle, xAxis, yAxis, id: `${id}-frame`, headroom: 14 }, lines, ''),
  ).markup;
}

function extent(values: readonly number[], kind: ScaleKind): readonly [number, number] {
  if (kind === 'log') return logRange(values);
  const finite = values.filter(Number.isFinite);
  return finite.length === 0 ? [0, 1] : [Math.min(0, ...finite), Math.max(...finite)];
}

function unbroken(points: readonly Point[]): Point[][] {
  const pieces: Point[][] = [[]];
  for (const point of points) {
    if (Number.isNaN(point.y)) pieces.push([]);
    else pieces[pieces.length - 1]?.push(point);
  }
  return pieces.filter((piece) => piece.length > 0);
}
