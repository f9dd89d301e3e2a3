import type { Event, Memento } from 'vscode';
import { EventEmitter, commands } from 'vscode';
import { isLive } from '../../core/records/runState.ts';
import type { CatalogChange, RunOverview } from '../../runs/catalog/runOverview.ts';
import { Disposables } from '../disposable.ts';
import type { WorkspaceRuns } from '../runs/workspaceRuns.ts';

/** Step at which the collapse was noticed that has been seen, by run directory; null: none has. */
type Seen = Readonly<Record<string, number | null>>;

const memoryKey = 'otb.seenCollapses';

/**
 * Which collapses the user has seen: those of runs whose panel was opened, or that were marked as seen. Only a run that was live
 * in some window of this workspace can have one that is unseen: runs that collapsed long before are no news.
 */
export class SeenCollapses extends Disposables {
  private readonly changed = this.register(new EventEmitter<void>());
  private seen: Seen;

  constructor(
    private readonly runs: WorkspaceRuns,
    private readonly memory: Memento,
  ) {
    super();
    this.seen = memory.get<Seen>(memoryKey, {});
    this.register(runs.onDidChange((change) => this.take(change)));
    this.register(commands.registerCommand('otb.markSeen', () => this.markAllSeen()));
  }

  get onDidChange(): Event<void> {
    return this.changed.event;
  }

  /** Runs whose collapse has not been seen. */
  get unseen(): readonly RunOverview[] {
    return this.runs.runs.filter((run) => this.isUnseen(run));
  }

  isUnseen({ dir, detectedStep }: RunOverview): boolean {
    const seen = this.seen[dir];
    return detectedStep !== null && seen !== undefined && seen !== detectedStep;
  }

  markSeen(dirs: readonly string[]): void {
    const marked = dirs.flatMap((dir): [string, number | null][] => {
      const run = this.runs.get(dir);
      return run && this.isUnseen(run) ? [[dir, run.detectedStep]] : [];
    });
    if (marked.length > 0) this.remember({ ...this.seen, ...Object.fromEntries(marked) });
  }

  /** Whatever the command was called on: in the title of the view that is the row clicked last, which need have nothing to do with it. */
  private markAllSeen(): void {
    this.markSeen(this.runs.runs.map(({ dir }) => dir));
  }

  private take({ added, changed, removed }: CatalogChange): void {
    const seen: Record<string, number | null> = { ...this.seen };
    for (const { dir } of removed) delete seen[dir];
    for (const run of [...added, ...changed]) {
      // A run that went back to before its collapse, and collapses again, is news.
      if (isLive(run) && (run.detectedStep === null || seen[run.dir] === undefined)) seen[run.dir] = null;
      else if (run.detectedStep === null) delete seen[run.dir];
    }
    const isSame =
      Object.keys(seen).length === Object.keys(this.seen).length && Object.entries(seen).every(([dir, step]) => this.seen[dir] === step);
    if (!isSame) this.remember(seen);
    // Also where nothing but the runs has changed: another collapse, or one that was there before the window was loaded again.
    else if ([...added, ...changed, ...removed].some(({ detectedStep }) => detectedStep !== null)) this.changed.fire();
  }

  private remember(seen: Seen): void {
    this.seen = seen;
    void this.memory.update(memoryKey, seen);
    this.changed.fire();
  }
}
