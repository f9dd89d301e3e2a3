import { Disposables } from '../disposable.ts';
import type { WorkspaceRuns } from '../runs/workspaceRuns.ts';
import type { Settings } from '../settings.ts';
import type { SeenCollapses } from '../warnings/seenCollapses.ts';

/** One item in the status bar: how many runs go on, and whether one collapsed. */
export class RunStatusBar extends Disposables {
  constructor(readonly runs: WorkspaceRuns, readonly seen: SeenCollapses, readonly settings: Settings) {
    super();
  }
}
