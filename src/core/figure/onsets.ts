import type { Axis } from './axis.ts';
import { element } from './markup.ts';
import type { Markup } from './markup.ts';
import type { Frame } from './panel.ts';

/** The onset of one run's collapse. */
export interface Onset {
  readonly step: number;
  /** What stands above its line; left out: the step. */
  readonly label?: string;
  /** Class that carries the estimator's colour. */
  readonly color: string;
}

export interface OnsetLabel {
  readonly x: number;
  readonly text: string;
  readonly color: string | null;
}

/** Approximate width of a label of 10.5 px. */
function textWidth(text: string): number {
  return text.length * 6.2;
}

/**
 * Labels for onsets: each its step where there is room; neighbours that would overlap share one, "120–143 (3)", or their number
 * alone where even that is too wide, as in "5×".
 */
export function onsetLabels(onsets: readonly Onset[], xAxis: Pick<Axis, 'position'>): OnsetLabel[] {
  let clusters = onsets.toSorted((a, b) => a.step - b.step).map((onset) => [onset]);
  for (;;) {
    const labels = clusters.map((cluster) => labelOf(cluster, xAxis));
    const crowded = labels.findIndex((label, index) => {
      const next = labels[index + 1];
      return next !== undefined && label.x + textWidth(label.text) / 2 + 4 > next.x - textWidth(next.text) / 2;
    });
    if (crowded < 0) return labels;
    clusters = clusters.toSpliced(crowded, 2, clusters.slice(crowded, crowded + 2).flat());
  }
}

function labelOf(cluster: readonly Onset[], xAxis: Pick<Axis, 'position'>): OnsetLabel {
  const first = cluster[0] as Onset;
  const last = cluster[cluster.length - 1] as Onset;
  const text = cluster.length === 1 ? (first.label ?? String(first.step)) : `${cluster.length}×`;
  const color = cluster.every((onset) => onset.color === first.color) ? first.color : null;
  return { x: (xAxis.position(first.step) + xAxis.position(last.step)) / 2, text, color };
}

/** Dotted lines through the frame, to be clipped with the data. */
export function onsetLines(onsets: readonly Onset[], xAxis: Axis, frame: Frame): Markup[] {
  const opacity = onsets.length > 12 ? 0.55 : 0.9;
  return onsets.map(({ step, color }) => {
    const x = xAxis.position(step);
    const attributes = { stroke: 'currentColor', 'stroke-width': 1.4, 'stroke-dasharray': '1.5 3', 'stroke-opacity': opacity };
    return element('line', { class: color, ...attributes, x1: x, x2: x, y1: frame.y, y2: frame.y + frame.height });
  });
}

/** Ticks and labels in the strip above the frame. */
export function onsetStrip(onsets: readonly Onset[], xAxis: Axis, frame: Frame): Markup[] {
  const ticks = onsets.map(({ step, color }) => {
    const x = xAxis.position(step);
    return element('line', { class: color, stroke: 'currentColor', 'stroke-width': 1.6, x1: x, x2: x, y1: frame.y - 10, y2: frame.y - 4 });
  });
  const labels = onsetLabels(onsets, xAxis).map(({ x, text, color }) =>
    element(
      'text',
      { class: color === null ? 'note number muted' : `note number colored ${color}`, x, y: frame.y - 14, 'text-anchor': 'middle' },
      text,
    ),
  );
  return [...ticks, ...labels];
}
