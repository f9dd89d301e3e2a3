import type { Command } from 'commander';
import { integerText } from '../../core/notation.ts';
import { noteEvent, notesIn } from '../../core/records/stepNotes.ts';
import type { StepNote } from '../../core/records/stepNotes.ts';
import { findRunDirectory, parseRunAtStep } from '../../runs/catalog/runReference.ts';
import { writeNote } from '../../runs/directory/noteFile.ts';
import { readRun } from '../../runs/directory/readRun.ts';
import type { CommandContext } from '../context.ts';
import { badInput } from '../exit.ts';
import { jsonOption, nonEmpty } from '../options.ts';

interface NoteOptions {
  readonly remove?: true;
  readonly json?: true;
}

/** `otb note`: what a person has to say about a step of a run. */
export function registerNote(program: Command, context: CommandContext): void {
  program
    .command('note')
    .description('note something about a step of a run, or show what was noted')
    .argument('<run[@step]>', 'a run directory, or the id of a run in .otb/runs or its beginning; without @step the last step')
    .argument(
      '[text...]',
      'what to note, instead of what was noted about the step before; without it, the notes of the run are shown',
      undefined,
    )
    .option('--remove', 'take the note of the step away')
    .addOption(jsonOption())
    .action((run: string, words: readonly string[], options: NoteOptions) => note(nonEmpty(run), words.join(' '), options, context));
}

async function note(given: string, text: string, { remove, json }: NoteOptions, { cwd, output }: CommandContext): Promise<void> {
  const { run, step } = parseRunAtStep(given);
  const dir = await findRunDirectory(run, cwd);
  const { metrics, events } = await readRun(dir);
  let notes = notesIn(events);
  const isWritten = remove === true || text.trim() !== '';
  if (isWritten) {
    if (remove && text !== '') throw badInput('Give either a text or --remove.');
    const { firstStep, lastStep } = metrics;
    if (lastStep === undefined || firstStep === undefined)
      throw badInput(`${dir}: the run has no steps yet, so there is nothing to note about one.`);
    const at = step ?? lastStep;
    const known = notes.some((other) => other.step === at);
    if (remove && !known) throw badInput(`${dir}: nothing is noted about step ${integerText(at)}.`);
    if (!remove && (at < Math.min(0, firstStep) || at > lastStep))
      throw badInput(`${dir}: there is no step ${integerText(at)}. The run is at step ${integerText(lastStep)}.`);
    notes = notesIn([...events, noteEvent(writeNote(dir, at, remove ? '' : text))]);
  }
  if (json) output.printJson({ run: dir, notes });
  else if (notes.length > 0) output.print(notes.map(noteLine).join('\n'));
  else output.note(`Nothing is noted about ${dir}.`);
}

function noteLine({ step, text }: StepNote): string {
  return `step ${integerText(step)}: ${text.replaceAll('\n', '\n  ')}`;
}
