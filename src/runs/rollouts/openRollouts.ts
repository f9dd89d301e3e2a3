import path from 'node:path';
import { OwnRollouts } from './ownRollouts.ts';
import type { RolloutPlace, RolloutSource } from './rolloutSource.ts';

/** The rollouts in a place; nothing is read before somebody asks. */
export function openRollouts(place: RolloutPlace): RolloutSource {
  const { name = path.basename(place.path), estimator = null } = place;
  switch (place.format) {
    case 'run':
      return new OwnRollouts(place.path, name, estimator);
  }
}
