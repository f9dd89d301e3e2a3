import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Readout } from '../../webview/chart/chartModel.ts';
import { loggedText } from '../../webview/chart/readouts.ts';
import { copiedText, fittingLines, lineName, orderedLines, readingPlace } from '../../webview/readoutLines.ts';

function run(label: string, value: number, changes: Partial<Readout> = {}): Readout {
  const series = label.split(' ')[0] ?? '';
  return { series, run: label, label, color: '#000000', x: 10, value, smoothed: null, spread: null, left: 0, top: -value, ...changes };
}

function together(series: string, value: number): Readout {
  return { ...run(series, value), run: null, spread: { centre: 'mean', low: 0, high: 9, count: 2 } };
}

const labels = (lines: readonly Readout[]): readonly string[] => lines.map(({ label }) => label);

test('lines stand highest first, and single runs under what they are together', () => {
  const lines = [run('a 1', 1), together('a', 2), run('a 2', 3), run('b 1', 2.5, { smoothed: 7 }), run('c 1', Infinity)];
  assert.deepEqual(labels(orderedLines(lines)), ['c 1', 'b 1', 'a', 'a 2', 'a 1']);
});

const one = (): number => 1;

test('where not all lines fit, those around the pointer are shown, or the highest', () => {
  const lines = Array.from({ length: 60 }, (_, index) => run(`r${index} s`, 60 - index, { top: index * 5 }));
  assert.deepEqual(fittingLines(lines, 60, null, one), { lines, left: 0 });
  assert.deepEqual(labels(fittingLines(lines, 3, null, one).lines), ['r0 s', 'r1 s', 'r2 s']);
  const near = fittingLines(lines, 5, 151, one);
  assert.deepEqual(labels(near.lines), ['r28 s', 'r29 s', 'r30 s', 'r31 s', 'r32 s']);
  assert.equal(near.left, 55);
  assert.deepEqual(labels(fittingLines(lines, 3, 1000, one).lines), ['r57 s', 'r58 s', 'r59 s']);
});

test('single runs of other series make place for what these are together', () => {
  const lines = ['a', 'b', 'c'].flatMap((name, index) => [
    together(name, 9 - index),
    run(`${name} 1`, 9 - index, { top: 10 * index }),
    run(`${name} 2`, 9 - index, { top: 10 * index + 1 }),
  ]);
  const { lines: shown, left } = fittingLines(lines, 5, 21, one);
  assert.deepEqual(labels(shown), ['a', 'b', 'c', 'c 1', 'c 2']);
  assert.equal(left, 4);
  assert.deepEqual(labels(fittingLines(lines, 5, null, one).lines), ['a', 'b', 'c'], 'nobody points at any');
  const tall = fittingLines(lines, 5, null, ({ run: id }) => (id === null ? 2 : 1));
  assert.deepEqual(labels(tall.lines), ['a', 'b']);
});

test('a run is not called by its series again under it', () => {
  const line = run('opo seed 7', 1, { series: 'opo' });
  assert.equal(lineName(line, true), 'seed 7');
  assert.equal(lineName(line, false), 'opo seed 7');
  assert.equal(lineName(together('opo', 1), true), 'opo');
});

test('what is told is what was logged: zero, and what is no number', () => {
  assert.deepEqual(
    [0, 0.5, Infinity, -Infinity].map((value) => loggedText(value)),
    ['0', '0.5', 'NaN or ∞', '−∞'],
  );
  assert.equal(loggedText(0.2, 'difference'), '+0.2');
  assert.equal(loggedText(12.5, 'ratio'), '×12.5');
});

test('the place is that of the values where all have the same', () => {
  assert.equal(readingPlace(12.3, [run('a 1', 1), run('b 1', 2), { ...together('a', 1), x: 11 }]), 10);
  assert.equal(readingPlace(12.3, [run('a 1', 1), run('b 1', 2, { x: 13 })]), 12.3);
});

test('lines are copied as a table with all digits', () => {
  const lines = [together('a', 1 / 3), run('a\tseed 1', 0, { smoothed: 0.25, x: 7 }), run('b 1', Infinity)];
  assert.deepEqual(copiedText('step', 'Score', lines).split('\n'), [
    'Run\tStep\tScore, raw\tScore, smoothed\tMinimum\tMaximum\tn',
    'a, mean\t10\t0.3333333333333333\t\t0\t9\t2',
    'a seed 1\t7\t0\t0.25\t\t\t',
    'b 1\t10\tNaN or ∞\t\t\t\t',
    '',
  ]);
});
