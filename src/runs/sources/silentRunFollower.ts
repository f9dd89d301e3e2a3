import { RunFollower } from '../directory/runFollower.ts';
import type { FollowOptions, RunChange } from '../directory/runFollower.ts';
import { CollapseJudge } from '../inspection/collapseJudge.ts';

/**
 * Follows a run directory without an events.jsonl, as another program may write it: its process says nothing of collapse, so that the
 * detector runs here, over all of the metrics. As soon as the process logs an event, that counts.
 */
export class SilentRunFollower {
  private readonly follower: RunFollower;
  private judge: CollapseJudge | undefined;
  private isTold = false;

  constructor(
    dir: string,
    private readonly onChange: (change: RunChange) => void,
    options: FollowOptions,
  ) {
    this.follower = new RunFollower(dir, (change) => this.hear(change), { ...options, lastBytes: undefined });
  }

  get caughtUp(): Promise<void> {
    return this.follower.caughtUp;
  }

  get isEnding(): boolean {
    return this.follower.isEnding;
  }

  close(): void {
    this.follower.close();
  }

  private hear(change: RunChange): void {
    if (change.type === 'events') this.leaveIt();
    if (change.type === 'identity' && !this.isTold) {
      this.judge ??= new CollapseJudge(change.identity);
      this.judge.setRun(change.identity);
    } else if (change.type === 'metrics') this.judge?.take(change.records);
    else if (change.type === 'stretches') this.judge?.takeStretches(change.stretches);
    else if (change.type === 'reset' && change.of === 'metrics') this.judge?.clear();
    this.onChange(change);
    if (this.judge) this.tell(this.judge);
  }

  private tell(judge: CollapseJudge): void {
    for (let isDone = false; !isDone;) {
      const said = judge.update();
      if (said.isAnew) this.onChange({ type: 'reset', of: 'events' });
      if (said.events.length > 0) this.onChange({ type: 'events', events: said.events });
      ({ isDone } = said);
    }
  }

  private leaveIt(): void {
    if (this.judge) this.onChange({ type: 'reset', of: 'events' });
    [this.judge, this.isTold] = [undefined, true];
  }
}
