import { element } from './markup.ts';
import type { Content, Markup } from './markup.ts';
import { figureStyle } from './theme.ts';
import type { Theme } from './theme.ts';

export interface FigureDocument {
  readonly title: string;
  /** What the figure shows, for those who cannot see it. */
  readonly description: string;
  readonly theme: Theme;
  /** Unique in the document that the figure is put in. */
  readonly id: string;
  /** Pixels; the SVG scales to its container. */
  readonly width: number;
  readonly height: number;
  /** Where the title begins. */
  readonly left: number;
}

/** A complete SVG document: title, description and paper, with what is drawn on it. */
export function figureDocument({ title, description, theme, id, width, height, left }: FigureDocument, ...content: Content[]): Markup {
  const attributes = { xmlns: 'http://www.w3.org/2000/svg', class: 'otb-figure', viewBox: `0 0 ${width} ${height}`, width, height };
  return element(
    'svg',
    { ...attributes, style: 'max-width:100%;height:auto', role: 'img', 'aria-labelledby': `${id}-title ${id}-description` },
    element('title', { id: `${id}-title` }, title),
    element('desc', { id: `${id}-description` }, description),
    figureStyle(theme),
    element('rect', { class: 'paper', width, height }),
    element('text', { class: 'title', x: left, y: 26 }, title),
    ...content,
  );
}
