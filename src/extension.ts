import { window } from 'vscode';
import type { ExtensionContext, LogOutputChannel } from 'vscode';
import { Activation } from './editor/activation.ts';
import { registerAgentTools } from './editor/agents/registerAgentTools.ts';
import { registerCollapseNotifications } from './editor/warnings/collapseNotifications.ts';
import { SeenCollapses } from './editor/warnings/seenCollapses.ts';
import { OpenConfigs } from './editor/inline/openConfigs.ts';
import {
  registerFileCommands,
  registerLabelCommands,
  registerLaunchCommands,
  registerSourceCommands,
} from './editor/commands/lateCommands.ts';
import { ReadOnlyTexts } from './editor/commands/readOnlyTexts.ts';
import { SourceHint } from './editor/sourceHint.ts';
import { LateLenses } from './editor/lens/lateLenses.ts';
import { LatePanels } from './editor/panel/latePanels.ts';
import { programsIn } from './editor/programs.ts';
import { RunDecisions } from './editor/runs/runDecisions.ts';
import { WorkspaceRuns } from './editor/runs/workspaceRuns.ts';
import { Settings } from './editor/settings.ts';
import { RunsView } from './editor/view/runsView.ts';
import { RunStatusBar } from './editor/view/runStatusBar.ts';

/**
 * Composition root: builds the objects and hands them to VS Code, which disposes them. What others cannot do without comes first; what
 * not every window needs is loaded when it does, see `late`.
 */
export function activate(context: ExtensionContext): void {
  const log = window.createOutputChannel('OTB', { log: true });
  context.subscriptions.push(log);
  const activation = new Activation(context.subscriptions, log);
  build(activation, context, log);
  activation.tell();
}

function build(activation: Activation, context: ExtensionContext, log: LogOutputChannel): void {
  const { extensionUri, workspaceState } = context;
  const programs = programsIn(context.extensionPath, context.globalStorageUri.fsPath);
  const decisions = new RunDecisions(workspaceState);
  context.subscriptions.push(decisions);
  const settings = activation.build('its settings, and everything that needs them', () => new Settings());
  if (!settings) return;
  const runs = activation.build(
    'the list of runs, and everything that needs it',
    () => new WorkspaceRuns(settings, log, programs, decisions, (context.storageUri ?? context.globalStorageUri).fsPath),
  );
  if (!runs) return;
  const configs = activation.build('what stands in configs', () => new OpenConfigs({ runs, settings, log }));
  const seen = activation.build('the runs view and the panels', () => new SeenCollapses(runs, workspaceState));
  if (!seen) return;
  activation.build('the item in the status bar', () => new RunStatusBar(runs, seen, settings));
  const view = activation.build('the runs view', () => new RunsView(runs, seen, settings, workspaceState)) ?? {
    selection: () => Promise.resolve([]),
    reveal: () => Promise.resolve(),
  };
  activation.build('the tools for agents', () => registerAgentTools(runs, programs, log));
  const texts = new ReadOnlyTexts();
  context.subscriptions.push(texts);
  activation.build('names, tags and colors of runs', () => registerLabelCommands({ runs, view, log }));
  activation.build('commands on the files of runs', () => registerFileCommands({ context, runs, settings, view, log, programs }, texts));
  activation.build('rollouts', () => new LateLenses({ runs, view, programs, log, extensionUri }));
  const panels = activation.build(
    'the run panels, and the start of runs',
    () =>
      new LatePanels({
        ...{ runs, settings, seen, view, log, extensionUri },
        memory: workspaceState,
        chooseMetric: (role, metric, chosen) =>
          decisions.chooseMetric(
            role,
            metric,
            chosen.flatMap((id) => runs.placeOf(id) ?? []),
          ),
      }),
  );
  if (!panels) return;
  const parts = { context, decisions, runs, settings, seen, panels, view, log, programs };
  if (configs) activation.build('the start of runs', () => registerLaunchCommands(parts, configs));
  activation.build('runs of other programs', () => registerSourceCommands(parts, texts));
  activation.build('the hint at logs of other programs', () => new SourceHint(runs, workspaceState));
  activation.build('notifications of collapses', () => registerCollapseNotifications(parts));
}
