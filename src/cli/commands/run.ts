import path from 'node:path';
import type { Command } from 'commander';
import { defaultSensitivity } from '../../core/collapse/sensitivity.ts';
import { counted } from '../../core/notation.ts';
import { hasCollapsed, hasFailed } from '../../core/records/runState.ts';
import { compareRuns } from '../../core/comparison/comparison.ts';
import { lanes, mostThreads } from '../../core/memory/engineLayout.ts';
import { loadConfig } from '../../runs/config/loadConfig.ts';
import { claimGroup } from '../../runs/launcher/queueFile.ts';
import { commandLinePython } from '../../runs/launcher/pythonChoice.ts';
import { defaultRunsDir } from '../../runs/launcher/runsFolder.ts';
import { atOnce, atOnceText, cacheFolder } from '../../runs/launcher/trainingPlan.ts';
import type { TrainingPlan } from '../../runs/launcher/trainingPlan.ts';
import { readGit } from '../../runs/planning/git.ts';
import { planRuns, withOwnGroup } from '../../runs/planning/planRuns.ts';
import { requireFiles } from '../../runs/planning/requireFiles.ts';
import { requireGpus } from '../../runs/planning/requireGpus.ts';
import { shareOfMachine } from '../../runs/planning/shareOfMachine.ts';
import { describeComparison } from '../comparisonTable.ts';
import { planBranch, requireNoBranchWords, withBranchOptions } from '../branchPlan.ts';
import type { PlanWords } from '../branchPlan.ts';
import type { CommandContext } from '../context.ts';
import { detach } from '../detach.ts';
import { anyEngine, checkEngine } from '../doctor/engineChoice.ts';
import { badInput, exitCodes } from '../exit.ts';
import { withInterruption } from '../interruption.ts';
import {
  collect,
  failOnCollapseOption,
  integer,
  jsonOption,
  nonEmpty,
  parallelOption,
  pythonOption,
  sensitivityOption,
} from '../options.ts';
import type { Outcome } from '../outcome.ts';
import { exitCodeOf, readOutcome } from '../outcome.ts';
import { createView } from '../progress/createView.ts';
import { Training, plannedRuns } from '../training.ts';
import { reportFile, writeReport } from '../writeReport.ts';

export interface RunOptions extends PlanWords {
  readonly report?: string;
  readonly json?: true;
  readonly failOnCollapse?: true;
  readonly detach?: true;
}

/** `otb run`: trains every estimator and seed of a config, follows the runs live and compares them. */
export function registerRun(program: Command, context: CommandContext): void {
  withPlanOptions(program.command('run'))
    .description('train: one background process for each estimator and seed, live progress, a comparison at the end')
    .option('--report <file.html>', 'write a report with the figure; the figure alone goes into an .svg file beside it', nonEmpty)
    .option('--detach', 'leave the runs in the background and return')
    .addOption(pythonOption())
    .addOption(failOnCollapseOption())
    .action((config: string | undefined, options: RunOptions) => run(config, options, context));
}

/** What a command needs to know to plan runs. */
export function withPlanOptions(command: Command): Command {
  return withBranchOptions(command.argument('[config]', 'a *.otb.json file; may be left out with --branch'))
    .option('--estimator <name>', "instead of the config's; may be repeated", collect(nonEmpty))
    .option('--seed <n>', "instead of the config's; may be repeated", collect(integer(0, 2 ** 32 - 1)))
    .option('--steps <n>', "instead of the config's", integer(1))
    .addOption(sensitivityOption(`as the config says, else ${defaultSensitivity}`))
    .option('--out <dir>', 'folder under which the run directories are made (default: .otb/runs)', nonEmpty)
    .option('--engine <name>', 'engine to compute with, see otb doctor', anyEngine)
    .option('--threads <n>', `threads of each run (default: cores / runs at once, at most ${lanes})`, integer(1, mostThreads))
    .addOption(parallelOption('cores, or fewer where memory is short'))
    .addOption(jsonOption());
}

/** Leaves the runs of a config to a process of their own. */
export async function runInBackground(config: string | undefined, options: RunOptions, context: CommandContext): Promise<void> {
  await detach(await makePlan(config, options, context), Boolean(options.json), context);
}

