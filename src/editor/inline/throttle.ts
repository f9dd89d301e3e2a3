import type { Disposable } from 'vscode';

/** Does some work when it is asked to, but not more often than every so many milliseconds; a request in between is kept for then. */
export class Throttle implements Disposable {
  private timer: NodeJS.Timeout | undefined;
  private lastTime = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly intervalMs: number,
    private readonly work: () => void,
  ) {}

  request(): void {
    this.timer ??= setTimeout(() => this.run(), Math.max(0, this.lastTime + this.intervalMs - performance.now()));
  }

  dispose(): void {
    clearTimeout(this.timer);
  }

  private run(): void {
    this.timer = undefined;
    this.lastTime = performance.now();
    this.work();
  }
}
