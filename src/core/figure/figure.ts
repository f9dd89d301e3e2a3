import { countText, integerText, quantityText, scoreText } from '../notation.ts';
import { laterSurges, surgeLabel } from '../records/collapseWords.ts';
import { hasCollapsed } from '../records/runState.ts';
import { sharedPasts } from '../branching/lineage.ts';
import type { ComparedRun, GroupSummary, RunGroup } from '../comparison/groups.ts';
import { curveFrom } from '../comparison/runSummary.ts';
import { aggregate } from './aggregate.ts';
import type { Aggregation } from './aggregate.ts';
import { axis } from './axis.ts';
import { binCentre, binned, binsOver } from './binning.ts';
import type { Bins } from './binning.ts';
import { segments } from './decimation.ts';
import type { Point } from './decimation.ts';
import { figureDocument } from './document.ts';
import { legend } from './legend.ts';
import type { LegendEntry } from './legend.ts';
import { band, boldLine, marker, overshootMarks, thinLine } from './marks.ts';
import { element, fragment } from './markup.ts';
import type { Content, Markup } from './markup.ts';
import { onsetLines, onsetStrip } from './onsets.ts';
import type { Onset } from './onsets.ts';
import { colorKeys, styledGroups } from './palette.ts';
import type { EstimatorStyle } from './palette.ts';
import { drawPanel } from './panel.ts';
import type { Frame } from './panel.ts';
import { gradNormRange, scoreRange } from './range.ts';
import type { AxisRange } from './range.ts';
import { colorClass } from './theme.ts';
import type { Theme } from './theme.ts';

export interface FigureInput {
  readonly title: string;
  readonly groups: readonly RunGroup[];
  readonly theme?: Theme;
  /** Unique in the document that the figure is put in. */
  readonly id?: string;
}

/** Width and least height in pixels; the SVG scales to its container. */
const figureWidth = 1100;
const plotHeight = 270;
const margin = { left: 54, right: 18, between: 68 };
/** Room above each plot for its heading, and for the strip of onsets where there are any. */
const headroom = { plain: 14, onsets: 34 };

/** Steps are pooled into at most so many bins for the bold lines, which smooths them, and for the thin lines of many runs. */
const boldBins = 60;
const thinBins = { gradNorm: 150, score: 60 } as const;

interface DrawnGroup extends RunGroup {
  /** Of a branch without what it has in common with another run of the figure. */
  readonly runs: readonly ComparedRun[];
  /** The same with all that they logged. */
  readonly whole: readonly ComparedRun[];
  /** Step at which a branch leaves the line of another run; −∞: it has its line for itself. */
  readonly leavesAt: number;
  readonly style: EstimatorStyle;
  /** Told apart from other groups of the same estimator by its dashes. */
  readonly dashes: string | undefined;
}

/** Figure 1 of arXiv 2602.07078 for any runs: gradient norm left, score right, a dotted line at each onset. A complete SVG document. */
export function renderFigure(input: FigureInput): string {
  return drawFigure(input).markup;
}

/** The same, to be put into an HTML document. */
export function drawFigure({ title, groups, theme = 'auto', id = 'figure1' }: FigureInput): Markup {
  const drawn = drawnGroups(groups);
  const inner = figureWidth - margin.left - margin.right;
  const key = legend(drawn.map(legendEntry), margin.left, 40, inner);
  const above = groups.some((group) => group.summary.onsetStep !== null) ? headroom.onsets : headroom.plain;
  const top = 40 + key.height + above + 24;
  const width = (inner - margin.between) / 2;
  const left: Frame = { x: margin.left, y: top, width, height: plotHeight };
  const right: Frame = { ...left, x: margin.left + width + margin.between };
  const runs = groups.flatMap((group) => group.runs);
  const norms = Float64Array.from(runs.flatMap((run) => Array.from(run.curve.gradNorm)));
  const scores = Float64Array.from(runs.flatMap((run) => Array.from(run.curve.score)));
  const normRange = gradNormRange(norms, Float64Array.from(runs.flatMap(healthyNorms)));
  const notes = caption(drawn, norms, normRange);
  const height = top + plotHeight + 52 + notes.length * 15;
  const gradNormPanel = drawCurves({
    id: `${id}-norm`,
    frame: left,
    headroom: above,
    heading: `Gradient norm${normRange.kind === 'log' ? ' (log scale)' : ''}`,
    range: normRange,
    column: 'gradNorm',
    aggregation: 'median',
    groups: drawn,
  });
  const scorePanel = drawCurves({
    id: `${id}-score`,
    frame: right,
    headroom: above,
    heading: 'Score (mean reward)',
    range: scoreRange(scores),
    column: 'score',
    aggregation: 'mean',
    groups: drawn,
  });
  const description = groups.length === 0 ? 'No runs.' : groups.map((group) => groupSentence(group.summary)).join(' ');
  return figureDocument(
    { title, description, theme, id, width: figureWidth, height, left: margin.left },
    key.markup,
    gradNormPanel,
    scorePanel,
    ...notes.map((note, line) => element('text', { class: 'note muted', x: margin.left, y: top + plotHeight + 57 + line * 15 }, note)),
  );
}

