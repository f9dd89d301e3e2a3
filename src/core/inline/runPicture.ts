import type { RunCurve } from '../comparison/runSummary.ts';
import { axis } from '../figure/axis.ts';
import type { Axis } from '../figure/axis.ts';
import { binCentre, binned, binsOver } from '../figure/binning.ts';
import { segments } from '../figure/decimation.ts';
import { thinLine } from '../figure/marks.ts';
import { element } from '../figure/markup.ts';
import type { Markup } from '../figure/markup.ts';
import { onsetLines } from '../figure/onsets.ts';
import { estimatorStyles } from '../figure/palette.ts';
import type { Frame } from '../figure/panel.ts';
import { gradNormRange, scoreRange } from '../figure/range.ts';
import type { AxisRange } from '../figure/range.ts';
import { colorClass, figureStyle } from '../figure/theme.ts';

/** A run as the picture draws it. */
export interface PicturedRun {
  readonly seed: number;
  readonly curve: RunCurve;
  readonly onsetStep: number | null;
}

export interface PictureInput {
  readonly estimator: string;
  readonly runs: readonly PicturedRun[];
  readonly theme: 'light' | 'dark';
}

/** Pixels. */
const size = { width: 460, height: 128 } as const;
const frame = { y: 26, width: 172, height: 78 } as const;
const frames = { gradNorm: { x: 42, ...frame }, score: { x: 272, ...frame } } as const satisfies Record<string, Frame>;

/** Points of all lines of a plot together: the text of a hover must not have more than 100,000 characters. */
const mostPoints = 1600;

/** Gradient norm and score of an estimator's runs, small enough for a hover, with a dotted line at each onset. A complete SVG document. */
export function renderRunPicture({ estimator, runs, theme }: PictureInput): string {
  const steps = stepDomain(runs);
  const pooled = runs.map((run) => pool(run, steps, Math.max(20, Math.min(frame.width, Math.floor(mostPoints / runs.length)))));
  const norms = pooled.flatMap(({ curve }) => curve.gradNorm);
  const healthy = pooled.flatMap(({ curve, onsetStep }) =>
    curve.gradNorm.filter((_, index) => (curve.steps[index] ?? 0) < (onsetStep ?? Infinity)),
  );
  const normRange = gradNormRange(norms, healthy);
  const style = estimatorStyles([estimator]).get(estimator);
  const plot = { runs: pooled, steps, color: style === undefined ? 'muted' : colorClass(style) };
  return element(
    'svg',
    {
      xmlns: 'http://www.w3.org/2000/svg',
      class: 'otb-figure',
      viewBox: `0 0 ${size.width} ${size.height}`,
      width: size.width,
      height: size.height,
    },
    figureStyle(theme),
    element('rect', { class: 'paper', width: size.width, height: size.height, rx: 4 }),
    drawPlot({ ...plot, column: 'gradNorm', heading: `Gradient norm${normRange.kind === 'log' ? ' (log scale)' : ''}`, range: normRange }),
    drawPlot({ ...plot, column: 'score', heading: 'Score', range: scoreRange(pooled.flatMap(({ curve }) => curve.score)) }),
  ).markup;
}

interface PooledRun {
  readonly seed: number;
  readonly onsetStep: number | null;
  readonly curve: { readonly steps: readonly number[]; readonly gradNorm: readonly number[]; readonly score: readonly number[] };
}

/** The highest norm and the mean score of each stretch of steps: every surge stays, and a million steps cost no more than a thousand. */
function pool({ seed, onsetStep, curve }: PicturedRun, steps: readonly [number, number], most: number): PooledRun {
  const bins = binsOver(steps, most);
  const gradNorm = binned(curve.steps, curve.gradNorm, bins, 'max');
  return {
    seed,
    onsetStep,
    curve: { steps: gradNorm.map((_, bin) => binCentre(bin, bins)), gradNorm, score: binned(curve.steps, curve.score, bins, 'mean') },
  };
}

interface Plot {
  readonly runs: readonly PooledRun[];
  readonly steps: readonly [number, number];
  /** Class that carries the estimator's colour. */
  readonly color: string;
  readonly column: 'gradNorm' | 'score';
  readonly heading: string;
  readonly range: AxisRange;
}

function drawPlot({ runs, steps, color, column, heading, range }: Plot): Markup {
  const at = frames[column];
  const xAxis = axis('step', steps, [at.x, at.x + at.width], 4);
  const yAxis = axis(range.kind, range.domain, [at.y + at.height, at.y], 4);
  const onsets = runs.flatMap(({ onsetStep }) => (onsetStep === null ? [] : [{ step: onsetStep, color }]));
  const lines = runs.map(({ seed, curve }) => {
    // What lies under a log axis has no place on it.
    const shown = curve[column].map((value) => (value < yAxis.domain[0] ? Number.NaN : value));
    return thinLine(segments(curve.steps, shown), xAxis, yAxis, runs.length > 4 ? 0.55 : 0.9, `seed ${seed}`);
  });
  return element('g', {}, drawGrid(at, heading, xAxis, yAxis), ...onsetLines(onsets, xAxis, at), element('g', { class: color }, ...lines));
}

function drawGrid(at: Frame, heading: string, xAxis: Axis, yAxis: Axis): Markup {
  const right = at.x + at.width;
  const bottom = at.y + at.height;
  return element(
    'g',
    {},
    element('text', { class: 'heading', x: at.x, y: at.y - 10 }, heading),
    ...yAxis.ticks.map(({ at: y, label }) => [
      element('line', { class: 'grid', x1: at.x, x2: right, y1: y, y2: y }),
      element('text', { class: 'muted number', x: at.x - 6, y: y + 3.8, 'text-anchor': 'end' }, label),
    ]),
    element('line', { class: 'axis', x1: at.x, x2: right, y1: bottom, y2: bottom }),
    ...xAxis.ticks.map(({ at: x, label }) => element('text', { class: 'muted number', x, y: bottom + 16, 'text-anchor': 'middle' }, label)),
  );
}

function stepDomain(runs: readonly PicturedRun[]): readonly [number, number] {
  const first = Math.min(...runs.map(({ curve }) => curve.steps[0] ?? Infinity));
  const last = Math.max(...runs.map(({ curve }) => curve.steps[curve.steps.length - 1] ?? -Infinity));
  return first <= last ? [first, last] : [0, 1];
}
