import { cancelQueue } from './cancelQueue.ts';
import { liveMembersOf, membersOf } from './groupMembers.ts';
import { stopRun } from './stopRun.ts';
import type { StopOptions, StopOutcome } from './stopRun.ts';

/** How it went with a run; an error does not keep the others from being stopped. */
export type Stopped = { readonly dir: string } & ({ readonly outcome: StopOutcome } | { readonly error: Error });

/** Stops runs at once. Never rejects. */
export function stopRuns(dirs: readonly string[], options: StopOptions): Promise<readonly Stopped[]> {
  return Promise.all(
    dirs.map((dir) =>
      stopRun(dir, options).then(
        (outcome) => ({ dir, outcome }),
        (error: Error) => ({ dir, error }),
      ),
    ),
  );
}

/**
 * Stops the runs of a group, and sees to it that those that have not begun never do. First the latter: a queue starts its next run
 * as soon as one has stopped. Returns the runs that were going on. Throws what `cancelQueue` throws, after the runs were stopped.
 */
export async function stopGroup(runsDir: string, group: string, options: StopOptions): Promise<readonly Stopped[]> {
  const goingOn = await liveMembersOf(runsDir, group);
  const cancelled = await cancelQueue(runsDir, group, options).then(
    () => undefined,
    (error: Error) => error,
  );
  const stopped = await stopRuns(await membersOf(runsDir, group), options);
  if (cancelled) throw cancelled;
  // The queue stops its runs too, and may have been faster.
  return stopped.flatMap((run): Stopped[] => {
    if (!('outcome' in run) || run.outcome !== 'ended') return [run];
    return goingOn.includes(run.dir) ? [{ dir: run.dir, outcome: 'stopped' }] : [];
  });
}
