import type { Command } from 'commander';
import type { Comparison } from '../../core/comparison/comparison.ts';
import { compareRuns } from '../../core/comparison/comparison.ts';
import type { ComparedRun } from '../../core/comparison/groups.ts';
import type { RunIdentity } from '../../core/records/runIdentity.ts';
import { comparedRun } from '../../runs/inspection/comparedRun.ts';
import type { RunPlace } from '../../runs/sources/format.ts';
import { readSource } from '../../runs/sources/readSource.ts';
import { placeId } from '../../runs/sources/runPlace.ts';
import { describeComparison } from '../comparisonTable.ts';
import type { CommandContext } from '../context.ts';
import { assignmentOf, formatOption, jsonOption, runWordsOptions } from '../options.ts';
import type { RunWords } from '../options.ts';
import type { Output } from '../output.ts';
import { exitCodeOfUnread, findRunPlaces, readRuns } from '../runPaths.ts';
import { reportFile, writeReport } from '../writeReport.ts';

interface CompareOptions extends RunWords {
  readonly format?: string;
  readonly report?: string;
  readonly title: string;
  readonly json?: true;
}

/** `otb compare`: runs by estimator, mean ± standard deviation over seeds, tests and a verdict in words. */
export function registerCompare(program: Command, context: CommandContext): void {
  const command = program
    .command('compare')
    .description('compare runs by estimator: collapses, scores and gradient norms over seeds, with tests')
    .argument('<path...>', 'run directories, logs and event files of other programs, or folders of them')
    .addOption(formatOption())
    .option('--report <file.html>', 'write a report with the figure; the figure alone goes into an .svg file beside it')
    .option('--title <text>', 'title of the report', 'Advantage baselines compared')
    .addOption(jsonOption())
    .action((paths: readonly string[], options: CompareOptions) => compare(paths, options, context));
  for (const option of runWordsOptions()) command.addOption(option);
}

async function compare(
  paths: readonly string[],
  { format, report, title, json, ...words }: CompareOptions,
  context: CommandContext,
): Promise<void> {
  const { output, cwd, exitWith } = context;
  const file = report === undefined ? undefined : reportFile(report, cwd);
  const read = await readRuns(await findRunPlaces(paths, context, format), (place) => readCompared(place, words, output), context);
  const { runs, errors } = read;
  const unread = exitCodeOfUnread(read);
  if (unread !== undefined) exitWith(unread);
  if (runs.length === 0) {
    if (json) output.printJson({ groups: [], reference: null, tests: [], verdict: [], repeats: [], errors, report: null, figure: null });
    return;
  }
  const comparison = compareRuns(runs.map(({ compared }) => compared));
  const written =
    file === undefined
      ? undefined
      : await writeReport({ file, title, comparison, identities: runs.map(({ identity }) => identity) }, context);
  if (json) output.printJson({ ...comparisonJson(comparison), errors, report: written?.html ?? null, figure: written?.svg ?? null });
  else output.print(describeComparison(comparison, output));
  if (written !== undefined) output.note(`Report: ${written.html}\nFigure: ${written.svg}`);
}

async function readCompared(
  place: RunPlace,
  words: RunWords,
  output: Output,
): Promise<{ readonly identity: RunIdentity; readonly compared: ComparedRun }> {
  const contents = await readSource(place, { assigned: assignmentOf(place, words) });
  for (const warning of contents.warnings) output.note(`${placeId(place)}: ${warning}`);
  return { identity: contents.identity, compared: comparedRun(contents) };
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
