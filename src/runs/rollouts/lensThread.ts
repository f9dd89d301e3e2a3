import { Worker } from 'node:worker_threads';
import type { LensHostMessage } from '../../core/lens/messages.ts';
import type { RolloutPlace } from './rolloutSource.ts';

export interface LensThreadStart {
  readonly kind: 'lens';
  readonly place: RolloutPlace;
}

/** What the thread of a lens is asked. */
export type LensAsk =
  /** Which steps there are; `again`: also where that is known. */
  | { readonly type: 'look'; readonly again: boolean }
  /** Read a step; null: the last there is. */
  | { readonly type: 'show'; readonly step: number | null }
  | { readonly type: 'want'; readonly step: number; readonly sequences: readonly number[] }
  | { readonly type: 'search'; readonly step: number; readonly text: string };

/** Reads the rollouts of one lens in another thread, which begins with the first question and, should it fail, anew with the next. */
export class LensThread {
  private worker: Worker | undefined;

  constructor(
    private readonly options: {
      /** The built worker. */
      readonly workerFile: string;
      readonly place: RolloutPlace;
      readonly tell: (message: LensHostMessage) => void;
      readonly onFailure: (error: Error) => void;
    },
  ) {}

  ask(ask: LensAsk): void {
    this.worker ??= this.start();
    this.worker.postMessage(ask);
  }

  close(): void {
    void this.worker?.terminate();
    this.worker = undefined;
  }

  private start(): Worker {
    const { workerFile, place, tell, onFailure } = this.options;
    const worker = new Worker(workerFile, { workerData: { kind: 'lens', place } satisfies LensThreadStart });
    const isMine = (): boolean => this.worker === worker;
    worker.on('message', (message: LensHostMessage) => {
      if (isMine()) tell(message);
    });
    worker.on('error', (error: Error) => {
      if (!isMine()) return;
      this.worker = undefined;
      onFailure(error);
    });
    return worker;
  }
}
