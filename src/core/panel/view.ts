import type { ChartAxis } from './chartAxis.ts';

/** What is on the horizontal axis. */
export type XAxisKind = 'step' | 'tokens' | 'time';

/** What a line is averaged over: a share of the horizontal range that is in sight, 0 (nothing) to 1, or a number of steps, 0 or more. */
export type Smoothing = { readonly by: 'range'; readonly share: number } | { readonly by: 'steps'; readonly steps: number };

/** What other runs are compared with: a run, or all runs of its series together. `run`: id of that run. */
export interface BaselineChoice {
  readonly kind: 'run' | 'series';
  readonly run: string;
}

/**
 * The runs and series that are shown: these alone, or all but these. A name is the id of a run or the name of a series; it may be of
 * one that is not there yet, or not there any more.
 */
export interface ShownRuns {
  readonly rule: 'only' | 'allBut';
  readonly names: readonly string[];
}

export const allShown: ShownRuns = { rule: 'allBut', names: [] };

/** How a panel looks at its runs; the panel owns it, and it is kept over a reload of the window. */
export interface PanelView {
  readonly x: XAxisKind;
  /** Scale of the gradient norm; `auto`: log where it surges or spans decades. */
  readonly yScale: 'auto' | 'linear' | 'log';
  /** Of the lines that are drawn bold. */
  readonly smoothing: Smoothing;
  /** Whether the vertical axes ignore rare extremes, which are then marked at the edge. */
  readonly robust: boolean;
  /** Zoomed horizontal range in units of `x`; null: everything. */
  readonly range: readonly [number, number] | null;
  /** What is written into the filter box, see runFilter.ts. */
  readonly filter: string;
  /** Which of the runs that pass the filter are shown. */
  readonly shown: ShownRuns;
  /** What the runs of a series agree in, see runAspects.ts; null: everything but their seed. */
  readonly groupBy: string | null;
  /** What the colour of a series stands for; null: its estimator, or what it is grouped by. */
  readonly colorBy: string | null;
  /** Whether runs of a series are drawn as mean and band, with thin lines for the runs. */
  readonly band: boolean;
  /** Metrics drawn as small multiples; null: those that tell most, as far as they are logged. */
  readonly multiples: readonly string[] | null;
  /** Column and direction by which the run table is sorted. */
  readonly sort: { readonly column: string; readonly descending: boolean };
  /** Columns of the run table that were shown or hidden, by id; the others are as in a new panel. */
  readonly columns: Readonly<Record<string, boolean>>;
  /** Whether the vertical axes of a column of a comparison fit what it shows alone; otherwise they are the same in all its columns. */
  readonly ownScale: boolean;
  /** Null: none. */
  readonly baseline: BaselineChoice | null;
  /** Whether charts show the difference to the baseline, where there is one, instead of the values. */
  readonly difference: boolean;
  /** Vertical axes that somebody has chosen, by the metric of their chart. */
  readonly axes: Readonly<Record<string, ChartAxis>>;
  /** Metric of the chart that fills the panel; null: none does. */
  readonly enlarged: string | null;
  /** `auto`: gradient norm and score stand side by side where the panel is wide enough. */
  readonly layout: 'auto' | 'stacked';
}

export const initialView: PanelView = {
  x: 'step',
  yScale: 'auto',
  smoothing: { by: 'range', share: 0.02 },
  robust: true,
  range: null,
  filter: '',
  shown: allShown,
  groupBy: null,
  colorBy: null,
  band: true,
  multiples: null,
  sort: { column: 'estimator', descending: false },
  columns: {},
  ownScale: false,
  baseline: null,
  difference: false,
  axes: {},
  enlarged: null,
  layout: 'auto',
};

/** What is chosen whatever the runs: the next panel of the workspace begins with it. */
export const choiceFields = [
  'x',
  'yScale',
  'smoothing',
  'robust',
  'band',
  'multiples',
  'sort',
  'columns',
  'ownScale',
  'layout',
] as const satisfies readonly (keyof PanelView)[];

/** Some of what can be chosen. */
export type ViewChoices = Partial<Pick<PanelView, (typeof choiceFields)[number]>>;

export function choicesIn(change: Partial<PanelView>): ViewChoices {
  return Object.fromEntries(choiceFields.filter((field) => field in change).map((field) => [field, change[field]]));
}

/** What is the same in all panels of a comparison: curves that stand side by side are to differ by their runs alone. */
export const linkedFields = [
  'x',
  'range',
  'yScale',
  'smoothing',
  'robust',
  'band',
  'multiples',
  'ownScale',
  'baseline',
  'difference',
  'axes',
  'enlarged',
  'layout',
] as const satisfies readonly (keyof PanelView)[];

/** How linked panels look: they zoom together, and the crosshair of one stands in all. In units of `x`. */
export interface LinkedView extends Pick<PanelView, (typeof linkedFields)[number]> {
  readonly crosshair: number | null;
}

/** What of a view linked panels share. */
export function linkedView(view: PanelView, crosshair: number | null): LinkedView {
  const shared = Object.fromEntries(linkedFields.map((field) => [field, view[field]])) as Pick<PanelView, (typeof linkedFields)[number]>;
  return { ...shared, crosshair };
}

/** What a panel shows: a group as it grows, or chosen runs. Kept over a reload of the window. */
export type PanelSubject =
  | {
      readonly kind: 'group';
      readonly runsDir: string;
      readonly group: string;
      /** Only these series of it; null: all. */ readonly series: readonly string[] | null;
    }
  | { readonly kind: 'runs'; readonly runs: readonly string[] };

/** What is left of a panel when its window is reloaded: the webview's own state. */
export interface PanelMemory {
  readonly version: 1;
  readonly subject: PanelSubject;
  /** Panels of one comparison share it; null: the panel stands alone. */
  readonly link: string | null;
  readonly view: PanelView;
}
