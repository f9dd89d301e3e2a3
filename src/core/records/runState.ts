import type { ExitRecord, ProcessState } from './run.ts';
import type { RunIdentity } from './runIdentity.ts';

/** How a run stands for whoever waits for it. `waiting`: its turn has not come; `cancelled`: it will not come. */
export type RunPhase = ProcessState | 'waiting' | 'cancelled';

/** All that decides what a run's state is and what can be done with it. Everything that shows, stops, resumes or deletes runs asks here. */
export interface RunState {
  readonly process: RunPhase;
  /** How the process said that it ended, where that is known; it counts more than what was seen of the process. */
  readonly exit?: Pick<ExitRecord, 'reason'> | null | undefined;
  /** Its directory is gone; what is known of it is only what was read before. */
  readonly isDeleted?: boolean | undefined;
  /** Left out: the built-in trainer's. */
  readonly identity?: { readonly kind: RunIdentity['kind']; readonly canResume?: boolean | undefined } | undefined;
}

/** Whether a run is another program's: nothing can be done with its process or its files from here. */
export function isForeign({ identity }: Pick<RunState, 'identity'>): boolean {
  return identity?.kind === 'foreign';
}

/** How a run whose process wrote exit.json has ended. */
export function stateAfter({ reason }: Pick<ExitRecord, 'reason'>): ProcessState {
  return reason === 'failed' || reason === 'stopped' ? reason : 'finished';
}

/** Whether a run's process is at work. Such a run can be stopped, and cannot be deleted. */
export function isLive({ process }: RunState): boolean {
  return process === 'starting' || process === 'running';
}

/** Whether a run's process can be asked from here to stop. */
export function isStoppable(run: RunState): boolean {
  return isLive(run) && !isForeign(run);
}

/** Whether nothing more will come of a run by itself. */
export function hasEnded(run: RunState): boolean {
  return run.process !== 'waiting' && !isLive(run);
}

/** Whether a run is put away as archived. One that goes on is not, whatever was said of it before. */
export function isArchived(run: RunState & { readonly identity: Pick<RunIdentity, 'label'> }): boolean {
  return run.identity.label?.isArchived === true && !isLive(run);
}

/** Of the runs of a group those that are shown as the group: no archived ones, unless it is archived as a whole. */
export function listedRuns<Run extends Parameters<typeof isArchived>[0]>(runs: readonly Run[]): readonly Run[] {
  const listed = runs.filter((run) => !isArchived(run));
  return listed.length === 0 ? runs : listed;
}

/** Whether a run's process ended without having been asked to, and not by a rule of the run's config. */
export function hasFailed({ process }: RunState): boolean {
  return process === 'failed' || process === 'lost';
}

/**
 * Whether a run that has ended can go on from its last checkpoint; one by command, where its config says how. One that came to an end of its own cannot: it has taken all its
 * steps, or a rule of its config, which a resumed run keeps, has ended it. A resumed run repeats its steps bit for bit, so that one
 * whose numbers broke, or that died, would end at the same step again.
 */
export function isResumable(run: RunState): boolean {
  if (run.isDeleted === true || isLive(run) || isForeign(run) || run.identity?.canResume === false) return false;
  const process = run.exit ? stateAfter(run.exit) : run.process;
  return process === 'stopped' || hasFailed({ process });
}

/** What can be done with the process of a run. */
export function processActions(run: RunState): readonly ('stop' | 'resume')[] {
  return isStoppable(run) ? ['stop'] : isResumable(run) ? ['resume'] : [];
}

/** Why a run cannot be resumed and what to do instead, to follow its name; undefined where it can be. */
export function whyNotResumable(run: RunState): string | undefined {
  if (isResumable(run)) return undefined;
  if (run.isDeleted === true) return 'was deleted.';
  if (isForeign(run)) return 'was written by another program: resume it there.';
  if (isLive(run)) return 'is still running: there is nothing to resume.';
  if (!hasEnded(run)) return 'has not started.';
  if (run.identity?.canResume === false)
    return 'cannot be resumed: its config does not say how. Add "resume" with the arguments by which its program goes on, for example ["trainer.resume_mode=auto"], and start it again.';
  switch (run.exit?.reason) {
    case 'collapsed':
      return 'has collapsed, and its config ends it there. To go on from before the collapse in another way, branch from it. To see what comes after, start the config again with "onCollapse": "warn": the same seed takes the same steps.';
    case 'dead':
      return 'was ended by the "earlyStop" of its config, and would be again. To train further, start the config again without it, or with a lower "scoreBelow".';
    case 'diverged':
      return 'ended because its numbers were no longer finite; it would come to the same numbers again. Start the config again with a smaller "optimizer.learningRate" or with "optimizer.maxGradNorm".';
    default:
      return 'has taken all its steps: there is nothing to resume.';
  }
}

/** Whether a run collapsed at any time, also when it recovered afterwards: from its first collapse on there is an onset. */
export function hasCollapsed({ onsetStep }: { readonly onsetStep: number | null }): boolean {
  return onsetStep !== null;
}
