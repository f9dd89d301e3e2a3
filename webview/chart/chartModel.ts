// What a page and a chart tell each other. A page makes one `LineChart` a metric, gives it a `ChartModel` at every change (`show`,
// cheap: it draws in the next animation frame, and only if it can be seen), and passes on what the chart calls back.
import type { Aggregation } from '../../src/core/figure/aggregate.ts';
import type { TypedLimits } from '../../src/core/panel/chartAxis.ts';
import type { ComparedAs } from '../../src/core/panel/differenceSeries.ts';
import type { RunSeries } from '../../src/core/panel/runSeries.ts';
import type { AxisNeed } from '../../src/core/panel/share.ts';
import type { Smoothing, XAxisKind } from '../../src/core/panel/view.ts';
import type { Area } from './projection.ts';

/** Everything that one chart shows. Rebuilt at every change; the columns in it are shared, not copied. */
export interface ChartModel {
  readonly heading: string;
  /** One of many small charts: no heading of the horizontal axis, no labels of onsets, which a large chart above it has. */
  readonly compact: boolean;
  /** What is on the horizontal axis; says how its ticks are written. */
  readonly x: XAxisKind;
  /** Heading of the horizontal axis. */
  readonly xHeading: string;
  /** `auto`: log where the values surge or span decades. */
  readonly yScale: 'auto' | 'linear' | 'log';
  /** Whether the vertical range ignores rare extremes. */
  readonly robust: boolean;
  /** Ends of the vertical axis that somebody has chosen. */
  readonly limits: TypedLimits;
  /** Fixed vertical range wherever the values lie in it, e.g. 0 to 1 for a score. */
  readonly yRange: readonly [number, number] | null;
  /** How its values compare with a baseline; null: they are values. */
  readonly comparedAs: ComparedAs | null;
  /** What the same chart needs in the other columns of a comparison, whose vertical axis is this one's too; null: it is this chart's own. */
  readonly others: AxisNeed | null;
  /** All of the horizontal axis, the same for all charts of a page, whichever series and metrics they show: so they stay aligned. */
  readonly extent: readonly [number, number];
  /** Visible horizontal range; null: all of it. */
  readonly xRange: readonly [number, number] | null;
  readonly smoothing: Smoothing;
  /** How the runs of a series become one line and a band: mean ± one standard error, or median and quartiles (for gradient norms). */
  readonly aggregation: Aggregation;
  readonly series: readonly ChartSeries[];
  /** Run whose line stands out, because the pointer rests on its row in the run table; null: none. Changes without any data changing. */
  readonly highlighted: string | null;
  /** Where runs collapsed, and where their gradient norm surged after that, in units of x. */
  readonly onsets: readonly ChartOnset[];
  /** What people noted about steps. */
  readonly notes: readonly ChartNote[];
}

/** Runs that differ in their seed only, drawn in one colour. */
export interface ChartSeries {
  readonly name: string;
  /** CSS colour. */
  readonly color: string;
  /** Line pattern that tells series of one estimator apart; empty: solid. */
  readonly dash: readonly number[];
  /** Draw one bold line with a band for the runs, where there are several, and thin lines for the runs. */
  readonly band: boolean;
  readonly runs: readonly ChartRun[];
}

export interface ChartRun {
  readonly id: string;
  readonly label: string;
  /** Where its collapse began, in units of x; null: it did not collapse. Values before it are taken for healthy. */
  readonly onset: number | null;
  /** Drawn, but left out of the line and the band for all runs: another run is the same, or it is a branch of one. */
  readonly isRepeat?: boolean;
  /** Where a branch leaves the line of another run of the chart, in units of x: the first point that is its own. Left out: it has its line for itself. */
  readonly leavesAt?: number;
  /** The columns of x and y, from `RunColumns.series`. */
  readonly data: RunSeries;
}

export interface ChartOnset {
  /** In units of x: `RunColumns.xAtStep`. */
  readonly at: number;
  readonly color: string;
  /** What stands above the dotted line where there is room: the step, "143", of a later surge "surge 180". Crowded neighbours share one label, "3×". */
  readonly label: string;
}

/** What somebody noted about a step of a run. */
export interface ChartNote {
  /** In units of x: `RunColumns.xAtStep`. */
  readonly at: number;
  readonly color: string;
  /** Label of the run. */
  readonly run: string;
  readonly text: string;
}

/** What a chart shows at the crosshair. */
export interface Reading {
  /** Where the crosshair stands. */
  readonly x: number;
  /** Whether that is in the right half of the chart. */
  readonly isRight: boolean;
  readonly readouts: readonly Readout[];
  /** Those that stand at the crosshair. */
  readonly notes: readonly ChartNote[];
  /** Where the data is drawn, in CSS pixels of the chart. */
  readonly area: Area;
  /** Height of the pointer in CSS pixels from the top; null: it is not in this chart. */
  readonly pointer: number | null;
}

/** One line of the readout at the crosshair: the value that was logged nearest to it. */
export interface Readout {
  /** Name of the series. */
  readonly series: string;
  /** Id of the run; null: of several runs of the series together. */
  readonly run: string | null;
  /** Of the run, or of the series. */
  readonly label: string;
  readonly color: string;
  readonly x: number;
  /** As logged; of several runs, their mean or median. */
  readonly value: number;
  /** Of the line that is drawn bold; null: that is the values themselves, or it has no place for this one. */
  readonly smoothed: number | null;
  /** Null for a single run. */
  readonly spread: ReadoutSpread | null;
  /** Where the marker stands, on the value of the bold line if there is one, in CSS pixels. */
  readonly left: number;
  readonly top: number;
}

/** Of the logged values of several runs. */
interface ReadoutSpread {
  readonly centre: 'mean' | 'median' | 'geometric mean';
  readonly low: number;
  readonly high: number;
  readonly count: number;
}
