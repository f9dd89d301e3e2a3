import path from 'node:path';
import { Disposable, commands, window } from 'vscode';
import { isResumable } from '../../core/records/runState.ts';
import { registerCommand } from '../commands/registerCommand.ts';
import { RunChoice } from '../commands/runChoice.ts';
import type { Parts } from '../parts.ts';
import { ConfigChoice } from './configChoice.ts';
import { ConfigProblems } from './configProblems.ts';
import { RunDeleter } from './runDeleter.ts';
import { RunResumer } from './runResumer.ts';
import { RunStarter } from './runStarter.ts';
import { RunStopper } from './runStopper.ts';
import { isTrustedTo } from './trust.ts';

/** Commands that start, stop, resume, branch and delete runs. */
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
    command('otb.branchRun', 'The run was not branched', (...args) => branch(args, choice)),
    command('otb.deleteRun', 'The runs were not deleted', (...args) => deleter.delete(args)),
    command('otb.newConfig', 'No config was made', () => configs.create()),
  );
}

/** Says what there is instead, until there is branching. */
async function branch(args: readonly unknown[], choice: RunChoice): Promise<void> {
  if (!isTrustedTo('branch runs')) return;
  const run = await choice.one(args, { title: 'Branch from step', which: () => true, none: 'There is no such run.', takesSelection: true });
  if (run === undefined) return;
  const [resume, config] = ['Resume Run', 'Open Config'];
  const resumable = isResumable(run);
  const instead = resumable
    ? 'Resume the run from its last checkpoint, or start it anew with another estimator.'
    : 'Start it anew with another estimator.';
  void window
    .showInformationMessage(`Branching is not available yet. ${instead}`, ...(resumable ? [resume, config] : [config]))
    .then((answer) => {
      if (answer === resume) void commands.executeCommand('otb.resumeRun', run.dir);
      if (answer === config) void commands.executeCommand('otb.openConfig', run.dir);
    });
}
