import type { Event, Memento } from 'vscode';
import { EventEmitter } from 'vscode';
import type { RunOverview } from '../../runs/catalog/runOverview.ts';
import { Disposables } from '../disposable.ts';
import type { WorkspaceRuns } from '../runs/workspaceRuns.ts';

/** Which collapses the user has seen: those of runs whose panel was opened, or that were marked as seen. */
export class SeenCollapses extends Disposables {
  private readonly changed = this.register(new EventEmitter<void>());

  constructor(readonly runs: WorkspaceRuns, readonly memory: Memento) {
    super();
  }

  get onDidChange(): Event<void> {
    return this.changed.event;
  }

  /** Runs whose collapse has not been seen. */
  get unseen(): readonly RunOverview[] {
    return [];
  }

  markSeen(_dirs: readonly string[]): void {}
}
