import path from 'node:path';
import { formatEvent } from '../../core/records/events.ts';
import { runFiles } from '../../core/records/run.ts';
import { longestNote, noteEvent, noteText } from '../../core/records/stepNotes.ts';
import type { StepNote } from '../../core/records/stepNotes.ts';
import { unixTime } from '../../core/records/unixTime.ts';
import { LineFile } from './lineFile.ts';
import { RunDirectoryError } from './runDirectoryError.ts';

/**
 * Notes something about a step of the run in `dir`, instead of what was noted about it before; an empty text takes that away. The run may
 * go on meanwhile: a line is added to its events in one write, as its own process adds them. Throws a RunDirectoryError where the text is
 * too long, and where it cannot be written.
 */
export function writeNote(dir: string, step: number, text: string): StepNote {
  const note = { step, text: noteText(text), time: unixTime() };
  const file = path.join(dir, runFiles.events);
  if (note.text.length > longestNote)
    throw new RunDirectoryError(file, `a note has ${longestNote} characters at most, not ${note.text.length}`, 'Nothing was noted.');
  const events = new LineFile(file);
  try {
    events.append(formatEvent(noteEvent(note)));
  } finally {
    events.close();
  }
  return note;
}
