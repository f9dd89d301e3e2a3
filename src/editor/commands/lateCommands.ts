import type { Disposable } from 'vscode';
import type { OpenConfigs } from '../inline/openConfigs.ts';
import type { Parts } from '../parts.ts';
import type { ReadOnlyTexts } from './readOnlyTexts.ts';
import { registerCommands } from './registerCommand.ts';

/** Commands by what the message begins with that users see where one of them fails. */
const failures = {
  file: {
    'otb.openConfig': 'The config was not opened',
    'otb.openLog': 'The log was not opened',
    'otb.openErrors': 'The log was not opened',
    'otb.showOutput': 'The output was not shown',
    'otb.exportRun': 'The runs were not exported',
    'otb.copyPath': 'The path was not copied',
    'otb.checkEnvironment': 'The environment was not checked',
    'otb.installTensorflow': 'The TensorFlow engine was not installed',
    'otb.openWalkthrough': 'The walkthrough was not opened',
  },
  label: {
    'otb.renameRun': 'The run was not renamed',
    'otb.renameGroup': 'The group was not renamed',
    'otb.editTags': 'The tags were not changed',
    'otb.setColor': 'The color was not set',
    'otb.archiveRun': 'The runs were not archived',
    'otb.unarchiveRun': 'The runs were not unarchived',
    'otb.labelRun': 'Nothing was changed',
    'otb.noteStep': 'Nothing was noted',
  },
  source: {
    'otb.openSource': 'Nothing was opened',
    'otb.removeSource': 'The runs were not removed',
    'otb.assignRun': 'Nothing was set',
    'otb.setPathPattern': 'The pattern was not set',
  },
  launch: {
    'otb.startRun': 'The runs were not started',
    'otb.stopRun': 'The runs were not stopped',
    'otb.stopGroup': 'The group was not stopped',
    'otb.resumeRun': 'The runs were not resumed',
    'otb.branchRun': 'No branch was started',
    'otb.deleteRun': 'The runs were not deleted',
    'otb.newConfig': 'No config was created',
    'otb.startNext': 'The order was not changed',
    'otb.moveUp': 'The order was not changed',
    'otb.moveDown': 'The order was not changed',
    'otb.removeFromQueue': 'Nothing was removed from the queue',
    'otb.pauseQueue': 'The queue was not paused',
    'otb.resumeQueue': 'The queue was not resumed',
    'otb.setParallel': 'The number of runs at once was not set',
  },
} as const;

export type FileCommand = keyof typeof failures.file;
export type LabelCommand = keyof typeof failures.label;
export type SourceCommand = keyof typeof failures.source;
export type LaunchCommand = keyof typeof failures.launch;

/** Commands that open and export what belongs to runs. */
export function registerFileCommands(
  parts: Pick<Parts, 'context' | 'runs' | 'settings' | 'view' | 'log' | 'programs'>,
  texts: ReadOnlyTexts,
): Disposable {
  return registerCommands(parts.log, failures.file, async () => (await import('./fileCommands.ts')).fileCommands(parts, texts));
}

/** Commands on what is said of runs: names, tags, colours, and which are archived. */
export function registerLabelCommands(parts: Pick<Parts, 'runs' | 'view' | 'log'>): Disposable {
  return registerCommands(parts.log, failures.label, async () => (await import('./labelCommands.ts')).labelCommands(parts));
}

/** Commands on what other programs wrote. */
export function registerSourceCommands(
  parts: Pick<Parts, 'runs' | 'view' | 'log' | 'panels' | 'decisions'>,
  texts: ReadOnlyTexts,
): Disposable {
  return registerCommands(parts.log, failures.source, async () => (await import('./sourceCommands.ts')).sourceCommands(parts, texts));
}

/** Commands that start, stop, resume and delete runs, and on those that wait. */
export function registerLaunchCommands(
  parts: Pick<Parts, 'context' | 'runs' | 'settings' | 'panels' | 'view' | 'log' | 'programs'>,
  configs: OpenConfigs,
): Disposable {
  return registerCommands(parts.log, failures.launch, async () => {
    const { launchCommands } = await import('../launch/launchCommands.ts');
    return launchCommands(parts, (await configs.surfaces()).problems);
  });
}
