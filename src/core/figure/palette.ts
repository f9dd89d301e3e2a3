import { symbolCircle, symbolCross, symbolDiamond, symbolSquare, symbolStar, symbolTriangle, symbolWye } from 'd3-shape';
import type { SymbolType } from 'd3-shape';
import type { EstimatorName } from '../estimators/estimator.ts';
import type { RunColor } from '../records/runLabel.ts';

/** How an estimator looks in every chart of the product: colour on light and on dark ground, and a marker for eyes without colour. */
export interface EstimatorStyle {
  readonly light: string;
  readonly dark: string;
  readonly marker: SymbolType;
  /** Marker drawn as an outline; colours that are close differ in this too. */
  readonly hollow: boolean;
}

/** Derived from the palettes of Okabe and Ito (2008) and Tol (2021), darkened or lightened to a contrast of at least 3 to 1. */
export const palette: Readonly<Record<EstimatorName, EstimatorStyle>> = {
  reinforce: { light: '#555a60', dark: '#d4d7dc', marker: symbolSquare, hollow: false },
  dr_grpo: { light: '#d55e00', dark: '#f58642', marker: symbolTriangle, hollow: false },
  grpo: { light: '#a87900', dark: '#f0c242', marker: symbolTriangle, hollow: true },
  rloo: { light: '#8c4a2f', dark: '#c9926f', marker: symbolWye, hollow: false },
  opo: { light: '#009e73', dark: '#2dc596', marker: symbolDiamond, hollow: false },
  reinforce_plus_plus: { light: '#5b4fc9', dark: '#a59cff', marker: symbolSquare, hollow: true },
  reinforce_plus_plus_baseline: { light: '#2b2b2b', dark: '#f0f0f0', marker: symbolStar, hollow: false },
  optimal_trajectory_baseline: { light: '#cc66a8', dark: '#d86fb0', marker: symbolCross, hollow: false },
  optimal_token_baseline: { light: '#1b8fc2', dark: '#7fd4f7', marker: symbolCircle, hollow: true },
  tir_optimal_token_baseline: { light: '#0060b0', dark: '#4da3ff', marker: symbolCircle, hollow: false },
};

/** What colours that somebody chose for a run look like on light and on dark ground; each has a contrast of at least 3 to 1. */
export const chosenColors: Readonly<Record<RunColor, Pick<EstimatorStyle, 'light' | 'dark'>>> = {
  red: { light: '#c62f2f', dark: '#ff7b72' },
  orange: { light: '#d55e00', dark: '#f58642' },
  yellow: { light: '#a87900', dark: '#f0c242' },
  green: { light: '#2e8b3d', dark: '#6fce7b' },
  teal: { light: '#00897b', dark: '#3fc7b8' },
  blue: { light: '#0060b0', dark: '#4da3ff' },
  purple: { light: '#6a4bc4', dark: '#b39dff' },
  pink: { light: '#c2478f', dark: '#f08cc8' },
  brown: { light: '#8c4a2f', dark: '#c9926f' },
  gray: { light: '#6b7078', dark: '#b4b9c1' },
};

/**
 * A style for each estimator of a chart. Known names always have theirs; other names (of a user's own trainer) get, by their
 * letters, one that the chart does not use yet, as long as there is one.
 */
export function estimatorStyles(names: readonly string[]): Map<string, EstimatorStyle> {
  const styles = new Map<string, EstimatorStyle>();
  for (const name of names) if (isKnown(name)) styles.set(name, palette[name]);
  // Greys look alike beside each other, and come last.
  const greys = [palette.reinforce, palette.reinforce_plus_plus_baseline];
  const all = Object.values(palette).filter((style) => !greys.includes(style));
  for (const name of names.filter((candidate) => !styles.has(candidate)).toSorted()) {
    const start = [...name].reduce((hash, letter) => (Math.imul(hash, 31) + (letter.codePointAt(0) ?? 0)) >>> 0, 7) % all.length;
    const preferred = [...all.slice(start), ...all.slice(0, start), ...greys];
    const taken = new Set(styles.values());
    const style = preferred.find((candidate) => !taken.has(candidate)) ?? preferred[0];
    if (style !== undefined) styles.set(name, style);
  }
  return styles;
}

/** Line patterns in pixels on and off; empty: solid. */
const dashes: readonly (readonly number[])[] = [[], [7, 4], [2, 4], [10, 4, 2, 4]];

const inOrder = new Intl.Collator('en', { numeric: true });

/** A style for each value of something that is no estimator, in the order of the values; more values than styles have them again. */
export function orderedStyles(values: readonly string[]): Map<string, EstimatorStyle> {
  const all = Object.values(palette);
  const sorted = [...new Set(values)].toSorted((a, b) => Number(a) - Number(b) || inOrder.compare(a, b));
  return new Map(sorted.map((value, index) => [value, all[index % all.length] ?? palette.reinforce]));
}

/** How each of several groups is drawn: those of one estimator, or of one value of whatever they are coloured by, differ in their dashes. */
export function styledGroups<T>(
  groups: readonly T[],
  keyOf: (group: T) => string,
  stylesOf: (keys: readonly string[]) => Map<string, EstimatorStyle> = estimatorStyles,
): { group: T; style: EstimatorStyle; dash: readonly number[] }[] {
  const styles = stylesOf([...new Set(groups.map(keyOf))]);
  const seen = new Map<EstimatorStyle, number>();
  return groups.flatMap((group) => {
    const style = styles.get(keyOf(group));
    if (style === undefined) return [];
    const variant = seen.get(style) ?? 0;
    seen.set(style, variant + 1);
    return [{ group, style, dash: dashes[variant % dashes.length] ?? [] }];
  });
}

/**
 * By what each group is coloured: its estimator. A branch of which there is another group with its estimator goes by its own name instead,
 * so that it is told from the run that it comes from.
 */
export function colorKeys(groups: readonly { readonly estimator: string; readonly name: string; readonly isBranch: boolean }[]): string[] {
  const uses = new Map<string, number>();
  for (const { estimator } of groups) uses.set(estimator, (uses.get(estimator) ?? 0) + 1);
  return groups.map(({ estimator, name, isBranch }) => (isBranch && (uses.get(estimator) ?? 0) > 1 ? name : estimator));
}

function isKnown(name: string): name is EstimatorName {
  return Object.hasOwn(palette, name);
}
