import path from 'node:path';
import type { Command } from 'commander';
import { lanes, mostThreads } from '../../core/memory/engineLayout.ts';
import { counted } from '../../core/notation.ts';
import { plannedIdentity } from '../../core/records/runIdentity.ts';
import { isLive, whyNotResumable } from '../../core/records/runState.ts';
import { commandLinePython } from '../../runs/launcher/pythonChoice.ts';
import { queuedRun } from '../../runs/launcher/resumeRuns.ts';
import { atOnce, atOnceText, cacheFolder, shareOfCores, withProgramLimit } from '../../runs/launcher/trainingPlan.ts';
import type { TrainingPlan } from '../../runs/launcher/trainingPlan.ts';
import { readRunStatus } from '../../runs/directory/runStatus.ts';
import type { RunStatus } from '../../runs/directory/runStatus.ts';
import type { CommandContext } from '../context.ts';
import { badInput, exitCodes } from '../exit.ts';
import { withInterruption } from '../interruption.ts';
import { failOnCollapseOption, integer, jsonOption, parallelOption, pythonOption } from '../options.ts';
import { exitCodeOf, readOutcome } from '../outcome.ts';
import { runDirectory } from '../../runs/sources/runPlace.ts';
import { createView } from '../progress/createView.ts';
import { FollowedRun } from '../progress/followedRun.ts';
import { exitCodeOfUnread, findRunDirectories, readRuns } from '../runPaths.ts';
import { Training } from '../training.ts';

interface ResumeOptions {
  readonly threads?: number;
  readonly parallel?: number;
  readonly python?: string;
  readonly json?: true;
  readonly failOnCollapse?: true;
}

/** `otb resume`: goes on with stopped, failed or lost runs from their last checkpoint, as if they had never ended. */
export function registerResume(program: Command, context: CommandContext): void {
  program
    .command('resume')
    .description('resume stopped, failed or lost runs from their last checkpoint')
    .argument('<path...>', 'run directories, or folders of them: all that can be resumed there')
    .option('--threads <n>', `threads of each run (default: cores / runs at once, at most ${lanes})`, integer(1, mostThreads))
    .addOption(parallelOption('cores'))
    .addOption(pythonOption())
    .addOption(failOnCollapseOption())
    .addOption(jsonOption())
    .action((paths: readonly string[], options: ResumeOptions) => resume(paths, options, context));
}

async function resume(paths: readonly string[], options: ResumeOptions, context: CommandContext): Promise<void> {
  const { output } = context;
  const dirs = await findRunDirectories(paths, context);
  const read = await readRuns(dirs.map(runDirectory), async ({ source: dir }) => ({ dir, ...(await readRunStatus(dir)) }), context);
  const unread = exitCodeOfUnread(read);
  if (read.runs.length === 0) {
    if (options.json) output.printJson({ runs: [], errors: read.errors });
    if (unread !== undefined) context.exitWith(unread);
    return;
  }
  const { able, skipped } = chosen(read.runs, paths, context);
  const share = shareOfCores(
    able.length,
    withProgramLimit(
      able.map(({ record }) => record),
      options,
    ),
  );
  const parallel = atOnce({ runs: able, ...share });
  const runs = able.map(({ dir, record }) => new FollowedRun(dir, record));
  const view = createView(runs, parallel, 'Ctrl-C stops the runs.', output);
  const { program: python } = commandLinePython(options.python, context.env, context.cwd);
  const plans = plansOf(able, { ...share, python, engine: 'auto', cacheDir: cacheFolder(context.cwd, context.env) });
  const training = new Training(plans, runs, view, context.root);
  let interrupted = false;
  const interrupt = () => {
    interrupted = true;
    training.cancel();
  };
  output.note(`${counted(runs.length, 'run')} to resume, ${atOnceText({ runs: able.map(({ record }) => record), ...share })}`);
  await withInterruption(interrupt, () => training.run());
  const outcome = await readOutcome(runs);
  if (options.json) output.printJson({ runs: outcome.runs, skipped: skipped.map(({ dir, why }) => ({ dir, why })), errors: read.errors });
  else
    output.print(outcome.runs.map(({ dir, process, message }) => `${dir}: ${process}${message === null ? '' : `. ${message}`}`).join('\n'));
  context.exitWith(interrupted ? exitCodes.failed : (unread ?? exitCodeOf(outcome.runs, Boolean(options.failOnCollapse))));
}

type FoundRun = RunStatus & { readonly dir: string };
type ResumableRun = Pick<FoundRun, 'dir' | 'record'>;

/** A run that is left as it is. */
interface SkippedRun {
  readonly dir: string;
  /** To follow its name. */
  readonly why: string;
  /** Whether it ended by a rule of its config, which a look at its state does not tell. */
  readonly isRuledOut: boolean;
}

/** Sorts runs into those that can go on and the others. */
function sorted(found: readonly FoundRun[]): { readonly able: readonly ResumableRun[]; readonly skipped: readonly SkippedRun[] } {
  const able: ResumableRun[] = [];
  const skipped: SkippedRun[] = [];
  for (const { dir, record, state: process, exit } of found) {
    const why = whyNotResumable({ process, exit, identity: plannedIdentity(record) });
    if (why === undefined) able.push({ dir, record });
    else skipped.push({ dir, why, isRuledOut: !isLive({ process }) && exit?.reason !== 'completed' });
  }
  return { able, skipped };
}

/** The runs to go on with. Says which of those that the user may count on are not among them; throws where none is. */
function chosen(found: readonly FoundRun[], paths: readonly string[], { cwd, output }: CommandContext): ReturnType<typeof sorted> {
  const { able, skipped } = sorted(found);
  const [only] = skipped;
  if (able.length === 0 && skipped.length === 1 && only !== undefined) throw badInput(`${only.dir} ${only.why}`);
  const named = new Set(paths.map((given) => path.resolve(cwd, given)));
  const told = skipped.filter(({ dir, isRuledOut }) => isRuledOut || named.has(dir));
  for (const { dir, why } of told) output.note(`Left as it is: ${dir} ${why}`);
  if (able.length === 0) throw badInput('none of these runs can be resumed: they have ended for good or are still running.');
  return { able, skipped };
}

/**
 * A plan for each folder that the runs are in, in a queue of its own: that of their group may be another process's, which would take them
 * for its own.
 */
function plansOf(runs: readonly ResumableRun[], common: Omit<TrainingPlan, 'runs' | 'runsDir'>): readonly TrainingPlan[] {
  const folders = [...new Set(runs.map(({ dir }) => path.dirname(dir)))];
  return folders.map((runsDir) => {
    const own = runs.filter(({ dir }) => path.dirname(dir) === runsDir);
    const group = `${own[0]?.record.group ?? 'runs'}.resume-${process.pid}`;
    return { runs: own.map(queuedRun), runsDir, group, ...common };
  });
}
