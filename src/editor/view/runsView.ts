import { Disposables } from '../disposable.ts';
import type { Node } from '../runSelection.ts';
import type { WorkspaceRuns } from '../runs/workspaceRuns.ts';
import type { Settings } from '../settings.ts';
import type { SeenCollapses } from '../warnings/seenCollapses.ts';

/** The tree of groups and runs, and its badge. */
export class RunsView extends Disposables {
  constructor(readonly runs: WorkspaceRuns, readonly seen: SeenCollapses, readonly settings: Settings) {
    super();
  }

  /** What is selected in the view, for commands that the palette or a key calls without arguments. */
  get selection(): readonly Node[] {
    return [];
  }
}
