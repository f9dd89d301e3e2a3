import { window } from 'vscode';
import type { QuickPickItem } from 'vscode';
import { integerText } from '../../core/notation.ts';
import { longestNote, noteText } from '../../core/records/stepNotes.ts';
import { isOwn, runName } from '../../runs/catalog/runOverview.ts';
import type { OwnRun, RunOverview } from '../../runs/catalog/runOverview.ts';
import { writeNote } from '../../runs/directory/noteFile.ts';
import { stepCalledOn } from '../runSelection.ts';
import { note } from './messages.ts';
import type { CommandWork } from './registerCommand.ts';
import type { RunChoice, RunQuestion } from './runChoice.ts';

const question: RunQuestion = {
  title: 'Note on a step',
  which: (run) => isOwn(run) && run.step > 0,
  none: 'There is no run here that was started from OTB and has a step. Notes are kept in the directory of such a run.',
  selection: 'runs',
  archived: true,
};

interface StepItem extends QuickPickItem {
  readonly step: number | null;
}

/** Asks what is to be noted about a step of a run, and writes it there; an empty text takes away what was noted. */
export function noteCommand(choice: RunChoice): CommandWork {
  return async (...args) => {
    const run = await choice.one(args, question);
    if (!run || !isOwn(run)) return;
    const step = stepCalledOn(args) ?? (await askForStep(run));
    if (step === undefined) return;
    const known = run.stepNotes.find((other) => other.step === step)?.text ?? '';
    const text = await window.showInputBox({
      title: `Note on step ${integerText(step)} of ${runName(run)}`,
      prompt: known === '' ? 'It is shown on the charts, and kept with the events of the run.' : 'Leave empty to take the note away.',
      value: known,
      validateInput: (value) => (noteText(value).length > longestNote ? `A note has ${longestNote} characters at most.` : undefined),
    });
    if (text === undefined || noteText(text) === known) return;
    writeNote(run.dir, step, text);
    note(noteText(text) === '' ? `Note on step ${integerText(step)} taken away` : `Step ${integerText(step)} noted`);
  };
}

/** The last step, those that have a note or were told of, or any other. */
async function askForStep(run: OwnRun): Promise<number | undefined> {
  const items: readonly StepItem[] = [
    { label: `Step ${integerText(run.step)}`, description: 'the last', step: run.step },
    ...placesOf(run).filter(({ step }) => step !== run.step),
    { label: 'Another step…', step: null },
  ];
  const picked = await window.showQuickPick(items, { title: `Note on a step of ${runName(run)}`, placeHolder: 'Choose a step' });
  if (!picked) return undefined;
  if (picked.step !== null) return picked.step;
  const wrong = `Write a whole number from 0 to ${integerText(run.step)}.`;
  const written = await window.showInputBox({
    title: `Note on a step of ${runName(run)}`,
    prompt: wrong,
    validateInput: (value) => (/^\s*\d+\s*$/.test(value) && Number(value) <= run.step ? undefined : wrong),
  });
  return written === undefined ? undefined : Number(written);
}

function placesOf({ onsetStep, detectedStep, stepNotes }: RunOverview): readonly StepItem[] {
  const told = new Map<number, string>();
  if (detectedStep !== null) told.set(detectedStep, 'where the collapse was noticed');
  if (onsetStep !== null) told.set(onsetStep, 'where the collapse began');
  for (const { step, text } of stepNotes) told.set(step, text);
  return Array.from(told, ([step, description]) => ({ label: `Step ${integerText(step)}`, description, step }));
}
