import { counted, integerText } from '../src/core/notation.ts';
import type { StepPlace } from '../src/core/panel/messages.ts';
import type { PanelRun } from '../src/core/panel/panelRun.ts';
import type { StepNote } from '../src/core/records/stepNotes.ts';
import { html, setText, setVisible } from './dom.ts';
import { KeyedList } from './keyedList.ts';
import type { ItemView } from './keyedList.ts';
import type { PanelState } from './panelState.ts';
import type { PanelSeries } from './series.ts';
import { seriesMark } from './seriesMark.ts';

/** A note with the run that it is of. */
interface ListedNote extends StepNote {
  readonly run: PanelRun;
  readonly series: PanelSeries;
}

export interface StepNoteListEvents {
  edit(place: StepPlace): void;
  /** The reader wants to see the step in the charts. */
  show(run: string, step: number): void;
}

/** What people noted about the steps of the runs that are shown, by step. */
export class StepNoteList {
  private readonly list = html('ul', {});
  private readonly summary = html('summary', {});
  readonly element = html(
    'section',
    { class: 'step-notes', 'aria-label': 'Notes on steps', hidden: true },
    html('details', { open: true }, this.summary, this.list),
  );
  private readonly items: KeyedList<ListedNote>;

  constructor(events: StepNoteListEvents) {
    const keyOf = ({ run, step }: ListedNote): string => `${step}\n${run.id}`;
    this.items = new KeyedList<ListedNote>(this.list, keyOf, (note) => noteItem(note, events));
  }

  update(state: PanelState): void {
    const notes = state.choice.shownSeries.flatMap((series) =>
      series.runs.flatMap((run) => (run.stepNotes ?? []).map((note) => ({ ...note, run, series }))),
    );
    setVisible(this.element, notes.length > 0);
    setText(this.summary, counted(notes.length, 'note'));
    this.items.update(notes.toSorted((a, b) => a.step - b.step));
  }
}

function noteItem({ run: { id, label }, step, series }: ListedNote, { edit, show }: StepNoteListEvents): ItemView<ListedNote> {
  const place = html('button', { type: 'button', class: 'link', title: 'Show it in the charts' }, `step ${integerText(step)}`);
  place.addEventListener('click', () => show(id, step));
  const name = html('strong', {}, label);
  const text = html('p', { class: 'step-note-text' });
  const change = html(
    'button',
    { type: 'button', class: 'link', 'aria-label': `Edit the note on step ${integerText(step)} of ${label}` },
    'Edit',
  );
  change.addEventListener('click', () => edit({ step, runs: [id] }));
  return {
    element: html('li', { class: 'step-note' }, seriesMark(series), place, name, text, change),
    update(note) {
      setText(name, note.run.label);
      setText(text, note.text);
    },
  };
}
