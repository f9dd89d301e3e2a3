import path from 'node:path';
import type { LaunchCommand } from '../commands/lateCommands.ts';
import type { CommandWork } from '../commands/registerCommand.ts';
import { RunChoice } from '../commands/runChoice.ts';
import type { Parts } from '../parts.ts';
import { selectedNodes } from '../runSelection.ts';
import { ConfigChoice } from './configChoice.ts';
import type { ConfigProblems } from './configProblems.ts';
import { NewConfigs } from './newConfigs.ts';
import { QueueControl } from './queueControl.ts';
import { RunBrancher } from './runBrancher.ts';
import { RunDeleter } from './runDeleter.ts';
import { RunResumer } from './runResumer.ts';
import { RunStarter } from './runStarter.ts';
import { RunStopper } from './runStopper.ts';

/** Commands that start, stop, resume and delete runs. */
export function launchCommands(
  parts: Pick<Parts, 'context' | 'runs' | 'settings' | 'panels' | 'view' | 'log' | 'programs'>,
  problems: ConfigProblems,
): Readonly<Record<LaunchCommand, CommandWork>> {
  const newConfigs = new NewConfigs(path.join(parts.context.extensionPath, 'presets'));
  const configs = new ConfigChoice(newConfigs);
  const choice = new RunChoice(parts);
  const starter = new RunStarter(parts, configs, problems);
  const stopper = new RunStopper(parts, choice);
  const resumer = new RunResumer(parts, choice);
  const brancher = new RunBrancher(parts, choice);
  const deleter = new RunDeleter(parts, choice, stopper);
  const queue = new QueueControl(parts);
  return {
    'otb.startRun': (...args) => starter.start(args),
    'otb.stopRun': (...args) => stopper.stopRuns(args),
    'otb.stopGroup': (...args) => stopper.stopGroup(args),
    'otb.resumeRun': (...args) => resumer.resume(args),
    'otb.branchRun': (...args) => brancher.branch(args),
    // The key for it is pressed on whichever row has the focus.
    'otb.deleteRun': (...args) => (selectedNodes(...args)[0]?.kind === 'waiting' ? queue.remove(args) : deleter.delete(args)),
    'otb.startNext': (...args) => queue.startNext(args),
    'otb.moveUp': (...args) => queue.moveUp(args),
    'otb.moveDown': (...args) => queue.moveDown(args),
    'otb.removeFromQueue': (...args) => queue.remove(args),
    'otb.pauseQueue': () => queue.pause(),
    'otb.resumeQueue': () => queue.resume(),
    'otb.setParallel': () => queue.setParallel(),
    'otb.newConfig': (asked) => newConfigs.create(asked),
  };
}
