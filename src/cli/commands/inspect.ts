import type { Command } from 'commander';
import { Option } from 'commander';
import { hasCollapsed } from '../../core/records/runState.ts';
import { inspectRun } from '../../runs/inspection/inspectRun.ts';
import type { CommandContext } from '../context.ts';
import { exitCodes } from '../exit.ts';
import { describeInspection, inspectionTable } from '../inspectionTable.ts';
import { failOnCollapseOption, jsonOption, lifeOption, nonEmpty } from '../options.ts';
import { exitCodeOfUnread, findRunDirectories, readRuns } from '../runPaths.ts';

interface InspectOptions {
  readonly gradNorm?: string;
  readonly score?: string;
  readonly life?: number;
  readonly json?: true;
  readonly failOnCollapse?: true;
}

/** `otb inspect`: what runs have logged, and whether, when and why they collapsed. */
export function registerInspect(program: Command, context: CommandContext): void {
  program
    .command('inspect')
    .description('look at runs: steps, metrics, whether they collapsed, when that began and by which rule')
    .argument('<path...>', 'run directories, folders of them, or a metrics.jsonl alone')
    .addOption(new Option('--format <format>', 'what the paths are').choices(['auto', 'otb-run']).default('auto'))
    .option('--grad-norm <key>', 'metric to take for the gradient norm', nonEmpty)
    .option('--score <key>', 'metric to take for the score', nonEmpty)
    .addOption(lifeOption())
    .addOption(failOnCollapseOption())
    .addOption(jsonOption())
    .action((paths: readonly string[], options: InspectOptions) => inspect(paths, options, context));
}

async function inspect(
  paths: readonly string[],
  { gradNorm, score, life, json, failOnCollapse }: InspectOptions,
  context: CommandContext,
): Promise<void> {
  const { output, cwd, exitWith } = context;
  const sources = await findRunDirectories(paths, cwd);
  const read = await readRuns(sources, (source) => inspectRun(source, { gradNorm, score, life }), context);
  const { runs, errors } = read;
  const [only] = runs;
  if (json) output.printJson({ runs, errors });
  else if (sources.length === 1 && only !== undefined) output.print(describeInspection(only, output));
  else if (runs.length > 0) output.print(inspectionTable(runs, output));
  const unread = exitCodeOfUnread(read);
  if (unread !== undefined) exitWith(unread);
  else if (failOnCollapse && runs.some(hasCollapsed)) exitWith(exitCodes.collapse);
}
