import { estimatorNames, type EstimatorName } from '../../src/core/estimators/estimator.ts';
import type { LensMemory } from '../../src/core/lens/messages.ts';
import { anyNumber, count, flag, nullable, object, oneOf, parseShape, text } from '../../src/core/panel/shape.ts';
import { colorings, type Coloring } from './coloring.ts';

/** In what order the list is. */
const sortKeys = ['sequence', 'group', 'reward', 'length', 'turns', 'energy', 'advantage'] as const;
export type SortKey = (typeof sortKeys)[number];

export const lensViews = ['text', 'group', 'noise'] as const;
export type LensViewName = (typeof lensViews)[number];

export interface ListFilter {
  readonly least: number | null;
  readonly most: number | null;
  readonly group: number | null;
  readonly truncated: 'any' | 'yes' | 'no';
}

/** What a lens looks like; kept by VS Code over a reload, beside what the extension finds the lens's place by. */
export interface LensLook extends LensMemory {
  readonly sequence: number | null;
  readonly coloring: Coloring;
  /** Null: what the run trains with, or the token baseline. */
  readonly estimator: EstimatorName | null;
  /** What stands beside it. */
  readonly compared: EstimatorName | null;
  readonly sort: SortKey;
  readonly isDescending: boolean;
  readonly filter: ListFilter;
  readonly search: string;
  readonly view: LensViewName;
}

export const usualLook: LensLook = {
  version: 1,
  place: '',
  step: null,
  sequence: null,
  coloring: 'advantage',
  estimator: null,
  compared: null,
  sort: 'sequence',
  isDescending: false,
  filter: { least: null, most: null, group: null, truncated: 'any' },
  search: '',
  view: 'text',
};

const shape = object<LensLook>({
  version: oneOf(1),
  place: text,
  step: nullable(count),
  sequence: nullable(count),
  coloring: oneOf(...(Object.keys(colorings) as Coloring[])),
  estimator: nullable(oneOf(...estimatorNames)),
  compared: nullable(oneOf(...estimatorNames)),
  sort: oneOf(...sortKeys),
  isDescending: flag,
  filter: object<ListFilter>({
    least: nullable(anyNumber),
    most: nullable(anyNumber),
    group: nullable(count),
    truncated: oneOf('any', 'yes', 'no'),
  }),
  search: text,
  view: oneOf(...lensViews),
});

/** A text: what is wrong with what was kept. */
export function parseLensLook(value: unknown): LensLook | string {
  return parseShape(shape, value, 'memory');
}
