import { setTimeout as delay } from 'node:timers/promises';

/** Time, as tests let it pass. */
export interface Pace {
  /** Milliseconds since some moment. */
  now(): number;
  /** Never fails: an aborted pause is over. */
  pause(milliseconds: number, signal: AbortSignal): Promise<void>;
}

export const realPace: Pace = {
  now: () => performance.now(),
  pause: (milliseconds, signal) => delay(milliseconds, undefined, { signal }).catch(() => undefined),
};
