import type { LogOutputChannel, Uri } from 'vscode';
import type { PanelSubject } from '../../core/panel/view.ts';
import { Disposables } from '../disposable.ts';
import type { WorkspaceRuns } from '../runs/workspaceRuns.ts';
import type { Settings } from '../settings.ts';
import type { SeenCollapses } from '../warnings/seenCollapses.ts';

export interface RunPanelsOptions {
  readonly runs: WorkspaceRuns;
  readonly settings: Settings;
  readonly seen: SeenCollapses;
  readonly log: LogOutputChannel;
  readonly extensionUri: Uri;
}

/** All run panels of this window: opens, links and restores them. Registers the commands that are about panels. */
export class RunPanels extends Disposables {
  constructor(readonly options: RunPanelsOptions) {
    super();
  }

  /** Opens a panel, or shows the one that is open for the same subject. */
  async open(_subject: PanelSubject): Promise<void> {}
}
