import { isLifecycleEvent } from './events.ts';
import type { LifecycleEvent, RunEvent } from './events.ts';

/** What somebody noted about a step of a run. */
export interface StepNote {
  readonly step: number;
  readonly text: string;
  /** When, in seconds since 1970. */
  readonly time: number;
}

/** Characters of a note. */
export const longestNote = 2000;

/** The event of a note, as `events.jsonl` has it; an empty text takes the note of the step away. */
export function noteEvent({ step, text, time }: StepNote): LifecycleEvent {
  return { type: 'note', step, time, data: { text } };
}

/** The notes of a run as its events tell them: a step has the one that was written last. */
export class StepNotes {
  private readonly bySteps = new Map<number, StepNote>();
  /** A copy for others, which does not change when more is noted. */
  private copy: readonly StepNote[] | undefined;

  /** Ascending by step. */
  get all(): readonly StepNote[] {
    return (this.copy ??= [...this.bySteps.values()].sort((a, b) => a.step - b.step));
  }

  /** Takes in an event. Those that are no notes change nothing: what a person wrote stays, also where the run begins again before it. */
  add(event: RunEvent): void {
    if (!isLifecycleEvent(event) || event.type !== 'note') return;
    const { step, time, data } = event;
    const text = noteText(typeof data['text'] === 'string' ? data['text'] : '').slice(0, longestNote);
    if (text === '') this.bySteps.delete(step);
    else this.bySteps.set(step, { step, text, time });
    this.copy = undefined;
  }

  clear(): void {
    this.bySteps.clear();
    this.copy = undefined;
  }
}

/** The notes that stand among events, ascending by step. */
export function notesIn(events: Iterable<RunEvent>): readonly StepNote[] {
  const notes = new StepNotes();
  for (const event of events) notes.add(event);
  return notes.all;
}

/** A text as a note has it: no control characters but ends of lines, nothing empty around it. */
export function noteText(text: string): string {
  return text
    .replaceAll(/\r\n?/g, '\n')
    .replaceAll(/[^\P{C}\n\u200D]/gu, ' ')
    .trim();
}
