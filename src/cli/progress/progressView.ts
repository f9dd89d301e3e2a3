import type { FollowedRun } from './followedRun.ts';

/** How the progress of runs is shown while they go on. */
export interface ProgressView {
  /** Something about this run has changed. */
  update(run: FollowedRun): void;
  /** A line that stays. */
  say(line: string): void;
  /** What is going on as a whole now, e.g. that the runs are being stopped. */
  announce(text: string): void;
  /** What the next run waits for, where that is not the end of one that is shown; null: nothing any more. */
  standBy(text: string | null): void;
  /** Shows where everything stands one last time. */
  close(): void;
}