function drawnGroups(groups: readonly RunGroup[]): DrawnGroup[] {
  const keys = colorKeys(
    groups.map(({ summary }) => ({ estimator: summary.estimator, name: summary.label, isBranch: summary.branchedFrom !== undefined })),
  );
  const keyOf = new Map(groups.map((group, index) => [group, keys[index] ?? group.summary.estimator]));
  const lineage = groups.flatMap(({ runs }) => runs.flatMap(({ id, branchedFrom }) => (id === undefined ? [] : [{ id, branchedFrom }])));
  const shared = sharedPasts(lineage);
  return styledGroups(groups, (group) => keyOf.get(group) ?? '').map(({ group, style, dash }) => {
    // A branch is a group of its own.
    const leavesAt = shared.get(group.runs[0]?.id ?? '') ?? Number.NEGATIVE_INFINITY;
    const runs = group.runs.map((run) => ({ ...run, curve: curveFrom(run.curve, leavesAt) }));
    return { ...group, runs, whole: group.runs, leavesAt, style, dashes: dash.join(' ') || undefined };
  });
}

interface Curves {
  readonly id: string;
  readonly frame: Frame;
  readonly headroom: number;
  readonly heading: string;
  readonly range: AxisRange;
  readonly column: 'gradNorm' | 'score';
  readonly aggregation: Aggregation;
  readonly groups: readonly DrawnGroup[];
}

function drawCurves({ id, frame, headroom, heading, range, column, aggregation, groups }: Curves): Markup {
  const steps = stepDomain(groups.flatMap((group) => group.whole));
  const xAxis = axis('step', steps, [frame.x, frame.x + frame.width], 7);
  const yAxis = axis(range.kind, range.domain, [frame.y + frame.height, frame.y], range.kind === 'log' ? 8 : 5);
  const several = groups.some((group) => group.runs.length > 1);
  const thin: Content[] = [];
  const bands: Content[] = [];
  const bold: Content[] = [];
  const markers: Content[] = [];
  const over: Content[] = [];
  groups.forEach((group, index) => {
    const color = { class: colorClass(group.style) };
    const opacity = group.runs.length > 1 ? 0.3 : 0.4;
    const lines = group.runs.map((run) => {
      const pieces = thinPieces(run, column, several ? binsOver(steps, thinBins[column]) : null, yAxis.domain[0]);
      return thinLine(pieces, xAxis, yAxis, opacity, `${group.summary.label}, seed ${run.summary.seed}`);
    });
    thin.push(element('g', color, ...lines));
    const points = aggregate(
      group.whole.map((run) => ({ steps: run.curve.steps, values: run.curve[column], collapsed: hasCollapsed(run.summary) })),
      binsOver(steps, boldBins),
      aggregation,
    );
    // From the last point on that is also one of the other run's.
    const own = points.findLastIndex((point) => point.step <= group.leavesAt);
    const shown = points.slice(Math.max(0, own)).filter((point) => point.centre >= yAxis.domain[0]);
    const centre = segments(
      shown.map((point) => point.step),
      shown.map((point) => point.centre),
    );
    if (group.runs.length > 1) bands.push(element('g', color, band(points, xAxis, yAxis)));
    bold.push(element('g', color, boldLine(centre, xAxis, yAxis, group.dashes)));
    const every = Math.max(1, Math.ceil(shown.length / 5));
    const marked = shown.filter((_point, at) => at % every === Math.floor(((index + 0.5) * every) / groups.length) % every);
    markers.push(
      element('g', color, ...marked.map((point) => marker(group.style, xAxis.position(point.step), yAxis.position(point.centre)))),
    );
    if (column === 'gradNorm')
      over.push(
        element(
          'g',
          color,
          ...overshootMarks(
            group.runs.map((run) => run.curve),
            xAxis,
            yAxis,
            frame,
          ),
        ),
      );
  });
  const onsets = onsetsOf(groups);
  const clipped = [...thin, ...bands, ...onsetLines(onsets, xAxis, frame), ...bold, ...markers];
  return drawPanel(
    { frame, heading, xTitle: 'Step', xAxis, yAxis, id, headroom },
    clipped,
    fragment(...over, ...onsetStrip(onsets, xAxis, frame)),
  );
}

