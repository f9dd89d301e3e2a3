import path from 'node:path';
import type { Command } from 'commander';
import { Option } from 'commander';
import { counted } from '../../core/notation.ts';
import { writeLinesAtomically } from '../../runs/directory/atomicFile.ts';
import { isMetricsFile, readMetricsFile, readRun } from '../../runs/directory/readRun.ts';
import { csvLines, jsonLines } from '../../runs/export/metricLines.ts';
import type { CommandContext } from '../context.ts';
import { failed } from '../exit.ts';
import { lifeOption, nonEmpty } from '../options.ts';

interface ExportOptions {
  readonly to: 'csv' | 'jsonl';
  readonly out?: string;
  readonly life?: number;
}

/** `otb export`: the metrics of a run for other tools, on standard output or into a file. */
export function registerExport(program: Command, context: CommandContext): void {
  program
    .command('export')
    .description('write the metrics of a run for other tools')
    .argument('<run>', 'a run directory, or a metrics.jsonl alone')
    .addOption(new Option('--to <format>', 'csv: one row a step; jsonl: one record a step').choices(['csv', 'jsonl']).makeOptionMandatory())
    .addOption(lifeOption())
    .option('--out <path>', 'the file to write; standard output without it', nonEmpty)
    .action((run: string, options: ExportOptions) => exportRun(run, options, context));
}

async function exportRun(run: string, { to, out, life }: ExportOptions, { output, cwd }: CommandContext): Promise<void> {
  const source = path.resolve(cwd, run);
  const { metrics, warnings } = await ((await isMetricsFile(source)) ? readMetricsFile(source, { life }) : readRun(source, { life }));
  for (const warning of warnings) output.note(`${run}: ${warning}`);
  const lines = to === 'csv' ? csvLines(metrics) : jsonLines(metrics);
  if (out === undefined) {
    for (const line of lines)
      if (to === 'csv') output.print(line);
      else output.printJsonText(line);
    return;
  }
  const file = path.resolve(cwd, out);
  try {
    await writeLinesAtomically(file, lines);
  } catch (error) {
    throw failed(`${out} cannot be written: ${(error as Error).message}`, error);
  }
  output.note(`${counted(metrics.length, 'step')} in ${file}`);
}
