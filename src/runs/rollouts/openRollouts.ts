import path from 'node:path';
import { JsonlRollouts } from './formats/jsonlRollouts.ts';
import { TrlCompletions } from './formats/trlCompletions.ts';
import { verlMapping } from './formats/verlDump.ts';
import { OwnRollouts } from './ownRollouts.ts';
import type { RolloutPlace, RolloutSource } from './rolloutSource.ts';

/** The rollouts in a place; nothing is read before somebody asks. */
export function openRollouts(place: RolloutPlace): RolloutSource {
  const { name = path.basename(place.path), estimator = null } = place;
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
