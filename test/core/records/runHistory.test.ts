import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { RunEvent } from '../../../src/core/records/events.ts';
import { historyNotes, pictureNotes } from '../../../src/core/records/historyNotes.ts';
import type { MetricsRecord } from '../../../src/core/records/metrics.ts';
import { RunHistory } from '../../../src/core/records/runHistory.ts';

/** Steps `from` to `to`, each with a norm that tells which writing of the step it is. */
function steps(from: number, to: number, norm = 0): MetricsRecord[] {
  return Array.from({ length: to - from + 1 }, (_, index) => ({ step: from + index, time: 0, data: { norm, score: norm } }));
}

function started(step: number, data: Record<string, number | boolean> = { resumed: step > 0 }): RunEvent {
  return { type: 'started', step, time: 0, data };
}

function event(type: 'checkpoint' | 'finished', step: number): RunEvent {
  return { type, step, time: 0, data: {} };
}

function historyOf(records: readonly MetricsRecord[], events: readonly RunEvent[] = [], life?: number): RunHistory {
  const history = new RunHistory(life);
  history.takeEvents(events);
  history.takeAll(records);
  history.settle();
  return history;
}

/** First and last step, their number, and the norm of the last. */
function shown({ table }: RunHistory): (number | undefined)[] {
  return [table.firstStep, table.lastStep, table.length, table.column('norm')?.values.at(-1)];
}

describe('the history of a run that was resumed', () => {
  it('has the later values of a step, and no step that was not come to again', () => {
    const history = historyOf([...steps(1, 80, 1), ...steps(41, 60, 2)]);
    assert.deepEqual(shown(history), [1, 60, 60, 2]);
    assert.deepEqual([history.table.column('norm')?.values[39], history.repeated, history.undone], [1, 20, 20]);
    history.takeAll(steps(61, 90, 2));
    assert.deepEqual([shown(history), history.repeated, history.undone], [[1, 90, 90, 2], 40, 0]);
  });

  it('gives up at once what its new process has given up, where that says how many records it found', () => {
    const history = new RunHistory();
    history.takeEvents([started(0), event('checkpoint', 40)]);
    history.takeAll(steps(1, 80, 1));
    history.takeEvents([started(40, { resumed: true, records: 80 })]);
    assert.deepEqual([history.settle(), shown(history)], [40, [1, 40, 40, 1]]);
    assert.deepEqual([history.takeAll(steps(41, 42, 2)), shown(history)], [40, [1, 42, 42, 2]]);
    // Two processes that came to nothing, and one that has: the records tell which is which.
    const events = [started(0), started(40, { resumed: true, records: 80 }), started(40, { resumed: true, records: 80 })];
    assert.deepEqual(shown(historyOf([...steps(1, 80, 1), ...steps(41, 60, 2)], events)), [1, 60, 60, 2]);
    assert.deepEqual(shown(historyOf(steps(1, 80, 1), [started(0), started(40, { resumed: true, records: 40 })])), [1, 80, 80, 1]);
  });

  it('is told by the events where no process counted the records', () => {
    assert.deepEqual(shown(historyOf(steps(1, 80, 1), [started(0), started(40)])), [1, 40, 40, 1]);
    assert.deepEqual(shown(historyOf([...steps(1, 80, 1), ...steps(41, 60, 2)], [started(0), started(40)])), [1, 60, 60, 2]);
    // It was killed at 40 and went on from there: the later steps say so by their times.
    const later = steps(1, 80, 1).map((record) => ({ ...record, time: record.step }));
    assert.deepEqual(shown(historyOf(later, [started(0), { ...started(40), time: 40.5 }])), [1, 80, 80, 1]);
    // It had ended at 40 and went on from there.
    assert.deepEqual(shown(historyOf(steps(1, 80), [started(0), event('finished', 40), started(40)])), [1, 80, 80, 0]);
    assert.deepEqual(shown(historyOf(steps(1, 80), [started(0), started(40), event('checkpoint', 80)])), [1, 80, 80, 0]);
  });

  it('forgets what its files say counts no more, also of what was given up before, and takes none of it for written again', () => {
    const history = historyOf(steps(1, 80, 1));
    assert.deepEqual([history.forget(41), shown(history)], [40, [1, 40, 40, 1]]);
    history.takeAll([...steps(60, 61, 2), ...steps(50, 52, 2)]);
    assert.deepEqual([shown(history), history.repeated, history.undone], [[1, 61, 45, 2], 0, 0]);
    const back = historyOf([...steps(1, 80, 1), ...steps(41, 50, 2)]);
    assert.deepEqual([back.forget(60), back.undone], [Infinity, 9]);
    back.takeAll(steps(90, 90, 3));
    assert.deepEqual([shown(back), back.undone], [[1, 90, 60, 3], 0]);
  });

  it('forgets single metrics from a step on, and the last steps that have no other', () => {
    const history = historyOf([...steps(1, 8), { step: 9, time: 0, data: { norm: 1 } }]);
    assert.equal(history.forget(6, ['norm', 'none']), 5);
    assert.deepEqual(history.table.series('norm')?.steps, Float64Array.of(1, 2, 3, 4, 5));
    assert.deepEqual([...history.table.steps], [1, 2, 3, 4, 5, 6, 7, 8]);
    history.forget(0, ['norm', 'score']);
    assert.deepEqual([history.table.keys, history.table.length], [[], 0]);
  });

  it('loses no step that it passes by without taking it again', () => {
    const other = { step: 70, time: 0, data: { norm: 3, score: 3 } };
    const history = historyOf([...steps(1, 80, 1), ...steps(41, 60, 2), other]);
    assert.deepEqual([shown(history), history.undone], [[1, 70, 70, 3], 10]);
    assert.deepEqual(history.table.column('norm')?.values.slice(59, 61), Float64Array.of(2, 1));
  });

  it('asks no clock', () => {
    const records = steps(1, 80).map((record) => ({ ...record, time: record.step < 5 ? 1000 : record.step }));
    assert.deepEqual(shown(historyOf(records, [{ ...started(0), time: 900 }])), [1, 80, 80, 0]);
    const resumed = [...records, ...steps(41, 60, 2).map((record) => ({ ...record, time: -record.step }))];
    assert.deepEqual(shown(historyOf(resumed, [started(0), { ...started(40), time: -1 }])), [1, 60, 60, 2]);
  });

  it('may begin at its first step again', () => {
    for (const data of [{ resumed: true }, { resumed: true, records: 30 }]) {
      const history = historyOf([...steps(1, 30, 1), ...steps(1, 20, 2)], [started(0), started(0, data)]);
      assert.deepEqual([shown(history), history.lives.length, history.undone], [[1, 20, 20, 2], 1, 10]);
      assert.deepEqual(historyOf(steps(1, 30, 1), [started(0), started(0, data)]).table.length, 0);
    }
  });
});

