import type { XAxisKind } from './view.ts';

type Range = readonly [low: number, high: number];

/**
 * What the vertical axis of a chart needs for its own curves, in the space of the axis: on a log axis, decimal logarithms. It never
 * depends on what other panels need, so that panels which join their needs come to rest.
 */
export interface AxisNeed {
  /** Whether the axis would be logarithmic if it were alone. */
  readonly wantsLog: boolean;
  /** On a linear axis; null: not known, or there is nothing in sight. A chart knows it of the scale that it is drawn on. */
  readonly linear: Range | null;
  /** On a log axis. */
  readonly log: Range | null;
  /** Whether there are zeros that a log axis has no place for. */
  readonly zeros: boolean;
  /** Whether there are values that are not finite. */
  readonly lost: boolean;
}

/** A series of a column, with which those of the others can be compared. */
export interface SharedSeries {
  readonly series: string;
  /** What its runs are called in their config, where the series alone does not tell it apart. */
  readonly name: string;
  /** Id of one of its runs. */
  readonly run: string;
}

/** What a panel of a comparison lets the others know, so that all have the same axes. */
export interface PanelShare {
  /** From the first to the last row of its runs, on the horizontal axis that it has. */
  readonly extents: Readonly<Partial<Record<XAxisKind, Range>>>;
  /** By metric of the chart. */
  readonly axes: Readonly<Record<string, AxisNeed>>;
  readonly series: readonly SharedSeries[];
}

export const emptyShare: PanelShare = { extents: {}, axes: {}, series: [] };

/** What axes need that are the same for two charts. */
export function joinedNeed(a: AxisNeed, b: AxisNeed): AxisNeed {
  return {
    wantsLog: a.wantsLog || b.wantsLog,
    linear: joinedRange(a.linear, b.linear),
    log: joinedRange(a.log, b.log),
    zeros: a.zeros || b.zeros,
    lost: a.lost || b.lost,
  };
}

/** The least range that holds both. */
export function joinedRange(a: Range | null, b: Range | null): Range | null {
  if (a === null || b === null) return a ?? b;
  return [Math.min(a[0], b[0]), Math.max(a[1], b[1])];
}

/** What several panels need together. */
export function joinedShare(shares: readonly PanelShare[]): PanelShare {
  const extents: Partial<Record<XAxisKind, Range>> = {};
  const axes = new Map<string, AxisNeed>();
  for (const share of shares) {
    for (const x of ['step', 'tokens', 'time'] as const) {
      const extent = joinedRange(extents[x] ?? null, share.extents[x] ?? null);
      if (extent !== null) extents[x] = extent;
    }
    for (const [metric, need] of Object.entries(share.axes)) {
      const other = axes.get(metric);
      axes.set(metric, other === undefined ? need : joinedNeed(other, need));
    }
  }
  return { extents, axes: Object.fromEntries(axes), series: shares.flatMap(({ series }) => series) };
}
