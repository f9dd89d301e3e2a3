import path from 'node:path';
import { Disposable } from 'vscode';
import { registerCommand } from '../commands/registerCommand.ts';
import { RunChoice } from '../commands/runChoice.ts';
import type { Parts } from '../parts.ts';
import { ConfigChoice } from './configChoice.ts';
import { ConfigProblems } from './configProblems.ts';
import { RunDeleter } from './runDeleter.ts';
import { RunResumer } from './runResumer.ts';
import { RunStarter } from './runStarter.ts';
import { RunStopper } from './runStopper.ts';

/** Commands that start, stop, resume and delete runs. */
export function registerLaunchCommands(
  parts: Pick<Parts, 'context' | 'runs' | 'settings' | 'panels' | 'view' | 'log' | 'programs'>,
): Disposable {
  const problems = new ConfigProblems(parts.settings);
  const configs = new ConfigChoice(path.join(parts.context.extensionPath, 'presets'));
  const choice = new RunChoice(parts);
  const starter = new RunStarter(parts, configs, problems);
  const stopper = new RunStopper(parts, choice);
  const resumer = new RunResumer(parts, choice);
  const deleter = new RunDeleter(parts, choice, stopper);
  const command = registerCommand.bind(undefined, parts.log);
  return Disposable.from(
    problems,
    command('otb.startRun', 'The runs were not started', (...args) => starter.start(args)),
    command('otb.stopRun', 'The runs were not stopped', (...args) => stopper.stopRuns(args)),
    command('otb.stopGroup', 'The group was not stopped', (...args) => stopper.stopGroup(args)),
    command('otb.resumeRun', 'The runs were not resumed', (...args) => resumer.resume(args)),
    command('otb.deleteRun', 'The runs were not deleted', (...args) => deleter.delete(args)),
    command('otb.newConfig', 'No config was made', () => configs.create()),
  );
}
