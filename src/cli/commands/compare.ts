import type { Command } from 'commander';
import type { Comparison } from '../../core/comparison/comparison.ts';
import { compareRuns } from '../../core/comparison/comparison.ts';
import type { ComparedRun } from '../../core/comparison/groups.ts';
import type { RunRecord } from '../../core/records/run.ts';
import { readRun } from '../../runs/directory/readRun.ts';
import { comparedRun } from '../../runs/inspection/comparedRun.ts';
import { describeComparison } from '../comparisonTable.ts';
import type { CommandContext } from '../context.ts';
import { jsonOption } from '../options.ts';
import type { Output } from '../output.ts';
import { exitCodeOfUnread, findRunDirectories, readRuns } from '../runPaths.ts';
import { reportFile, writeReport } from '../writeReport.ts';

interface CompareOptions {
  readonly report?: string;
  readonly title: string;
  readonly json?: true;
}

/** `otb compare`: runs by estimator, mean ± standard deviation over seeds, tests and a verdict in words. */
export function registerCompare(program: Command, context: CommandContext): void {
  program
    .command('compare')
    .description('compare runs by estimator: collapses, scores and gradient norms over seeds, with tests')
    .argument('<path...>', 'run directories, or folders of them')
    .option('--report <file.html>', 'write a report with the figure; the figure alone goes into an .svg file beside it')
    .option('--title <text>', 'title of the report', 'Advantage baselines compared')
    .addOption(jsonOption())
    .action((paths: readonly string[], options: CompareOptions) => compare(paths, options, context));
}

async function compare(paths: readonly string[], { report, title, json }: CompareOptions, context: CommandContext): Promise<void> {
  const { output, cwd, exitWith } = context;
  const file = report === undefined ? undefined : reportFile(report, cwd);
  const read = await readRuns(await findRunDirectories(paths, cwd), (dir) => readCompared(dir, output), context);
  const { runs, errors } = read;
  const unread = exitCodeOfUnread(read);
  if (unread !== undefined) exitWith(unread);
  if (runs.length === 0) {
    if (json) output.printJson({ groups: [], reference: null, tests: [], verdict: [], repeats: [], errors, report: null, figure: null });
    return;
  }
  const comparison = compareRuns(runs.map(({ compared }) => compared));
  const written =
    file === undefined ? undefined : await writeReport({ file, title, comparison, records: runs.map(({ record }) => record) }, context);
  if (json) output.printJson({ ...comparisonJson(comparison), errors, report: written?.html ?? null, figure: written?.svg ?? null });
  else output.print(describeComparison(comparison, output));
  if (written !== undefined) output.note(`Report: ${written.html}\nFigure: ${written.svg}`);
}

async function readCompared(dir: string, output: Output): Promise<{ readonly record: RunRecord; readonly compared: ComparedRun }> {
  const contents = await readRun(dir);
  for (const warning of contents.warnings) output.note(`${dir}: ${warning}`);
  return { record: contents.record, compared: comparedRun(contents) };
}

/** A comparison without the curves, each run with where it is. */
function comparisonJson({ groups, reference, tests, verdict, repeats }: Comparison) {
  return {
    groups: groups.map(({ summary, runs }) => ({ ...summary, runs: runs.map((run) => ({ dir: run.source, ...run.summary })) })),
    reference: reference?.label ?? null,
    tests,
    verdict,
    repeats: repeats.map(({ run, of }) => ({ dir: run.source, of: of.source, estimator: run.summary.estimator, seed: run.summary.seed })),
  };
}
