import { printableLine } from '../printable.ts';
import { isObject } from './json.ts';

/** Colours that a run can be drawn in; what they look like is in the palette of the charts. */
export const runColors = ['red', 'orange', 'yellow', 'green', 'teal', 'blue', 'purple', 'pink', 'brown', 'gray'] as const;
export type RunColor = (typeof runColors)[number];

/** What somebody said of a run that its files do not say. It changes how the run is shown, never what it is. Left out: nothing was said. */
export interface RunLabel {
  readonly name?: string;
  /** In the order in which they were given, each once. */
  readonly tags?: readonly string[];
  readonly color?: RunColor;
  /** It is over and done with: listed only where somebody asks for archived runs. */
  readonly isArchived?: true;
}

/** Characters that a name or a tag may have; they stand in rows, tabs and sentences. */
const longestName = 120;
const longestTag = 40;
const mostTags = 20;

/** A name on one line, without anything that a terminal or a row would act upon; empty: it is none. */
export function nameFrom(text: string): string {
  const name = cut(printableLine(text.replaceAll(/\s+/g, ' ').trim()), longestName);
  return /^[\p{Default_Ignorable_Code_Point}\s]*$/u.test(name) ? '' : name;
}

/** Never in the middle of a character of two units: a half would be another one when it is read again. */
function cut(text: string, most: number): string {
  const isHalf = /[\uD800-\uDBFF]/.test(text.charAt(most - 1));
  return text.slice(0, isHalf ? most - 1 : most).trim();
}

/** Tags that stand in a text, separated by commas. */
export function tagsFrom(text: string): readonly string[] {
  return distinctTags(text.split(','));
}

/** The label of a run as a file has it. Fields that are nothing of the kind count as left out. */
export function parseRunLabel(value: unknown): RunLabel {
  if (!isObject(value)) return {};
  const { name, tags, color, archived } = value;
  const called = typeof name === 'string' ? nameFrom(name) : '';
  const tagged = Array.isArray(tags) ? distinctTags(tags.filter((tag) => typeof tag === 'string')) : [];
  const chosen = runColors.find((known) => known === color);
  return {
    ...(called !== '' && { name: called }),
    ...(tagged.length > 0 && { tags: tagged }),
    ...(chosen !== undefined && { color: chosen }),
    ...(archived === true && { isArchived: true }),
  };
}

function distinctTags(tags: readonly string[]): readonly string[] {
  const names = tags.map((tag) => cut(nameFrom(tag).replaceAll(',', ' '), longestTag));
  return [...new Set(names.filter((tag) => tag !== ''))].slice(0, mostTags);
}
