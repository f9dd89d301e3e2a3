import { window } from 'vscode';
import type { ExtensionContext } from 'vscode';
import { registerCollapseNotifications } from './editor/warnings/collapseNotifications.ts';
import { SeenCollapses } from './editor/warnings/seenCollapses.ts';
import { registerInlineSurfaces } from './editor/inline/inlineSurfaces.ts';
import { registerLaunchCommands } from './editor/launch/launchCommands.ts';
import { registerFileCommands } from './editor/commands/fileCommands.ts';
import { RunPanels } from './editor/panel/runPanels.ts';
import { programsIn } from './editor/programs.ts';
import { WorkspaceRuns } from './editor/runs/workspaceRuns.ts';
import { Settings } from './editor/settings.ts';
import { RunsView } from './editor/view/runsView.ts';
import { RunStatusBar } from './editor/view/runStatusBar.ts';

/** Composition root: builds the objects and hands them to VS Code, which disposes them. */
export function activate(context: ExtensionContext): void {
  const log = window.createOutputChannel('OTB', { log: true });
  const programs = programsIn(context.extensionPath);
  const settings = new Settings();
  const runs = new WorkspaceRuns(settings, log, programs);
  const seen = new SeenCollapses(runs, context.workspaceState);
  const view = new RunsView(runs, seen, settings, context.workspaceState);
  const panels = new RunPanels({ runs, settings, seen, view, log, extensionUri: context.extensionUri });
  const parts = { context, runs, settings, seen, panels, view, log, programs };
  context.subscriptions.push(
    log,
    settings,
    runs,
    seen,
    panels,
    view,
    new RunStatusBar(runs, seen, settings),
    registerLaunchCommands(parts),
    registerFileCommands(parts),
    registerInlineSurfaces(parts),
    registerCollapseNotifications(parts),
  );
}
