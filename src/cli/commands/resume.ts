import path from 'node:path';
import type { Command } from 'commander';
import { mostRuns } from '../../core/config/constraints.ts';
import { lanes, mostThreads } from '../../core/memory/engineLayout.ts';
import { counted } from '../../core/notation.ts';
import { plannedIdentity } from '../../core/records/runIdentity.ts';
import { isLive, whyNotResumable } from '../../core/records/runState.ts';
import { launchRun } from '../../runs/launcher/launchRun.ts';
import { commandLinePython } from '../../runs/launcher/pythonChoice.ts';
import { stopRun } from '../../runs/launcher/stopRun.ts';
import { cacheFolder, shareOfCores, stopGraceMs, withProgramLimit } from '../../runs/launcher/trainingPlan.ts';
import { readRunStatus } from '../../runs/directory/runStatus.ts';
import type { RunStatus } from '../../runs/directory/runStatus.ts';
import type { CommandContext } from '../context.ts';
import { badInput, exitCodes } from '../exit.ts';
import { withInterruption } from '../interruption.ts';
import { failOnCollapseOption, integer, jsonOption, pythonOption } from '../options.ts';
import { exitCodeOf, readOutcome } from '../outcome.ts';
import { Board } from '../progress/board.ts';
import { runDirectory } from '../../runs/sources/runPlace.ts';
import { createView } from '../progress/createView.ts';
import { FollowedRun } from '../progress/followedRun.ts';
import type { ProgressView } from '../progress/progressView.ts';
import { exitCodeOfUnread, findRunDirectories, readRuns } from '../runPaths.ts';
import { trainerEntry } from '../training.ts';

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
    .option('--parallel <n>', 'maximum number of runs at once (default: cores)', integer(1, mostRuns))
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
  const { able: runs, skipped } = chosen(read.runs, paths, context);
  const records = read.runs.filter(({ dir }) => runs.some((run) => run.dir === dir)).map(({ record }) => record);
  const { parallel, threads } = shareOfCores(runs.length, withProgramLimit(records, options));
  const view = createView(runs, parallel, 'Ctrl-C stops the runs.', output);
  const { program: python } = commandLinePython(options.python, context.env, context.cwd);
  const resumption = new Resumption(runs, view, context, { threads, python });
  let interrupted = false;
  const interrupt = () => {
    interrupted = true;
    view.announce('Stopping the runs; Ctrl-C again does not wait for them.');
    resumption.cancel();
  };
  output.note(`${counted(runs.length, 'run')} to resume, ${parallel} at once with ${counted(threads, 'thread')} each`);
  await withInterruption(interrupt, () => resumption.run(parallel));
  const outcome = await readOutcome(runs);
  if (options.json) output.printJson({ runs: outcome.runs, skipped: skipped.map(({ dir, why }) => ({ dir, why })), errors: read.errors });
  else
    output.print(outcome.runs.map(({ dir, process, message }) => `${dir}: ${process}${message === null ? '' : `. ${message}`}`).join('\n'));
  context.exitWith(interrupted ? exitCodes.failed : (unread ?? exitCodeOf(outcome.runs, Boolean(options.failOnCollapse))));
}

type FoundRun = RunStatus & { readonly dir: string };

/** A run that is left as it is. */
interface SkippedRun {
  readonly dir: string;
  /** To follow its name. */
  readonly why: string;
  /** Whether it ended by a rule of its config, which a look at its state does not tell. */
  readonly isRuledOut: boolean;
}

/** Sorts runs into those that can go on and the others. */
function sorted(found: readonly FoundRun[]): { readonly able: readonly FollowedRun[]; readonly skipped: readonly SkippedRun[] } {
  const able: FollowedRun[] = [];
  const skipped: SkippedRun[] = [];
  for (const { dir, record, state: process, exit } of found) {
    const why = whyNotResumable({ process, exit, identity: plannedIdentity(record) });
    if (why === undefined) able.push(new FollowedRun(dir, record));
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

/** Goes on with runs, a few at once. */
class Resumption {
  private readonly board: Board;
  private readonly waiting: FollowedRun[];
  private readonly active = new Set<FollowedRun>();

  constructor(
    runs: readonly FollowedRun[],
    private readonly view: ProgressView,
    private readonly context: CommandContext,
    private readonly launch: { readonly threads: number; readonly python: string },
  ) {
    this.waiting = [...runs];
    this.board = new Board(view);
  }

  /** Settles when all have ended. */
  async run(parallel: number): Promise<void> {
    const work = async () => {
      for (let run = this.waiting.shift(); run; run = this.waiting.shift()) await this.resumeOne(run);
    };
    await Promise.all(Array.from({ length: parallel }, work));
    this.board.close();
  }

  /** Goes on with nothing more and stops what runs. */
  cancel(): void {
    for (const run of this.waiting.splice(0)) run.process = 'cancelled';
    for (const { dir } of this.active) void stopRun(dir, { graceMs: stopGraceMs }).catch((error: Error) => this.view.say(error.message));
  }

  private async resumeOne(run: FollowedRun): Promise<void> {
    const since = Date.now() / 1000;
    const request = {
      kind: 'resume',
      runDir: run.dir,
      ...this.launch,
      cacheDir: cacheFolder(this.context.cwd, this.context.env),
    } as const;
    try {
      await launchRun({ request, trainerEntry: trainerEntry(this.context.root) });
    } catch (error) {
      run.process = 'failed';
      run.failedToStart = true;
      this.view.say(`${run.name}: ${(error as Error).message}`);
      this.view.update(run);
      return;
    }
    this.active.add(run);
    await this.board.follow(run, since);
    this.active.delete(run);
  }
}