async function run(config: string | undefined, options: RunOptions, context: CommandContext): Promise<void> {
  const { output } = context;
  const report = options.report === undefined ? undefined : reportFile(options.report, context.cwd);
  if (options.detach) return runInBackground(config, options, context);
  const plan = await makePlan(config, options, context);

  const runs = plannedRuns(plan);
  output.note(`${counted(runs.length, 'run')} in ${plan.runsDir}, ${atOnceText(plan)}`);
  const view = createView(runs, atOnce(plan), 'Ctrl-C stops the runs.', output);
  const training = new Training([plan], runs, view, context.root);
  let interrupted = false;
  const interrupt = () => {
    interrupted = true;
    training.cancel();
  };
  await withInterruption(interrupt, () => training.run());

  const outcome = await readOutcome(runs);
  const title = plan.runs[0]?.name ?? 'Runs';
  const comparison = compareRuns(outcome.compared);
  const written =
    report === undefined || outcome.compared.length === 0
      ? undefined
      : await writeReport({ file: report, title, comparison, identities: outcome.identities }, context);
  if (options.json) output.printJson({ runs: outcome.runs, report: written?.html ?? null, figure: written?.svg ?? null });
  else if (outcome.compared.length > 0) output.print(describeComparison(comparison, output));
  for (const line of whereabouts(outcome, plan, interrupted)) output.note(line);
  if (written !== undefined) output.note(`Report: ${written.html}\nFigure: ${written.svg}`);
  context.exitWith(interrupted ? exitCodes.failed : exitCodeOf(outcome.runs, Boolean(options.failOnCollapse)));
}

async function makePlan(config: string | undefined, options: RunOptions, context: CommandContext): Promise<TrainingPlan> {
  const { cwd } = context;
  if (options.branch !== undefined) return planBranch(options.branch, config, options, context);
  requireNoBranchWords(options);
  if (config === undefined) throw badInput("missing required argument 'config'. See: otb run --help");
  const loaded = await loadConfig(config, options.engine);
  const runsDir = options.out === undefined ? defaultRunsDir(cwd) : path.resolve(cwd, options.out);
  const { estimator: estimators, seed: seeds, steps, sensitivity } = options;
  const runs = planRuns(loaded, {
    ...(estimators && { estimators }),
    ...(seeds && { seeds }),
    ...(steps && { steps }),
    ...(sensitivity && { sensitivity }),
    now: new Date(),
    cwd,
    runsDir,
    git: await readGit(cwd),
  });
  await checkEngine(options.engine, context.root);
  await requireGpus(loaded, context.env);
  await requireFiles(loaded, cwd);
  const share = shareOfMachine(loaded, runs.length, options);
  // Last of all, because it leaves a file.
  return {
    runs: withOwnGroup(runs, (group) => claimGroup(runsDir, group)),
    runsDir,
    engine: options.engine,
    ...share,
    cacheDir: cacheFolder(cwd, context.env),
    python: commandLinePython(options.python, context.env, cwd).program,
  };
}

/** Where the runs are, and what to do with those that did not get to their end. */
function whereabouts({ runs }: Outcome, { runsDir, runs: planned }: TrainingPlan, interrupted: boolean): string[] {
  const failed = runs.filter(hasFailed);
  const stopped = runs.filter(({ process }) => process === 'stopped');
  const cancelled = runs.filter(({ process }) => process === 'cancelled');
  const collapsed = runs.find(hasCollapsed);
  const directories = `${path.join(runsDir, planned[0]?.group ?? '')}-*`;
  return [
    `Run directories: ${directories}`,
    ...failed.map(
      ({ dir, estimator, seed, message }) =>
        `Failed: ${estimator} seed ${seed}${message === null ? '.' : `: ${message}`} See ${path.join(dir, 'stderr.log')}`,
    ),
    ...(collapsed ? [`What to do about a collapse: otb inspect ${collapsed.dir}`] : []),
    ...(interrupted && stopped.length > 0 ? [`${counted(stopped.length, 'run')} stopped; to resume: otb resume ${directories}`] : []),
    ...(cancelled.length > 0 ? [`${counted(cancelled.length, 'run')} had not started: start them again with otb run.`] : []),
  ];
}
