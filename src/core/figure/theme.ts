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
  const layout = `.otb-figure text{font-family:${fontStack};font-size:11px}.otb-figure .title{font-size:16px;font-weight:600}.otb-figure .heading{font-size:12.5px;font-weight:600}.otb-figure .label{font-size:12px}.otb-figure .note{font-size:10.5px}.otb-figure .number{font-variant-numeric:tabular-nums}`;
  const colors =
    theme === 'auto' ? `${colorRules('light')}@media screen and (prefers-color-scheme:dark){${colorRules('dark')}}` : colorRules(theme);
  return stylesheet(layout + colors);
}

function colorRules(mode: 'light' | 'dark'): string {
  const { paper, ink, muted, grid, axis } = ground[mode];
  const estimators = styles.map((style, index) => `.otb-figure .otb-c${index}{color:${style[mode]}}`).join('');
  return `.otb-figure .paper{fill:${paper}}.otb-figure .halo{stroke:${paper}}.otb-figure text{fill:${ink}}.otb-figure .muted{fill:${muted}}.otb-figure .colored{fill:currentColor}.otb-figure .grid{stroke:${grid}}.otb-figure .axis{stroke:${axis}}${estimators}`;
}
