import path from 'node:path';
import type { Command } from 'commander';
import { InvalidArgumentError } from 'commander';
import { mostRuns } from '../../core/config/constraints.ts';
import { counted } from '../../core/notation.ts';
import { parse } from '../../core/records/json.ts';
import { RunDirectoryError } from '../../runs/directory/runDirectoryError.ts';
import { changeFolderQueue, listedName, readFolderQueue, waitingId } from '../../runs/launcher/folderQueue.ts';
import type { FolderQueue, ListedRun } from '../../runs/launcher/folderQueue.ts';
import { queuedGroups, readQueue } from '../../runs/launcher/queueFile.ts';
import { resumeRuns } from '../../runs/launcher/resumeRuns.ts';
import { defaultRunsDir } from '../../runs/launcher/runsFolder.ts';
import { isTrainingPlan } from '../../runs/launcher/trainingPlan.ts';
import type { TrainingPlan } from '../../runs/launcher/trainingPlan.ts';
import { moved, removed } from '../../runs/launcher/turns.ts';
import type { Turns } from '../../runs/launcher/turns.ts';
import type { CommandContext } from '../context.ts';
import { badInput } from '../exit.ts';
import { withInterruption } from '../interruption.ts';
import { integer, jsonOption, nonEmpty } from '../options.ts';
import { exitCodeOf, readOutcome } from '../outcome.ts';
import { ProgressLog } from '../progress/progressLog.ts';
import { formatTable } from '../table.ts';
import { Training, plannedRuns } from '../training.ts';
import { runInBackground, withPlanOptions } from './run.ts';
import type { RunOptions } from './run.ts';

interface FolderOptions {
  readonly out?: string;
  readonly json?: true;
}

interface MoveOptions extends FolderOptions {
  readonly to?: number;
  readonly first?: true;
  readonly last?: true;
}

/** `otb queue`: what waits in a folder of runs and for what, and the order in which it starts. */
export function registerQueue(program: Command, context: CommandContext): void {
  const queue = program.command('queue').description('show and change what waits to be started: order, pause, runs at once');
  const change = (name: string, description: string): Command => withFolder(queue.command(name).description(description));
  withFolder(queue).action((options: FolderOptions) => list(options, context));
  change('pause', 'start nothing more; what is active goes on').action((_options, command: Command) =>
    pause(true, optionsOf(command), context),
  );
  change('resume', 'start runs again, also those whose starting process is gone').action((_options, command: Command) =>
    pause(false, optionsOf(command), context),
  );
  change('move', 'give a waiting run another place in the order')
    .argument('<run>', 'its directory, its name, or a part of either that no other has')
    .option('--to <n>', 'its place, from 1', integer(1))
    .option('--first', 'start it next')
    .option('--last', 'start it after all others')
    .action((run: string, _options, command: Command) => move(run, optionsOf(command), context));
  change('remove', 'take waiting runs out: they do not start')
    .argument('<run...>', 'their directories, their names, or parts of these that no others have')
    .action((runs: readonly string[], _options, command: Command) => remove(runs, optionsOf(command), context));
  change('parallel', 'set how many runs of the folder are active at once on a machine')
    .argument('<n>', 'a number, or auto: as each run was started', parallelOf)
    .action((parallel: number | null, _options, command: Command) => {
      const text = parallel === null ? 'as many as each was started with' : `at most ${parallel}`;
      return edit(optionsOf(command), context, (turns) => ({ turns: { ...turns, parallel }, note: `Runs at once: ${text}.` }));
    });
  withPlanOptions(queue.command('add'))
    .description('put the runs of a config at the end: otb run --detach')
    .action((config: string | undefined, _options, command: Command) =>
      runInBackground(config, command.optsWithGlobals<RunOptions>(), context),
    );
  queue.command('serve', { hidden: true }).action(() => serve(context));
}

function withFolder(command: Command): Command {
  return command.option('--out <dir>', 'folder of the run directories (default: .otb/runs)', nonEmpty).addOption(jsonOption());
}

/** Options may stand before the name of the subcommand, too. */
function optionsOf<Options extends FolderOptions>(command: Command): Options {
  return command.optsWithGlobals<Options>();
}

function folderOf({ out }: FolderOptions, { cwd }: CommandContext): string {
  return out === undefined ? defaultRunsDir(cwd) : path.resolve(cwd, out);
}

async function list(options: FolderOptions, context: CommandContext): Promise<void> {
  const { output } = context;
  const runsDir = folderOf(options, context);
  const queue = await readFolderQueue(runsDir);
  if (options.json) return output.printJson({ runsDir, ...asJson(queue) });
  const rows = [
    ...queue.running.map((run) => ['', listedName(run), run.id, 'active']),
    ...queue.waiting.map((run, index) => [String(index + 1), listedName(run), run.id, run.waits]),
    ...queue.lost.map((run) => ['', listedName(run), run.id, 'never started: the process that was to start it is gone']),
  ];
  const columns = ['#', 'run', 'directory', 'state'].map((title) => ({ title, align: title === '#' ? 'right' : 'left' }) as const);
  if (rows.length > 0) output.print(formatTable(columns, rows, output.width));
  output.note(`${runsDir}: ${summary(queue)}`);
  if (queue.lost.length > 0) output.note('Start what never started: otb queue resume');
}