/**
 * Every step of a run, or of many runs the highest norm and the mean score in each bin, which keeps every surge. What lies under the
 * axis is left out: the norms of a policy that has stopped changing have no place on a log axis.
 */
function thinPieces({ curve }: ComparedRun, column: 'gradNorm' | 'score', bins: Bins | null, floor: number): Point[][] {
  const values =
    bins === null ? Array.from(curve[column]) : binned(curve.steps, curve[column], bins, column === 'gradNorm' ? 'max' : 'mean');
  const steps = bins === null ? curve.steps : values.map((_value, bin) => binCentre(bin, bins));
  return segments(
    steps,
    values.map((value) => (value < floor ? Number.NaN : value)),
  );
}

function legendEntry({ summary, style, dashes }: DrawnGroup): LegendEntry {
  const collapsed =
    summary.count === 1
      ? summary.collapsed === 1
        ? 'collapsed'
        : 'no collapse'
      : `${countText(summary.collapsed, summary.count)} collapsed`;
  const score = summary.finalScore === null ? '' : `, final ${scoreText(summary.finalScore.mean)}`;
  return { label: summary.label, note: `${collapsed}${score}`, style, dashes };
}

function groupSentence(group: GroupSummary): string {
  const onset =
    group.onsetStep === null ? '' : `, onset at step ${integerText(group.onsetStep.median)}${group.collapsed > 1 ? ' (median)' : ''}`;
  const score = group.finalScore === null ? '' : `; mean final score ${scoreText(group.finalScore.mean)}`;
  const collapsed =
    group.count > 1
      ? `${countText(group.collapsed, group.count)} runs collapsed`
      : group.collapsed === 1
        ? 'the run collapsed'
        : 'no collapse';
  return `${group.label}: ${collapsed}${onset}${score}.`;
}

/** What the marks mean, in lines; only of marks that are there. */
function caption(groups: readonly DrawnGroup[], norms: Float64Array, { kind, domain }: AxisRange): string[] {
  const several = groups.some((group) => group.runs.length > 1);
  const highest = norms.reduce((max, norm) => Math.max(max, norm), -Infinity);
  const marks = [
    dottedText(groups),
    highest > domain[1] ? `▲: norms above the axis, up to ${quantityText(highest)}.` : '',
    kind === 'log' && norms.some((norm) => norm < domain[0]) ? 'Norms below the axis are not drawn.' : '',
  ];
  const lines = several
    ? 'Thin: single runs (highest norm, mean score of a few steps). Bold: over runs, median and quartiles of the norm, mean ± standard error of the score.'
    : 'Thin: every step. Bold: smoothed.';
  return [lines, marks.filter((mark) => mark !== '').join(' ')].filter((line) => line !== '');
}

function dottedText(groups: readonly DrawnGroup[]): string {
  if (groups.every((group) => group.summary.onsetStep === null)) return '';
  const surged = groups.some((group) => group.runs.some(({ summary, events }) => laterSurges(events, summary.detectedStep).length > 0));
  return surged ? 'Dotted: onset of a collapse, or of a surge after it; n×: n of them.' : 'Dotted: onset of a collapse; n×: of n runs.';
}

function onsetsOf(groups: readonly DrawnGroup[]): Onset[] {
  return groups.flatMap((group) =>
    group.runs.flatMap(({ summary: { onsetStep, detectedStep }, events }) => {
      const color = colorClass(group.style);
      const surges = laterSurges(events, detectedStep).map((event) => ({ step: event.onsetStep, label: surgeLabel(event), color }));
      return onsetStep === null || onsetStep <= group.leavesAt ? [] : [{ step: onsetStep, color }, ...surges];
    }),
  );
}

function stepDomain(runs: readonly ComparedRun[]): [number, number] {
  const first = runs.map((run) => run.curve.steps[0] ?? Infinity);
  const last = runs.map((run) => run.curve.steps[run.curve.steps.length - 1] ?? -Infinity);
  const domain: [number, number] = [Math.min(...first), Math.max(...last)];
  return domain.every(Number.isFinite) ? domain : [0, 1];
}

function healthyNorms({ curve, summary }: ComparedRun): number[] {
  const end = summary.onsetStep ?? Infinity;
  return Array.from(curve.gradNorm).filter((_norm, index) => (curve.steps[index] as number) < end);
}
