import path from 'node:path';
import type { Command } from 'commander';
import { counted } from '../../core/notation.ts';
import { cancelQueue } from '../../runs/launcher/cancelQueue.ts';
import { queuedGroups, readQueue } from '../../runs/launcher/queueFile.ts';
import type { StopOutcome } from '../../runs/launcher/stopRun.ts';
import { stopRun } from '../../runs/launcher/stopRun.ts';
import { stopGraceMs } from '../../runs/launcher/trainingPlan.ts';
import type { CommandContext } from '../context.ts';
import { exitCodes } from '../exit.ts';
import { integer, jsonOption } from '../options.ts';
import { findRunDirectories } from '../runPaths.ts';

const sentences: Readonly<Record<StopOutcome, string>> = {
  ended: 'was not running',
  stopped: 'stopped',
  terminated: 'did not respond and was terminated',
  killed: 'did not respond and was killed',
  requested: 'runs on another machine and was asked to stop',
};

/** `otb stop`: ends runs after their current step, harder where they do not answer. Of a folder, also those that have not begun. */
export function registerStop(program: Command, context: CommandContext): void {
  program
    .command('stop')
    .description('stop runs: asked first, then terminated, then killed')
    .argument('<path...>', 'run directories, or folders of them')
    .option('--grace <seconds>', 'how long a run may take to respond before it is terminated', integer(0), stopGraceMs / 1000)
    .addOption(jsonOption())
    .action(async (paths: readonly string[], { grace, json }: { grace: number; json?: true }) => {
      const dirs = await findRunDirectories(paths, context);
      // First: a queue starts its next run as soon as one has stopped.
      for (const folder of paths) await cancelQueues(path.resolve(context.cwd, folder), grace * 1000, context);
      const runs = await Promise.all(dirs.map((dir) => stop(dir, grace * 1000)));
      if (json) context.output.printJson({ runs });
      else for (const { dir, outcome, error } of runs) context.output.print(`${dir}: ${outcome === null ? error : sentences[outcome]}`);
      if (runs.some(({ outcome }) => outcome === null)) context.exitWith(exitCodes.failed);
    });
}

/** One run that does not stop must not keep the others from being stopped. */
async function stop(dir: string, graceMs: number): Promise<{ dir: string; outcome: StopOutcome | null; error: string | null }> {
  try {
    return { dir, outcome: await stopRun(dir, { graceMs }), error: null };
  } catch (error) {
    return { dir, outcome: null, error: (error as Error).message };
  }
}

/** A run directory has no queues in it, so this is about folders of runs. */
async function cancelQueues(runsDir: string, graceMs: number, { output }: CommandContext): Promise<void> {
  for (const group of await queuedGroups(runsDir)) {
    const waiting = (await readQueue(runsDir, group))?.plan.runs.length ?? 0;
    await cancelQueue(runsDir, group, { graceMs });
    if (waiting > 0) output.note(`${group}: ${counted(waiting, 'run')} that had not started will not start.`);
  }
}