describe('a file with several runs', () => {
  const twice = [...steps(1, 80, 1), ...steps(1, 30, 2)];

  it('shows the newest and tells of the others', () => {
    const history = historyOf(twice, [started(0), started(0, {})]);
    assert.deepEqual(shown(history), [1, 30, 30, 2]);
    assert.deepEqual(history.lives, [
      { firstStep: 1, lastStep: 80, steps: 80 },
      { firstStep: 1, lastStep: 30, steps: 30 },
    ]);
    assert.deepEqual(historyNotes(history), [
      'Steps 1 to 80 of an earlier run in the same file are not shown; the newest run is at step 30.',
    ]);
    assert.match(
      historyNotes(historyOf([...twice, ...steps(0, 5)])).join(),
      /^Steps 1 to 80, 1 to 30 of 2 earlier runs .* is at step 5\.$/,
    );
  });

  it('shows the one that is asked for, and what was resumed in it alone', () => {
    const records = [...steps(1, 80, 1), ...steps(41, 60, 2), ...steps(1, 30, 3)];
    const first = historyOf(records, [], 1);
    assert.deepEqual([shown(first), first.undone, historyOf(records).undone], [[1, 60, 60, 2], 20, 0]);
    assert.deepEqual(historyNotes(first, 1)[0], 'This is run 1 of 2 in the same file; the newest run is at step 30.');
    assert.deepEqual(shown(historyOf(records, [], 2)), [1, 30, 30, 3]);
  });

  it('is none where a line is written late, or a step twice', () => {
    const late: MetricsRecord = { step: 0, time: 0, data: { 'val/acc': 1 } };
    const again = steps(1, 1, 2);
    for (const records of [
      [...steps(1, 30), late],
      [...steps(1, 1), ...again, ...steps(2, 30)],
      [...steps(2, 2), ...again, ...steps(3, 30)],
      [...steps(1, 10), ...steps(12, 12), ...steps(11, 11), ...steps(13, 30)],
    ])
      assert.deepEqual([historyOf(records).lives.length, historyOf(records).table.lastStep, historyOf(records).undone], [1, 30, 0]);
  });
});

describe('two lines of one step', () => {
  it('are one step with the metrics of both, and no value is written again', () => {
    const records = steps(1, 100).flatMap((record) =>
      record.step % 10 === 0 ? [record, { ...record, data: { 'val/acc': 1 } }] : [record],
    );
    const history = historyOf(records);
    assert.deepEqual([history.table.length, history.table.series('val/acc')?.values.length, history.repeated], [100, 10, 0]);
    assert.deepEqual(historyNotes(history), []);
    assert.equal(historyOf([...steps(1, 5, 1), ...steps(5, 5, 2), ...steps(5, 5, 3), ...steps(6, 9)]).repeated, 1);
  });

  it('do not go back where an evaluation comes after later steps', () => {
    const late = { step: 20, time: 0, data: { 'val/acc': 1 } };
    const history = historyOf([...steps(1, 30), late, ...steps(31, 40)]);
    assert.deepEqual([history.table.length, history.table.series('val/acc')?.steps[0], historyNotes(history)], [40, 20, []]);
  });
});

describe('the notes beside the pictures of a run', () => {
  it('tell of earlier runs in the file and of steps like time stamps', () => {
    const stray = { step: 1_700_000_000, time: 0, data: { norm: 1 } };
    assert.deepEqual(pictureNotes(historyOf([...steps(1, 80), ...steps(1, 30)])), [
      'Steps 1 to 80 of an earlier run in the same file are not shown; the newest run is at step 30.',
    ]);
    assert.match(pictureNotes(historyOf([...steps(1, 40), stray, ...steps(41, 60)])).join(), /^Step 1700000000 lies far beyond the others/);
    assert.deepEqual(pictureNotes(historyOf(steps(1, 80))), []);
    assert.deepEqual(shown(historyOf([...steps(1, 40), stray, ...steps(41, 60)])), [1, 1_700_000_000, 61, 1]);
  });
});
