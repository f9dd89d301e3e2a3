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
  /** Why the log cannot be read, though the cluster answers; null: it can. */
  trouble: RayError | null = null;
  private connection = new AbortController();

  constructor(
    private readonly client: JobsClient,
    private readonly id: string,
    private readonly log: JobLog,
    /** `taken`: bytes of the log up to the end of these. */
    private readonly onOutput: (bytes: Buffer, taken: number) => void,
    private readonly pace: Pace,
  ) {}

  /** Until `over`. That the cluster does not answer is for others to say. */
  async follow(over: AbortSignal): Promise<void> {
    let wait = logMs;
    let tailing = tailAttempts;
    while (!over.aborted) {
      this.connection = new AbortController();
      const signal = AbortSignal.any([over, this.connection.signal]);
      const began = this.pace.now();
      let news = 0;
      const take = this.reading((bytes) => (news += bytes));
      const isWhole = await orRayError(async () => {
        if (tailing > 0) return this.client.tailLog(this.id, take, signal);
        await this.client.readLog(this.id, take, signal);
        return true;
      });
      this.trouble = isWhole instanceof RayError && isWhole.problem === 'refused' ? isWhole : null;
      if (isWhole === false && news === 0 && !signal.aborted) tailing--;
      wait = news > 0 ? logMs : Math.min(quietMs, wait * 1.5);
      const took = tailing > 0 ? 0 : this.pace.now() - began;
      await this.pace.pause(Math.max(wait, Math.min(longestMs, share * took)), over);
    }
  }

  /** The cluster was away: what connects us to it is made anew. */
  connectAgain(): void {
    this.connection.abort();
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
      this.onOutput(bytes, this.log.taken);
    };
  }
}
