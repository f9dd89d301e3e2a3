import { existsSync } from 'node:fs';
import path from 'node:path';
import { runFiles } from '../../core/records/run.ts';
import { RunFollower } from '../directory/runFollower.ts';
import type { FollowOptions, RunChange } from '../directory/runFollower.ts';
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

/** Follows a run, also one that is not there yet, and tells what is new. The first look tells everything there is. */
export function followSource(place: RunPlace, onChange: (change: RunChange) => void, options: FollowOptions = {}): Followed {
  if (place.format !== runDirectoryFormat)
    return new LateFollower(async () => {
      const { ForeignFollower } = await import('./foreignFollower.ts');
      return new ForeignFollower(place, onChange, options);
    });
  if (judgesItself(place)) return new RunFollower(place.source, onChange, options);
  return new LateFollower(async () => {
    const { SilentRunFollower } = await import('./silentRunFollower.ts');
    return new SilentRunFollower(place.source, onChange, options);
  });
}

/** Whether a run's own process says what the collapse detector says of it; the others are judged by whoever reads them. */
export function judgesItself({ format, source }: RunPlace): boolean {
  return format === runDirectoryFormat && existsSync(path.join(source, runFiles.events));
}

/** A follower whose code is loaded with the first run that needs it: that of formats and of the collapse detector, which most windows do not. */
class LateFollower implements Followed {
  readonly caughtUp: Promise<void>;
  private follower: Followed | undefined;
  private isClosed = false;

  constructor(load: () => Promise<Followed>) {
    this.caughtUp = this.begin(load);
  }

  get isEnding(): boolean {
    return this.follower?.isEnding ?? false;
  }

  get files(): readonly string[] | undefined {
    return this.follower?.files;
  }

  close(): void {
    this.isClosed = true;
    this.follower?.close();
  }

  private async begin(load: () => Promise<Followed>): Promise<void> {
    const follower = await load();
    this.follower = follower;
    if (this.isClosed) follower.close();
    await follower.caughtUp;
  }
}
