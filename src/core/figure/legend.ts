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

const rowHeight = 21;
const sampleWidth = 26;

/** Entries flow from left to right and wrap; returns the height that they took. */
export function legend(
  entries: readonly LegendEntry[],
  x: number,
  y: number,
  width: number,
): { readonly markup: Markup; readonly height: number } {
  let left = x;
  let row = 0;
  const items = entries.map(({ label, note, style, dashes }) => {
    const needed = estimatedWidth(label, note);
    if (left > x && left + needed > x + width) {
      left = x;
      row++;
    }
    const middle = y + (row + 0.5) * rowHeight;
    const item = element(
      'g',
      { class: colorClass(style) },
      element('line', {
        stroke: 'currentColor',
        'stroke-width': 2.4,
        'stroke-dasharray': dashes,
        x1: left,
        x2: left + sampleWidth,
        y1: middle,
        y2: middle,
      }),
      marker(style, left + sampleWidth / 2, middle, 52),
      element(
        'text',
        { class: 'label', x: left + sampleWidth + 8, y: middle + 4 },
        label,
        element('tspan', { class: 'muted note', dx: 7 }, note),
      ),
    );
    left += needed;
    return item;
  });
  return { markup: element('g', {}, ...items), height: entries.length === 0 ? 0 : (row + 1) * rowHeight };
}

/** Fonts differ between machines; these widths per character hold for the widest in the font stack. */
function estimatedWidth(label: string, note: string): number {
  return sampleWidth + 8 + label.length * 6.7 + 7 + note.length * 5.5 + 22;
}
