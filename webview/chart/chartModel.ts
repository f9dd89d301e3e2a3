import type { CollapseEvent } from '../../src/core/records/events.ts';
import type { RunSeries } from '../../src/core/panel/runSeries.ts';

/** Everything that one chart shows. Rebuilt at every change; the columns in it are shared, not copied. */
export interface ChartModel {
  readonly heading: string;
  /** Heading of the horizontal axis. */
  readonly xHeading: string;
  readonly yScale: 'auto' | 'linear' | 'log';
  /** Whether the vertical range ignores rare extremes. */
  readonly robust: boolean;
  /** Fixed vertical range wherever the values lie in it, e.g. 0 to 1 for a score. */
  readonly yRange: readonly [number, number] | null;
  /** Visible horizontal range; null: all data. */
  readonly xRange: readonly [number, number] | null;
  readonly smoothing: number;
  readonly series: readonly ChartSeries[];
  /** Run whose line stands out, because the pointer rests on its row in the run table; null: none. Changes without any data changing. */
  readonly highlighted: string | null;
  /** Where runs collapsed, in units of x. */
  readonly onsets: readonly ChartOnset[];
}

/** Runs that differ in their seed only, drawn in one colour. */
export interface ChartSeries {
  readonly name: string;
  /** CSS colour. */
  readonly color: string;
  /** Line pattern that tells series of one estimator apart; empty: solid. */
  readonly dash: readonly number[];
  /** Not drawn, because others are isolated. */
  readonly hidden: boolean;
  /** Draw the mean over runs bold with a band of ± one standard error; thin lines for the runs. */
  readonly band: boolean;
  readonly runs: readonly ChartRun[];
}

export interface ChartRun {
  readonly id: string;
  readonly label: string;
  /** The columns of x and y. */
  readonly data: RunSeries;
}

export interface ChartOnset {
  readonly at: number;
  readonly color: string;
  readonly label: string;
  readonly event: CollapseEvent;
}

/** One line of the readout at the crosshair. */
export interface Readout {
  readonly label: string;
  readonly color: string;
  readonly x: number;
  readonly value: number;
}
