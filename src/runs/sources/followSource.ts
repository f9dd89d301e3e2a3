import { existsSync } from 'node:fs';
import path from 'node:path';
import { runFiles } from '../../core/records/run.ts';
import { RunFollower } from '../directory/runFollower.ts';
import type { FollowOptions, RunChange } from '../directory/runFollower.ts';
import { ForeignFollower } from './foreignFollower.ts';
import type { RunPlace } from './format.ts';
import { runDirectoryFormat } from './runPlace.ts';
import { SilentRunFollower } from './silentRunFollower.ts';

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

/** Follows a run, also one that is not there yet, and tells what is new. The first look tells everything there is. */
export function followSource(place: RunPlace, onChange: (change: RunChange) => void, options: FollowOptions = {}): Followed {
  if (place.format !== runDirectoryFormat) return new ForeignFollower(place, onChange, options);
  const isSilent = !existsSync(path.join(place.source, runFiles.events));
  return isSilent ? new SilentRunFollower(place.source, onChange, options) : new RunFollower(place.source, onChange, options);
}
