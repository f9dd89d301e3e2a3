import { durationText, quantityText, scoreText } from '../../core/notation.ts';
import { runDirectoryFormat } from '../../runs/sources/runPlace.ts';
import type { FollowedRun } from './followedRun.ts';
import type { ProgressView } from './progressView.ts';

/** Parts of a run between two lines about it. */
const parts = 10;
/** The same in steps, of a run that may take any number. */
const stepsOfPart = 50;

/** Progress for a pipe or a file: a line when a run starts, about every tenth of it, and when it ends. */
export class ProgressLog implements ProgressView {
  private readonly told = new Map<
    FollowedRun,
    { readonly process: FollowedRun['process']; readonly hasBegun: boolean; readonly part: number }
  >();

  constructor(private readonly write: (line: string) => void) {}

  update(run: FollowedRun): void {
    if (run.failedToStart) return;
    const part = partOf(run, run.step);
    // What a branch has from its run was told of that.
    const before = this.told.get(run) ?? { process: 'waiting', hasBegun: false, part: partOf(run, run.branchStep) };
    if (!before.hasBegun && run.hasBegun)
      this.write(`${run.name}: ${run.place.format === runDirectoryFormat ? 'started in' : 'reading'} ${run.dir}`);
    if (run.isDone && before.process !== run.process) this.write(endLine(run));
    else if (part > before.part && !run.isDone) this.write(`${run.name}: ${standing(run)}`);
    this.told.set(run, { process: run.process, hasBegun: run.hasBegun, part: Math.max(part, before.part) });
  }

  say(line: string): void {
    this.write(line);
  }

  announce(text: string): void {
    this.write(text);
  }

  standBy(text: string | null): void {
    if (text !== null) this.write(text);
  }

  close(): void {
    // Every line has been written already.
  }
}

function partOf({ steps }: FollowedRun, step: number): number {
  return Math.floor(Number.isNaN(steps) ? step / stepsOfPart : (step / steps) * parts);
}

/** How a run ended, and why where that was before its last step. */
export function endLine({ name, process, step, progress, ending }: FollowedRun): string {
  if (process === 'cancelled') return `${name}: cancelled, not started.`;
  const where = step === 0 ? 'before the first step' : `at step ${progress}`;
  return `${name}: ${process} ${where}.${ending === null ? '' : ` ${ending}`}`;
}

function standing(run: FollowedRun): string {
  const { progress, score, gradNorm, secondsLeft } = run;
  return [
    `step ${progress}`,
    ...(Number.isNaN(score) ? [] : [`score ${scoreText(score)}`]),
    ...(Number.isNaN(gradNorm) ? [] : [`gradient norm ${quantityText(gradNorm)}`]),
    ...(Number.isNaN(secondsLeft) ? [] : [`${durationText(secondsLeft)} left`]),
  ].join(', ');
}
