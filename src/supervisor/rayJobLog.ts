import type { JobLog } from '../runs/ray/jobLog.ts';
import type { JobsClient } from '../runs/ray/jobsClient.ts';
import { RayError, orRayError } from '../runs/ray/rayError.ts';
import type { Pace } from './pace.ts';

/** Milliseconds between two looks at the log; the longer one where nothing happens or nobody answers. */
const logMs = 1000;
const quietMs = 8000;
/** A log that takes long to send is asked for seldom: that takes no more than a fiftieth of the time. */
const share = 50;
const longestMs = 60_000;
/** A cluster behind something that lets no WebSocket through is asked for the whole log each time. */
const tailAttempts = 3;
const restAttempts = 3;

/** Hands over what is new in the log of a job, as often as that is. */
export class RayJobLog {
  constructor(
    private readonly client: JobsClient,
    private readonly id: string,
    private readonly log: JobLog,
    private readonly onOutput: (bytes: Uint8Array) => void,
    private readonly pace: Pace,
  ) {}

  /** Until `over`. That the cluster does not answer is for others to say. Throws what `onOutput` throws. */
  async follow(over: AbortSignal): Promise<void> {
    let wait = logMs;
    let tailing = tailAttempts;
    while (!over.aborted) {
      const began = this.pace.now();
      let news = 0;
      const take = this.reading((bytes) => (news += bytes));
      if (tailing > 0) {
        const isWhole = await orRayError(() => this.client.tailLog(this.id, take, over));
        if (isWhole !== true && news === 0) tailing--;
      } else await orRayError(() => this.client.readLog(this.id, take, over));
      wait = news > 0 ? logMs : Math.min(quietMs, wait * 1.5);
      const took = tailing > 0 ? 0 : this.pace.now() - began;
      await this.pace.pause(Math.max(wait, Math.min(longestMs, share * took)), over);
    }
  }

  /** What a job said last. Resolves to why that cannot be read: the node on which it ran may be gone. */
  async readRest(): Promise<RayError | null> {
    for (let attempt = 1; ; attempt++) {
      const failed = await orRayError(() => this.client.readLog(this.id, this.reading()));
      if (!(failed instanceof RayError)) return null;
      if (attempt === restAttempts) return failed;
      await this.pace.pause(logMs * attempt, new AbortController().signal);
    }
  }

  /** A reading from the start of the log. */
  private reading(onNews?: (bytes: number) => void): (text: string) => void {
    this.log.begin();
    return (text) => {
      const bytes = this.log.take(text);
      if (bytes.length === 0) return;
      onNews?.(bytes.length);
      this.onOutput(bytes);
    };
  }
}
