/** Keeps the newest state, at most a few times a second; and the last one when the page goes. */
export class KeptState<State> {
  private latest: State | null = null;
  private timer: ReturnType<typeof setTimeout> | null = null;

  constructor(private readonly setState: (state: State) => void) {
    window.addEventListener('pagehide', () => this.keep());
  }

  remember(state: State): void {
    this.latest = state;
    this.timer ??= setTimeout(() => this.keep(), 100);
  }

  private keep(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    if (this.latest !== null) this.setState(this.latest);
    this.latest = null;
  }
}

/** Tells what goes wrong in the page, here and wherever nobody catches it. */
export function reportsTo(tell: (message: string) => void): (error: unknown) => void {
  const report = (error: unknown): void => tell(error instanceof Error ? (error.stack ?? error.message) : String(error));
  window.addEventListener('error', (event) => report(event.error ?? event.message));
  window.addEventListener('unhandledrejection', (event) => report(event.reason));
  return report;
}
