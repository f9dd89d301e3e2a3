import assert from 'node:assert/strict';
import { test } from 'node:test';
import { differenceText, listText, pText, powerOfTen, quantityText, scoreText } from '../../../src/core/comparison/notation.ts';

test('quantities have three significant digits, and powers of ten only where they are needed', () => {
  const written = [0, 0.00042, 0.0632, 0.632, 6.3249, 581, 99_999, 13_307_100, Infinity, -2.5, null].map(quantityText);
  assert.deepEqual(written, ['0.00', '4.20·10⁻⁴', '0.0632', '0.632', '6.32', '581', '99999', '1.33·10⁷', '∞', '−2.50', '–']);
  assert.equal(powerOfTen(-12), '10⁻¹²');
});

test('scores have two decimals, differences a sign, and zero no minus', () => {
  assert.deepEqual(
    [scoreText(0.625), scoreText(-0.001), scoreText(null), differenceText(0.2), differenceText(-0.2)],
    ['0.63', '0.00', '–', '+0.20', '−0.20'],
  );
});

test('p values are not written more exactly than they are known', () => {
  assert.deepEqual([1, 0.25, 0.0416, 0.00042].map(pText), ['p = 1.00', 'p = 0.25', 'p = 0.042', 'p < 0.001']);
});

test('lists read as a sentence', () => {
  assert.deepEqual([[], ['a'], ['a', 'b'], ['a', 'b', 'c']].map(listText), ['', 'a', 'a and b', 'a, b and c']);
});
