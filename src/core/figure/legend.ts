import { element } from './markup.ts';
import type { Markup } from './markup.ts';
import { marker } from './marks.ts';
import type { EstimatorStyle } from './palette.ts';
import { colorClass } from './theme.ts';

export interface LegendEntry {
  readonly label: string;
  /** What happened, in a few words. */
  readonly note: string;
  readonly style: EstimatorStyle;
  readonly dashes: string | undefined;
}

export const legendRowHeight = 21;
const sample = 34;

/** Columns of equal width, as many as fit; returns its height too. */
export function legend(entries: readonly LegendEntry[], x: number, y: number, width: number): { readonly markup: Markup; readonly height: number } {
  const widest = Math.max(1, ...entries.map(({ label, note }) => label.length * 6.9 + note.length * 5.7 + sample + 40));
  const columns = Math.max(1, Math.min(entries.length, Math.floor(width / widest)));
  const rows = Math.ceil(entries.length / columns);
  const items = entries.map(({ label, note, style, dashes }, index) => {
    const left = x + (index % columns) * Math.min(widest, width / columns);
    const middle = y + Math.floor(index / columns) * legendRowHeight + legendRowHeight / 2;
    return element(
      'g',
      { class: colorClass(style) },
      element('line', { stroke: 'currentColor', 'stroke-width': 2.4, 'stroke-dasharray': dashes, x1: left, x2: left + sample - 8, y1: middle, y2: middle }),
      marker(style, left + (sample - 8) / 2, middle, 52),
      element(
        'text',
        { class: 'label', x: left + sample, y: middle + 4 },
        label,
        element('tspan', { class: 'muted note', dx: 8 }, note),
      ),
    );
  });
  return { markup: element('g', {}, ...items), height: rows * legendRowHeight };
}