function asJson({ paused, parallel, running, waiting, lost }: FolderQueue): object {
  const flat = ({ plan, ...run }: ListedRun): object => ({
    ...run,
    name: plan?.name ?? null,
    group: plan?.group ?? null,
    estimator: plan?.estimator ?? null,
    seed: plan?.seed ?? null,
  });
  return { paused, parallel, running: running.map(flat), waiting: waiting.map(flat), lost: lost.map(flat) };
}

function summary({ paused, parallel, running, waiting, lost }: FolderQueue): string {
  return [
    `${counted(running.length, 'run')} active`,
    `${waiting.length} waiting`,
    ...(lost.length > 0 ? [`${lost.length} never started`] : []),
    ...(parallel === null ? [] : [`at most ${parallel} at once`]),
    ...(paused ? ['paused: otb queue resume starts runs again'] : []),
  ].join(', ');
}

async function pause(paused: boolean, options: FolderOptions, context: CommandContext): Promise<void> {
  const note = paused ? 'Paused: no further run starts. What is active goes on.' : 'Runs start again as it is their turn.';
  await edit(options, context, (turns) => ({ turns: { ...turns, paused }, note }));
  if (!paused) await startLost(folderOf(options, context), context);
}

/** Leaves what lost queues were to start to processes of their own. */
async function startLost(runsDir: string, { root, output }: CommandContext): Promise<void> {
  for (const group of await queuedGroups(runsDir)) {
    if ((await readQueue(runsDir, group))?.state !== 'lost') continue;
    const { count, pid } = await resumeRuns({ runsDir, group, runs: [], limits: {} }, { otbEntry: path.join(root, 'dist', 'otb.mjs') });
    output.note(`${group}: ${counted(count, 'run')} that had not started left to process ${pid}.`);
  }
}

function move(given: string, options: MoveOptions, context: CommandContext): Promise<void> {
  const targets = [options.to !== undefined, options.first, options.last].filter((target) => target === true);
  if (targets.length !== 1) throw badInput('say where to: --to N, --first or --last.');
  const index = options.first === true ? 0 : options.last === true ? Number.MAX_SAFE_INTEGER : (options.to ?? 1) - 1;
  return edit(withFolderOf([given], options, context), context, (turns, runsDir, listed) => {
    const id = waitingId(turns, given, runsDir, listed);
    const after = moved(turns, [id], index);
    return { turns: after, note: `${id} is number ${after.order.findIndex((turn) => turn.id === id) + 1} of ${after.order.length}.` };
  });
}

function remove(given: readonly string[], options: FolderOptions, context: CommandContext): Promise<void> {
  return edit(withFolderOf(given, options, context), context, (turns, runsDir, listed) => {
    const ids = given.map((run) => waitingId(turns, run, runsDir, listed));
    return { turns: removed(turns, ids), note: `${ids.join(', ')} will not start.` };
  });
}

interface Edit {
  readonly turns: Turns;
  readonly note: string;
}

async function edit(
  options: FolderOptions,
  context: CommandContext,
  work: (turns: Turns, runsDir: string, listed: readonly ListedRun[]) => Edit,
): Promise<void> {
  const runsDir = folderOf(options, context);
  const { running, waiting } = await readFolderQueue(runsDir);
  let note = '';
  try {
    await changeFolderQueue(runsDir, (turns) => {
      const edited = work(turns, runsDir, [...running, ...waiting]);
      note = edited.note;
      return edited.turns;
    });
  } catch (error) {
    if (error instanceof RunDirectoryError) throw badInput(error.message, error);
    throw error;
  }
  if (options.json) context.output.printJson({ runsDir, ...asJson(await readFolderQueue(runsDir)) });
  else context.output.note(note);
}

/** Runs that are given as directories say which folder is meant. */
function withFolderOf<Options extends FolderOptions>(given: readonly string[], options: Options, { cwd }: CommandContext): Options {
  const named = given.find((run) => /[\\/]/.test(run));
  return options.out !== undefined || named === undefined ? options : { ...options, out: path.dirname(path.resolve(cwd, named)) };
}

function parallelOf(text: string): number | null {
  if (text === 'auto') return null;
  try {
    return integer(1, mostRuns)(text);
  } catch (error) {
    throw new InvalidArgumentError(`${(error as Error).message}, or auto`);
  }
}

/** What `otb run --detach` and the editor leave behind: trains a plan that it reads from standard input. */
async function serve(context: CommandContext): Promise<void> {
  const plan = readPlan(await context.readStdin());
  const runs = plannedRuns(plan);
  const training = new Training([plan], runs, new ProgressLog((line) => context.output.note(line)), context.root);
  await withInterruption(
    () => training.cancel(),
    () => training.run(),
  );
  const outcome = await readOutcome(runs);
  context.exitWith(exitCodeOf(outcome.runs, false));
}

function readPlan(text: string): TrainingPlan {
  const plan = parse(text);
  if (!isTrainingPlan(plan)) throw badInput('standard input holds no plan. Use otb run --detach.');
  return plan;
}
