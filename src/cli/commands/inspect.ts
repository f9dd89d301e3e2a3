import type { Command } from 'commander';
import { hasCollapsed } from '../../core/records/runState.ts';
import { inspectRun } from '../../runs/inspection/inspectRun.ts';
import type { CommandContext } from '../context.ts';
import { exitCodes } from '../exit.ts';
import { describeInspection, inspectionTable } from '../inspectionTable.ts';
import { assignmentOf, failOnCollapseOption, formatOption, jsonOption, lifeOption, runWordsOptions } from '../options.ts';
import type { RunWords } from '../options.ts';
import { exitCodeOfUnread, findRunPlaces, readRuns } from '../runPaths.ts';

interface InspectOptions extends RunWords {
  readonly format?: string;
  readonly life?: number;
  readonly json?: true;
  readonly failOnCollapse?: true;
}

/** `otb inspect`: what runs have logged, and whether, when and why they collapsed. */
export function registerInspect(program: Command, context: CommandContext): void {
  const command = program
    .command('inspect')
    .description('look at runs: steps, metrics, whether they collapsed, when that began and by which rule')
    .argument('<path...>', 'run directories, logs and event files of other programs, or folders of them')
    .addOption(formatOption())
    .addOption(lifeOption())
    .addOption(failOnCollapseOption())
    .addOption(jsonOption())
    .action((paths: readonly string[], options: InspectOptions) => inspect(paths, options, context));
  for (const option of runWordsOptions()) command.addOption(option);
}

async function inspect(
  paths: readonly string[],
  { format, life, json, failOnCollapse, ...words }: InspectOptions,
  context: CommandContext,
): Promise<void> {
  const { output, exitWith } = context;
  const places = await findRunPlaces(paths, context, format);
  const read = await readRuns(places, (place) => inspectRun(place, { ...words, life, assigned: assignmentOf(place, words) }), context);
  const { runs, errors } = read;
  const [only] = runs;
  if (json) output.printJson({ runs, errors });
  else if (places.length === 1 && only !== undefined) output.print(describeInspection(only, output));
  else if (runs.length > 0) output.print(inspectionTable(runs, output));
  const unread = exitCodeOfUnread(read);
  if (unread !== undefined) exitWith(unread);
  else if (failOnCollapse && runs.some(hasCollapsed)) exitWith(exitCodes.collapse);
}
