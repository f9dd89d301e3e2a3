import type { FrameLocator } from 'playwright-core';

/** What the probe in a panel keeps; it listens to the panel's messages and to its canvases, and the panel knows nothing of it. */
interface Probe {
  /** When the first frame was drawn after a step of a run had arrived: [run, step, milliseconds since 1970]. */
  readonly drawn: [string, number, number][];
  /** Milliseconds of every task of the page that took 50 ms or more. */
  readonly longTasks: number[];
  /** Milliseconds between frames while `recording`. */
  readonly frames: number[];
  recording: boolean;
}

type Probed = typeof globalThis & { otbProbe: Probe };

/** Starts to watch what a panel draws. */
export async function installDrawProbe(panel: FrameLocator): Promise<void> {
  await panel.locator('body').evaluate(() => {
    const probe: Probe = { drawn: [], longTasks: [], frames: [], recording: false };
    (globalThis as Probed).otbProbe = probe;
    const arrived = new Map<string, number>();
    window.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
      const message = data as {
        type?: string;
        run?: string;
        rows?: { from: number; steps: Float64Array | { first: number; stride: number; count: number } };
      };
      if (message.type !== 'rows' || message.run === undefined || message.rows === undefined) return;
      const { steps } = message.rows;
      const last = steps instanceof Float64Array ? (steps.at(-1) ?? 0) : steps.first + (steps.count - 1) * steps.stride;
      arrived.set(message.run, last);
    });
    const stroke = CanvasRenderingContext2D.prototype.stroke;
    CanvasRenderingContext2D.prototype.stroke = function (this: CanvasRenderingContext2D, ...args: unknown[]) {
      if (arrived.size > 0) {
        const due = [...arrived];
        arrived.clear();
        // The stroke is on the screen when the frame in which it is made has ended.
        queueMicrotask(() => {
          const now = performance.timeOrigin + performance.now();
          for (const [run, step] of due) probe.drawn.push([run, step, now]);
        });
      }
      (stroke as (...all: unknown[]) => void).apply(this, args);
    } as typeof stroke;
    new PerformanceObserver((list) => probe.longTasks.push(...list.getEntries().map(({ duration }) => duration))).observe({
      type: 'longtask',
      buffered: true,
    });
    let previous = performance.now();
    const frame = (now: number): void => {
      if (probe.recording) probe.frames.push(now - previous);
      previous = now;
      requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
  });
}

/** What was seen since the last call. */
export async function takeProbe(panel: FrameLocator): Promise<Omit<Probe, 'recording'>> {
  return panel.locator('body').evaluate(() => {
    const { otbProbe } = globalThis as Probed;
    const { drawn, longTasks, frames } = otbProbe;
    return { drawn: drawn.splice(0), longTasks: longTasks.splice(0), frames: frames.splice(0) };
  });
}

export async function recordFrames(panel: FrameLocator, recording: boolean): Promise<void> {
  await panel.locator('body').evaluate((_body, on) => void ((globalThis as Probed).otbProbe.recording = on), recording);
}
