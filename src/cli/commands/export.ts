import path from 'node:path';
import type { Command } from 'commander';
import { Option } from 'commander';
import { counted } from '../../core/notation.ts';
import { notesIn } from '../../core/records/stepNotes.ts';
import type { MetricTable } from '../../core/records/metricTable.ts';
import { writeLinesAtomically } from '../../runs/directory/atomicFile.ts';
import { OtherEventsError, writeEventFolder } from '../../runs/export/eventFolder.ts';
import { csvLines, jsonLines } from '../../runs/export/metricLines.ts';
import type { CommandContext } from '../context.ts';
import { readSource } from '../../runs/sources/readSource.ts';
import { placeId } from '../../runs/sources/runPlace.ts';
import { badInput, failed } from '../exit.ts';
import { formatOption, lifeOption, nonEmpty } from '../options.ts';
import { findRunPlaces } from '../runPaths.ts';

interface ExportOptions {
  readonly to: 'csv' | 'jsonl' | 'tensorboard';
  readonly format?: string;
  readonly out?: string;
  readonly life?: number;
}

/** `otb export`: the metrics of a run for other tools, on standard output or into a file. */
export function registerExport(program: Command, context: CommandContext): void {
  program
    .command('export')
    .description('write the metrics of a run for other tools')
    .argument('<run>', 'a run directory, or a log, event file or folder of another program that holds one run')
    .addOption(
      new Option('--to <format>', 'csv: one row a step; jsonl: one record a step; tensorboard: an event file')
        .choices(['csv', 'jsonl', 'tensorboard'])
        .makeOptionMandatory(),
    )
    .addOption(formatOption())
    .addOption(lifeOption())
    .option('--out <path>', 'the file to write, with tensorboard the folder; standard output without it', nonEmpty)
    .action((run: string, options: ExportOptions) => exportRun(run, options, context));
}

async function exportRun(run: string, { to, out, life, format }: ExportOptions, context: CommandContext): Promise<void> {
  const { output, cwd } = context;
  if (to === 'tensorboard' && out === undefined) throw badInput('An event file goes into a folder of its own: name it with --out.');
  const places = await findRunPlaces([run], context, format);
  const [place, ...others] = places;
  if (!place || others.length > 0)
    throw badInput(`${run}: there are ${places.length} runs in it. Name one of them, e.g. ${places.slice(0, 1).map(placeId).join()}.`);
  const { metrics, events, warnings } = await readSource(place, { life });
  for (const warning of warnings) output.note(`${run}: ${warning}`);
  if (to === 'tensorboard') {
    await exportEvents(metrics, path.resolve(cwd, out as string), output);
    return;
  }
  const lines = to === 'csv' ? csvLines(metrics) : jsonLines(metrics, notesIn(events));
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

async function exportEvents(metrics: MetricTable, folder: string, output: CommandContext['output']): Promise<void> {
  try {
    const { file, steps, leftOut } = await writeEventFolder(folder, metrics);
    if (leftOut > 0) output.note(`${counted(leftOut, 'step')} left out: TensorBoard has integer steps only.`);
    output.note(`${counted(steps, 'step')} in ${file}`);
  } catch (error) {
    if (error instanceof OtherEventsError) throw badInput(error.message);
    throw failed(`${folder} cannot be written: ${(error as Error).message}`, error);
  }
}
