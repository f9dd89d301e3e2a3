import { cancelQueue } from './cancelQueue.ts';
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
 * Stops runs of a group, and sees to it that those that have not begun never do. First the latter: a queue starts its next run as
 * soon as one has stopped. Throws what `cancelQueue` throws, after the runs were stopped.
 */
export async function stopGroup(runsDir: string, group: string, dirs: readonly string[], options: StopOptions): Promise<readonly Stopped[]> {
  const cancelled = await cancelQueue(runsDir, group, options).then(
    () => undefined,
    (error: Error) => error,
  );
  const stopped = await stopRuns(dirs, options);
  if (cancelled) throw cancelled;
  return stopped;
}
