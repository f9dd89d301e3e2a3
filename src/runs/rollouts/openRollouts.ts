import { JsonlRollouts } from './formats/jsonlRollouts.ts';
import { TrlCompletions } from './formats/trlCompletions.ts';
import { verlMapping } from './formats/verlDump.ts';
import { OwnRollouts } from './ownRollouts.ts';
import type { RolloutPlace, RolloutSource } from './rolloutSource.ts';
import { rolloutsName } from './stepFiles.ts';

/** The rollouts in a place; nothing is read before somebody asks. */
export function openRollouts(place: RolloutPlace): RolloutSource {
  const name = rolloutsName(place);
  const { estimator = null } = place;
  switch (place.format) {
    case 'run':
      return new OwnRollouts(place.path, name, estimator);
    case 'verl':
      return new JsonlRollouts(place, verlMapping, name, estimator);
    case 'trl':
      return new TrlCompletions(place, name, estimator);
    case 'mapped':
      return new JsonlRollouts(place, place.mapping, name, estimator);
  }
}
