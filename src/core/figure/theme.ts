import { stylesheet } from './markup.ts';
import type { Markup } from './markup.ts';
import { palette } from './palette.ts';
import type { EstimatorStyle } from './palette.ts';

/** `auto` follows the reader's system, in a browser and as an image. */
export type Theme = 'auto' | 'light' | 'dark';

export const fontStack = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif";

/** Colours that are not an estimator's. */
export const ground = {
  light: { paper: '#ffffff', ink: '#1f2328', muted: '#59636e', grid: '#e6e9ec', axis: '#8c959f' },
  dark: { paper: '#1b1d21', ink: '#e8eaed', muted: '#a3abb5', grid: '#2e3238', axis: '#7d8590' },
} as const;

const styles = Object.values(palette);

/** The class that gives an element the estimator's colour as `currentColor`. */
export function colorClass(style: EstimatorStyle): string {
  return `otb-c${styles.indexOf(style)}`;
}

/** Plain selectors and plain colours: image viewers that know neither CSS variables nor media queries show the light theme. */
export function figureStyle(theme: Theme): Markup {
  const layout = rules({
    text: `font-family:${fontStack};font-size:11px`,
    '.title': 'font-size:16px;font-weight:600',
    '.heading': 'font-size:12.5px;font-weight:600',
    '.label': 'font-size:12px',
    '.note': 'font-size:10.5px',
    '.number': 'font-variant-numeric:tabular-nums',
  });
  const colors =
    theme === 'auto' ? `${colorRules('light')}@media screen and (prefers-color-scheme:dark){${colorRules('dark')}}` : colorRules(theme);
  return stylesheet(layout + colors);
}

function colorRules(mode: 'light' | 'dark'): string {
  const { paper, ink, muted, grid, axis } = ground[mode];
  return rules({
    '.paper': `fill:${paper}`,
    '.halo': `stroke:${paper}`,
    text: `fill:${ink}`,
    '.muted': `fill:${muted}`,
    '.colored': 'fill:currentColor',
    '.grid': `stroke:${grid}`,
    '.axis': `stroke:${axis}`,
    ...Object.fromEntries(styles.map((style) => [`.${colorClass(style)}`, `color:${style[mode]}`])),
  });
}

/** Rules for what lies in a figure, from declarations by selector. */
function rules(declarations: Readonly<Record<string, string>>): string {
  return Object.entries(declarations)
    .map(([selector, text]) => `.otb-figure ${selector}{${text}}`)
    .join('');
}
