import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  bytesText,
  clockText,
  counted,
  dateText,
  differenceText,
  durationText,
  exactText,
  integerText,
  intervalText,
  fewText,
  listText,
  percentText,
  powerOfTen,
  pText,
  quantityText,
  scoreText,
  spreadText,
  tickText,
  valueText,
} from '../../src/core/notation.ts';

test('quantities have at most three significant digits, and powers of ten only where they are needed', () => {
  const written = [0, -0, 8e-5, 0.00042, 0.0009996, 0.001, 0.0632, 0.4, 6.3249, 99.96, 581, 99_999, 99_999.7, 13_307_100, 3e11, -2.5].map(
    quantityText,
  );
  const expected = '0 0 8·10⁻⁵ 4.2·10⁻⁴ 0.001 0.001 0.0632 0.4 6.32 100 581 99999 1·10⁵ 1.33·10⁷ 3·10¹¹ −2.5';
  assert.equal(written.join(' '), expected);
  assert.equal(powerOfTen(-12), '10⁻¹²');
});

test('every writer has a word for what is no number, and none for nothing but zero', () => {
  for (const write of [integerText, quantityText, exactText, scoreText]) {
    assert.deepEqual([Infinity, -Infinity, Number.NaN, null].map(write), ['∞', '−∞', 'NaN', '–']);
  }
  for (const write of [quantityText, exactText, scoreText, tickText]) {
    for (const size of [5e-324, 8e-5, 0.0049, 0.3, 12, 1e5, 1.7e308, Number.MAX_VALUE]) {
      assert.doesNotMatch(write(size), /^[0.]*$|∞/);
      assert.equal(write(-size), `−${write(size)}`);
    }
    assert.equal(write(0), '0');
  }
});

test('steps and counts are whole but for medians, ungrouped and never in powers of ten', () => {
  assert.deepEqual([38, 38.0000001, 12_000, 1_700_000_000, 61.5].map(integerText), ['38', '38', '12000', '1700000000', '61.5']);
  assert.deepEqual(
    [0, 1, 60].map((count) => counted(count, 'run')),
    ['0 runs', '1 run', '60 runs'],
  );
  assert.equal(counted(2, 'directory', 'directories'), '2 directories');
});

test('scores have two decimals unless that would hide or stretch them, differences a sign, and zero no minus', () => {
  assert.deepEqual([0.625, 0.5, -0.397, -0.001, 8e-5, 0, 1e6].map(scoreText), ['0.63', '0.50', '−0.40', '−0.001', '8·10⁻⁵', '0', '1·10⁶']);
  assert.deepEqual([0.2, -0.2, 0, 0.001].map(differenceText), ['+0.20', '−0.20', '0', '+0.001']);
});

test('equal scores differ by 0, whatever the arithmetic leaves behind', () => {
  const rest = 0.1 + 0.2 - 0.3;
  assert.deepEqual([differenceText(rest), differenceText(-rest), intervalText({ low: -rest, high: 0.25 })], ['0', '0', '[0, 0.25]']);
  assert.equal(spreadText({ mean: 0.8, std: rest }, 60), '0.80 ± 0');
  assert.deepEqual([spreadText({ mean: 0.8, std: 0 }, 1), spreadText(null, 3)], ['0.80', '–']);
});

test('what a user has written keeps its digits', () => {
  assert.deepEqual([0.008, 3e-5, 1.234567, 600, 1.5e-7, null, true, 'gru', undefined].map(valueText), [
    '0.008',
    '3·10⁻⁵',
    '1.234567',
    '600',
    '1.5·10⁻⁷',
    'null',
    'true',
    'gru',
    '–',
  ]);
  assert.equal(tickText(0.1 + 0.2), '0.3');
});

test('percentages are whole, and what is little is not nothing', () => {
  assert.deepEqual([0, 0.001, 0.613, 1, 12, -0.3, Number.NaN].map(percentText), ['0 %', '<1 %', '61 %', '100 %', '1200 %', '−30 %', '–']);
});

test('durations take at most two units', () => {
  assert.deepEqual([0, 0.42, 48, 200, 7500, 1e6, Number.NaN, -1].map(durationText), [
    '0 s',
    '0.4 s',
    '48 s',
    '3 min 20 s',
    '2 h 05 min',
    '11 d 13 h',
    '–',
    '–',
  ]);
  assert.deepEqual([75, 7500, Infinity].map(clockText), ['1:15', '2:05:00', '–']);
});

test('sizes are in units of 1024', () => {
  assert.deepEqual([0, 512, 1536, 3 * 2 ** 20, 12.4 * 2 ** 30].map(bytesText), ['0 B', '512 B', '1.5 KiB', '3 MiB', '12.4 GiB']);
});

test('p values are not written more exactly than they are known', () => {
  assert.deepEqual([1, 0.25, 0.0416, 0.00042].map(pText), ['p = 1.00', 'p = 0.25', 'p = 0.042', 'p < 0.001']);
});

test('lists read as a sentence', () => {
  assert.deepEqual([[], ['a'], ['a', 'b'], ['a', 'b', 'c']].map(listText), ['', 'a', 'a and b', 'a, b and c']);
  assert.deepEqual(
    [[], ['a'], ['a', 'b'], ['a', 'b', 'c', 'd']].map((parts) => fewText(parts, 2)),
    ['', 'a', 'a, b', 'a, b and 2 more'],
  );
});

test('dates are short, or whole, and never invalid', () => {
  const local = new Date(2026, 0, 2, 3, 4, 5).toISOString();
  assert.deepEqual([dateText(local), dateText(local, 'whole'), dateText('')], ['2 Jan, 03:04', '2 Jan 2026, 03:04:05', '–']);
});
