import type { Command } from 'commander';
import { Option } from 'commander';
import { hasCollapsed } from '../../core/comparison/runSummary.ts';
import type { RunInspection } from '../../runs/inspection/inspectRun.ts';
import { inspectRun } from '../../runs/inspection/inspectRun.ts';
import type { CommandContext } from '../context.ts';
import { exitCodes } from '../exit.ts';
import { describeInspection, inspectionTable } from '../inspectionTable.ts';
import { failOnCollapseOption, jsonOption, nonEmpty } from '../options.ts';
import { findRunDirectories } from '../runPaths.ts';

interface InspectOptions {
  readonly gradNorm?: string;
  readonly score?: string;
  readonly json?: true;
  readonly failOnCollapse?: true;
}

/** `otb inspect`: what runs have logged, and whether, when and why they collapsed. */
export function registerInspect(program: Command, context: CommandContext): void {
  program
    .command('inspect')
    .description('look at runs: steps, metrics, whether they collapsed, when that began and by which rule')
    .argument('<path...>', 'run directories, or folders of them')
    .addOption(new Option('--format <format>', 'what the paths are').choices(['auto', 'otb-run']).default('auto'))
    .option('--grad-norm <key>', 'metric to take for the gradient norm', nonEmpty)
    .option('--score <key>', 'metric to take for the score', nonEmpty)
    .addOption(failOnCollapseOption())
    .addOption(jsonOption())
    .action((paths: readonly string[], options: InspectOptions) => inspect(paths, options, context));
}

async function inspect(
  paths: readonly string[],
  { gradNorm, score, json, failOnCollapse }: InspectOptions,
  { output, cwd, exitWith }: CommandContext,
): Promise<void> {
  const runs: RunInspection[] = [];
  for (const dir of await findRunDirectories(paths, cwd)) runs.push(await inspectRun(dir, { gradNorm, score }));
  const [only] = runs;
  if (json) output.printJson({ runs });
  else output.print(runs.length === 1 && only !== undefined ? describeInspection(only, output) : inspectionTable(runs, output));
  if (failOnCollapse && runs.some(hasCollapsed)) exitWith(exitCodes.collapse);
}
