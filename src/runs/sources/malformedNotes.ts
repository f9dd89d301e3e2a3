import type { Malformed } from './format.ts';

const mostTold = 3;

/** What could not be read of a run's files, with the first places, as a sentence; none: everything could. */
export function malformedNotes(count: number, first: readonly Malformed[]): string[] {
  if (count === 0) return [];
  const told = first
    .slice(0, mostTold)
    .map(({ line, unit = 'line', file, why }) => `${file === undefined ? '' : `${file}, `}${unit} ${line}: ${why}`);
  const more = count > told.length ? `; and ${count - told.length} more` : '';
  return [`${count === 1 ? '1 place' : `${count} places`} could not be read as a whole: ${told.join('; ')}${more}.`];
}
