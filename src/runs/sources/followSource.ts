import { RunFollower } from '../directory/runFollower.ts';
import type { FollowOptions, RunChange } from '../directory/runFollower.ts';
import { ForeignFollower } from './foreignFollower.ts';
import type { RunAssignment } from './foreignIdentity.ts';
import type { RunPlace } from './format.ts';
import { runDirectoryFormat } from './runPlace.ts';

/** Somebody who hears what is new of a run. */
export interface Followed {
  /** Settles when everything that was there at the beginning has been told. */
  readonly caughtUp: Promise<void>;
  /** Whether nobody was writing any more when what is told now was read: then these are the run's last steps and events. */
  readonly isEnding: boolean;
  /** Files whose change means that there is something new, where it knows them. */
  readonly files?: readonly string[] | undefined;
  /** Tells nothing more. */
  close(): void;
}

export interface FollowSourceOptions extends FollowOptions {
  readonly assigned?: RunAssignment | undefined;
}

/** Follows a run, also one that is not there yet, and tells what is new. The first look tells everything there is. */
export function followSource(place: RunPlace, onChange: (change: RunChange) => void, options: FollowSourceOptions = {}): Followed {
  return place.format === runDirectoryFormat
    ? new RunFollower(place.source, onChange, options)
    : new ForeignFollower(place, onChange, options);
}
