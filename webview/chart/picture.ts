import { powerOfTen } from '../../src/core/notation.ts';
import { xTicks, yTicks } from '../../src/core/panel/axisTicks.ts';
import type { AxisTick } from '../../src/core/panel/axisTicks.ts';
import type { ThemeColors } from '../theme.ts';
import type { AxisRoom } from './axisRoom.ts';
import type { ChartModel } from './chartModel.ts';
import type { Scene } from './scene.ts';

/** All that a chart is drawn from, on the screen and in an export. */
export interface Picture {
  readonly model: ChartModel;
  readonly scene: Scene;
  readonly colors: ThemeColors;
  /** Lines are to be told apart at high contrast. */
  readonly contrast: boolean;
  /** CSS pixels. */
  readonly width: number;
  readonly height: number;
  /** Pixels to a CSS pixel. */
  readonly pixelRatio: number;
  /** For the labels of the vertical axis. */
  readonly room: AxisRoom;
}

export const fontSize = 11;

/** Room above the data for the line of the heading, which the labels of onsets stand on too. */
export const headroom = 30;

/** Room for a note behind the heading, and for the buttons of the page in the corner. */
const noteWidth = { 'log scale': 62, 'own limits': 66, 'log scale, own limits': 124 } as const;
const buttonsWidth = 48;

/** What is said of the axis behind the heading; null: nothing. */
export function noteOf({ model: { limits }, scene: { log } }: Pick<Picture, 'model' | 'scene'>): keyof typeof noteWidth | null {
  const isOwn = limits.low !== null || limits.high !== null;
  if (!isOwn) return log ? 'log scale' : null;
  return log ? 'log scale, own limits' : 'own limits';
}

/** About how far the heading reaches to the right of where it begins. */
export function headingWidth(picture: Pick<Picture, 'model' | 'scene'>): number {
  const note = noteOf(picture);
  return 7.2 * picture.model.heading.length + (note === null ? 0 : noteWidth[note]);
}

/** The heading, shortened to the room from `left` on. `measure`: width of a text in CSS pixels. */
export function headingOf(picture: Picture, left: number, measure: (text: string) => number): string {
  const note = noteOf(picture);
  const room = picture.width - left - buttonsWidth - (note === null ? 0 : noteWidth[note]);
  const { heading } = picture.model;
  if (measure(heading) <= room) return heading;
  let length = heading.length;
  while (length > 0 && measure(`${heading.slice(0, length)}…`) > room) length--;
  return `${heading.slice(0, length).trimEnd()}…`;
}

/** "×10", "+0.2": what a value on an axis means where it is compared with a baseline. */
export function comparedLabel(label: string, { comparedAs }: Pick<ChartModel, 'comparedAs'>): string {
  if (comparedAs === 'ratio') return `×${label === powerOfTen(0) ? '1' : label}`;
  return comparedAs === 'difference' && label !== '0' && !label.startsWith('−') ? `+${label}` : label;
}

export function ticksOf({ model, scene, width, height }: Picture): { readonly x: readonly AxisTick[]; readonly y: readonly AxisTick[] } {
  return {
    x: xTicks(model.x, scene.x, Math.max(2, Math.floor(width / 90))),
    y: [
      ...(scene.zeros === null ? [] : [{ value: scene.zeros, label: '0' }]),
      ...yTicks(scene.log, scene.values, Math.max(2, Math.floor(height / (scene.log ? 34 : 44)))).map(({ value, label }) => ({
        value,
        label: comparedLabel(label, model),
      })),
      ...(scene.lost === null ? [] : [{ value: scene.lost, label: hasFallen(scene) ? 'NaN, ±∞' : 'NaN, ∞' }]),
    ],
  };
}

/** Whether there are values in sight that overflowed downwards. */
function hasFallen({ series }: Scene): boolean {
  return series.some(({ runs }) => runs.some(({ lost: { y, length } }) => y.subarray(0, length).includes(-Infinity)));
}
