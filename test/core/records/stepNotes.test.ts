import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { formatEvent, parseEvent } from '../../../src/core/records/events.ts';
import type { RunEvent } from '../../../src/core/records/events.ts';
import { RunHistory } from '../../../src/core/records/runHistory.ts';
import { longestNote, noteEvent, noteText, notesIn } from '../../../src/core/records/stepNotes.ts';

const note = (step: number, text: string, time = 1): RunEvent => noteEvent({ step, text, time });
const started = (step: number, resumed: boolean): RunEvent => ({ type: 'started', step, time: 9, data: { resumed } });

function notesOf(events: readonly RunEvent[]): readonly (readonly [number, string])[] {
  return notesIn(events).map(({ step, text }) => [step, text]);
}

describe('notes on steps', () => {
  it('are read back as they were written', () => {
    const event = note(12, 'a “quote”\nand a second line');
    assert.deepEqual(parseEvent(formatEvent(event)), event);
  });

  it('are told by step; a later one takes the place of an earlier one, and an empty one takes it away', () => {
    const events = [note(40, 'b'), note(12, 'a'), note(40, 'c'), note(7, 'x'), note(7, '  ')];
    assert.deepEqual(notesOf(events), [
      [12, 'a'],
      [40, 'c'],
    ]);
  });

  it('stay where the run begins again before them', () => {
    assert.deepEqual(notesOf([note(40, 'a'), started(20, true)]), [[40, 'a']]);
  });

  it('are none where the text is missing or no text, and are cut where they are too long', () => {
    assert.deepEqual(
      notesOf([
        { type: 'note', step: 1, time: 1, data: {} },
        { type: 'note', step: 2, time: 1, data: { text: 5 } },
      ]),
      [],
    );
    const [[, text] = [0, '']] = notesOf([note(1, 'x'.repeat(3 * longestNote))]);
    assert.equal(text.length, longestNote);
  });

  it('have no control characters but ends of lines', () => {
    assert.equal(noteText(' \u001b[31mred\u0007\r\ntab\there \u202e'), '[31mred \ntab here');
    assert.equal(noteText('👩‍💻 naïve'), '👩‍💻 naïve');
  });

  it('change nothing about which steps a run has taken', () => {
    const record = (step: number) => ({ step, time: step, data: { a: step } });
    const stepsAfter = (events: readonly RunEvent[]): readonly number[] => {
      const history = new RunHistory();
      history.takeAll([1, 2, 3, 4].map(record));
      history.takeEvents(events);
      history.settle();
      return [...history.table.steps];
    };
    // A process that went on from step 2 and has logged nothing yet has given up the later steps, whatever somebody noted about one.
    const resumed: RunEvent = { type: 'started', step: 2, time: 9, data: { resumed: true } };
    assert.deepEqual(stepsAfter([resumed]), [1, 2]);
    assert.deepEqual(stepsAfter([resumed, note(4, 'late')]), [1, 2]);
    assert.deepEqual(stepsAfter([note(4, 'early'), resumed]), [1, 2]);
  });
});
