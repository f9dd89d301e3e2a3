import { quantityText } from '../../core/comparison/notation.ts';
import { formatDuration } from '../quantities.ts';
import type { FollowedRun } from './followedRun.ts';

/** Share of a run between two lines about it. */
const stride = 0.1;

/** Progress for a pipe or a file: a line when a run starts, about every tenth of it, and when it ends. */
export class ProgressLog {
  private readonly told = new Map<FollowedRun, { process: FollowedRun['process']; share: number }>();

  constructor(private readonly write: (line: string) => void) {}

  /** Looks at a run again and writes what is new about it. */
  update(run: FollowedRun): void {
    const before = this.told.get(run) ?? { process: 'waiting', share: 0 };
    if (run.process === 'running' && before.process !== 'running') this.write(`${name(run)} started in ${run.dir}`);
    const share = Math.floor(run.step / run.steps / stride) * stride;
    if (share > before.share && !run.isDone) this.write(`${name(run)} ${standing(run)}`);
    if (run.isDone && before.process !== run.process) this.write(`${name(run)} ${run.process} at step ${run.step} of ${run.steps}`);
    this.told.set(run, { process: run.process, share: Math.max(share, before.share) });
  }
}

/** How one run is called in a line about it. */
export function name({ estimator, seed }: FollowedRun): string {
  return `${estimator} seed ${seed}:`;
}

function standing(run: FollowedRun): string {
  const left = Number.isFinite(run.secondsLeft) ? `, ${formatDuration(run.secondsLeft)} left` : '';
  return `step ${run.step} of ${run.steps}, score ${quantityText(run.score)}, gradient norm ${quantityText(run.gradNorm)}${left}`;
}
