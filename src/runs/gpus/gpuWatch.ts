import type { PanelGpu } from '../../core/gpus/panelGpu.ts';
import { gpuUse } from './gpuUse.ts';

export type GpuListener = (gpus: readonly PanelGpu[]) => void;

export interface GpuWatchOptions {
  /** Tells what the GPUs do; never rejects. */
  readonly ask?: () => Promise<readonly PanelGpu[]>;
  /** Milliseconds from one look to the next. */
  readonly periodMs?: number;
  /** The same on a machine where none was found. */
  readonly vainMs?: number;
}

/**
 * The GPUs of this machine, for as long as somebody looks: one look serves all who do, and while nobody does, none is taken. Keeps no
 * process alive.
 */
export class GpuWatch {
  private readonly listeners = new Set<GpuListener>();
  private readonly ask: () => Promise<readonly PanelGpu[]>;
  private readonly periodMs: number;
  private readonly vainMs: number;
  private timer: NodeJS.Timeout | undefined;
  private isAsking = false;
  private last: { readonly at: number; readonly gpus: readonly PanelGpu[] } | undefined;

  constructor({ ask = gpuUse, periodMs = 5000, vainMs = 60_000 }: GpuWatchOptions = {}) {
    [this.ask, this.periodMs, this.vainMs] = [ask, periodMs, vainMs];
  }

  /** Tells of the GPUs now and after every look, until the returned function is called. */
  look(listener: GpuListener): () => void {
    this.listeners.add(listener);
    if (this.last && Date.now() < this.due) listener(this.last.gpus);
    this.schedule();
    return () => {
      this.listeners.delete(listener);
      if (this.listeners.size === 0) clearTimeout(this.timer);
    };
  }

  private get due(): number {
    return this.last === undefined ? 0 : this.last.at + (this.last.gpus.length > 0 ? this.periodMs : this.vainMs);
  }

  private schedule(): void {
    clearTimeout(this.timer);
    if (this.listeners.size === 0 || this.isAsking) return;
    this.timer = setTimeout(() => void this.takeLook(), Math.max(0, this.due - Date.now())).unref();
  }

  private async takeLook(): Promise<void> {
    this.isAsking = true;
    const at = Date.now();
    const gpus = await this.ask();
    this.isAsking = false;
    this.last = { at, gpus };
    for (const listener of this.listeners) listener(gpus);
    this.schedule();
  }
}
