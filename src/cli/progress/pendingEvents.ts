import type { RunEvent } from '../../core/records/events.ts';

/**
 * Events that wait for the step they belong to. The two files of a run are read one after the other, so that an event may come long
 * before the steps that led to it; told are both in the order in which they happened.
 */
export class PendingEvents {
  private readonly waiting: RunEvent[] = [];

  add(events: readonly RunEvent[]): void {
    this.waiting.push(...events);
  }

  /** The events up to a step, in the order of their file; they wait no longer. */
  take(step: number): readonly RunEvent[] {
    const end = this.waiting.findIndex((event) => event.step > step);
    return this.waiting.splice(0, end < 0 ? this.waiting.length : end);
  }

  clear(): void {
    this.waiting.length = 0;
  }
}
