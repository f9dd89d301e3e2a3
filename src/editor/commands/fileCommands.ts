import { ProgressLocation, commands, env, window, workspace } from 'vscode';
import { counted } from '../../core/notation.ts';
import { isOwn } from '../../runs/catalog/runOverview.ts';
import type { OwnRun, RunOverview } from '../../runs/catalog/runOverview.ts';
import { givenPython } from '../../runs/launcher/pythonChoice.ts';
import { editorPython } from '../launch/editorPython.ts';
import type { Parts } from '../parts.ts';
import { exportRuns } from './exportRuns.ts';
import type { FileCommand } from './lateCommands.ts';
import { installTensorflowEngine } from './installTensorflow.ts';
import { note } from './messages.ts';
import { runOtb } from './otbProgram.ts';
import type { ReadOnlyTexts } from './readOnlyTexts.ts';
import type { CommandWork } from './registerCommand.ts';
import { showOutput } from './outputTerminal.ts';
import { RunChoice } from './runChoice.ts';
import type { RunQuestion } from './runChoice.ts';
import { openConfig, openErrors, openLog } from './runFileCommands.ts';

const walkthrough = 'firstRun';
/** Milliseconds that the check of the environment has; probing engines and Python takes a few seconds on a slow machine. */
const checkLimitMs = 120_000;

/** Commands that open and export what belongs to runs: configs, logs, folders, CSV. */
export function fileCommands(
  parts: Pick<Parts, 'context' | 'runs' | 'settings' | 'view' | 'log' | 'programs'>,
  texts: ReadOnlyTexts,
): Readonly<Record<FileCommand, CommandWork>> {
  const choice = new RunChoice(parts);
  const withRun =
    (title: string, work: (run: RunOverview) => Promise<void>) =>
    async (...args: unknown[]) => {
      const run = await choice.one(args, questionFor(title));
      if (run) await work(run);
    };
  const withOwn =
    (title: string, work: (run: OwnRun) => Promise<void>) =>
    async (...args: unknown[]) => {
      const run = await choice.one(args, { ...questionFor(title), which: isOwn, none: noneOwn });
      if (run && isOwn(run)) await work(run);
    };
  const withRuns =
    (title: string, work: (runs: readonly RunOverview[]) => Promise<void>) =>
    async (...args: unknown[]) => {
      const runs = await choice.several(args, questionFor(title));
      if (runs && runs.length > 0) await work(runs);
    };
  return {
    'otb.openConfig': withOwn('Open config', openConfig),
    'otb.openLog': withRun('Show files of run', openLog),
    'otb.openErrors': withRun('Open errors of run', openErrors),
    'otb.showOutput': withOwn('Show output', (run) => showOutput(run, parts.runs)),
    'otb.exportRun': withRuns('Export', (runs) => exportRuns(runs, parts.programs)),
    'otb.copyPath': withRuns('Copy path of run', copyPaths),
    'otb.checkEnvironment': () => checkEnvironment(parts, texts),
    'otb.installTensorflow': () => installTensorflowEngine(parts),
    'otb.openWalkthrough': () => openWalkthrough(parts.context.extension.id),
  };
}

const noneOwn =
  'There is no such run that was started from here. Runs that were only opened have no config and no output that OTB knows of.';

function questionFor(title: string): RunQuestion {
  return { title, which: () => true, none: 'There is no such run in this workspace.', selection: 'runs and groups' };
}

async function copyPaths(runs: readonly RunOverview[]): Promise<void> {
  await env.clipboard.writeText(runs.map(({ dir }) => dir).join('\n'));
  note(`${counted(runs.length, 'path')} copied`);
}

async function openWalkthrough(extensionId: string): Promise<void> {
  await commands.executeCommand('workbench.action.openWalkthrough', `${extensionId}#${walkthrough}`, false);
}

/** What `otb doctor` finds: engines, devices, the Python that runs of this workspace take, and why anything is not usable. */
async function checkEnvironment({ settings, programs }: Pick<Parts, 'settings' | 'programs'>, texts: ReadOnlyTexts): Promise<void> {
  const title = 'Checking engines, devices and Python';
  const report = await window.withProgress({ location: ProgressLocation.Window, title }, async () => {
    const python = await editorPython(settings, workspace.workspaceFolders?.[0]?.uri);
    const found = await runOtb(programs, ['doctor', '--python', python.program], checkLimitMs);
    return found.replace(`, ${givenPython}`, `, ${python.source}`);
  });
  await texts.show('OTB environment', report);
}
