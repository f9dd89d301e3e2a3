import type { Event } from 'vscode';
import { Disposables } from './disposable.ts';

/** Does some work soon, and anew after any of the events, but not more often than every so many milliseconds; what comes in between is kept for then. */
export class Refreshment extends Disposables {
  private timer: NodeJS.Timeout | undefined;
  private lastTime = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly intervalMs: number,
    private readonly work: () => void,
    events: readonly Event<unknown>[],
  ) {
    super();
    for (const event of events) this.register(event(() => this.request()));
    this.register({ dispose: () => clearTimeout(this.timer) });
    this.request();
  }

  private request(): void {
    this.timer ??= setTimeout(() => this.run(), Math.max(0, this.lastTime + this.intervalMs - performance.now()));
  }

  private run(): void {
    this.timer = undefined;
    this.lastTime = performance.now();
    this.work();
  }
}
