import type { ExtensionContext, LogOutputChannel } from 'vscode';
import type { LatePanels } from './panel/latePanels.ts';
import type { Programs } from './programs.ts';
import type { RunDecisions } from './runs/runDecisions.ts';
import type { WorkspaceRuns } from './runs/workspaceRuns.ts';
import type { Settings } from './settings.ts';
import type { RunsView } from './view/runsView.ts';
import type { SeenCollapses } from './warnings/seenCollapses.ts';

/** What the composition root has built; a part takes a `Pick` of it. */
export interface Parts {
  readonly context: ExtensionContext;
  readonly runs: WorkspaceRuns;
  readonly settings: Settings;
  readonly seen: SeenCollapses;
  readonly panels: LatePanels;
  /** What is selected there is what a command is about that was called on nothing. */
  readonly view: Pick<RunsView, 'selection' | 'reveal'>;
  readonly decisions: RunDecisions;
  readonly log: LogOutputChannel;
  readonly programs: Programs;
}
