import path from 'node:path';
import { JsonlRollouts } from './formats/jsonlRollouts.ts';
import { TrlCompletions } from './formats/trlCompletions.ts';
import { verlMapping } from './formats/verlDump.ts';
import { OwnRollouts } from './ownRollouts.ts';
import type { RolloutPlace, RolloutSource } from './rolloutSource.ts';

/** The rollouts in a place; nothing is read before somebody asks. */
export function openRollouts(place: RolloutPlace): RolloutSource {
  const { name = nameOf(place.path), estimator = null } = place;
  switch (place.format) {
    case 'run':
      return new OwnRollouts(place.path, name, estimator);
    case 'verl':
      return new JsonlRollouts(place.path, verlMapping, name, estimator);
    case 'trl':
      return new TrlCompletions(place.path, name, estimator);
    case 'mapped':
      return new JsonlRollouts(place.path, place.mapping, name, estimator);
  }
}

/** Of the file or folder; TRL's folders all have the same, and the one that they are in tells them apart. */
function nameOf(place: string): string {
  const name = path.basename(place);
  return name === 'completions' ? path.join(path.basename(path.dirname(place)), name) : name;
}
