import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Random } from '../../../../src/core/random.ts';
import { readDecimal } from '../../../../src/runs/sources/binary/decimal.ts';

/** What is read; undefined: no number. */
function read(text: string): number | undefined {
  // Other digits around it must not be taken for a part of it.
  const bytes = Buffer.from(`12${text}34`);
  const numbers = new Float64Array(2);
  const isNumber = readDecimal(bytes, new DataView(bytes.buffer, bytes.byteOffset, bytes.length), 2, bytes.length - 2, numbers, 1);
  return isNumber ? numbers[1] : undefined;
}

function isAsNumber(text: string): void {
  assert.ok(Object.is(read(text), Number(text)), `${text} is ${read(text)}`);
}

describe('a number in decimal', () => {
  it('is rounded as Number rounds it, whatever its digits and its size', () => {
    const random = new Random(1);
    for (let i = 0; i < 20_000; i++) {
      const value = Math.exp(60 * random.uniform() - 40);
      isAsNumber(String(value));
      isAsNumber(String(-random.uniform()));
      isAsNumber(value.toExponential(16));
      isAsNumber(random.uniform().toPrecision(1 + (i % 18)));
      isAsNumber((1e6 * random.uniform()).toFixed(i % 14));
    }
  });

  it('is rounded rightly half way between two float64, and next to it', () => {
    const random = new Random(2);
    for (let i = 0; i < 5000; i++) {
      const half = (BigInt(Math.floor((1 + random.uniform()) * 2 ** 52)) * 2n + 1n) * 5n ** 22n;
      isAsNumber(`${half}e-22`);
      isAsNumber(`${half.toString().slice(0, 17)}e-${i % 23}`);
    }
    for (const text of ['9007199254740993', '9007199254740993.0', '900719925474099.25', '4503599627370496.5', '4503599627370497.5'])
      isAsNumber(text);
  });

  it('may be zero, with or without a sign, very small and very large', () => {
    for (const text of [
      '0',
      '-0',
      '0.0',
      '-0.000',
      '0e5',
      '5e-324',
      '2e-324',
      '1.7976931348623157e308',
      '1e400',
      '-1e400',
      '1e22',
      '1e23',
      '1E+5',
    ])
      isAsNumber(text);
    isAsNumber(`0.${'0'.repeat(400)}1`);
    isAsNumber(`1${'0'.repeat(400)}`);
    isAsNumber(`1e${'9'.repeat(400)}`);
  });

  it('is nothing else', () => {
    for (const text of ['', '-', '.', '-.', 'e5', '1e', '1e+', 'NaN', '-Infinity', '1.2.3', '0x10', '1e5 ', ' 1', '--1', '1e5.0', '"1"'])
      assert.equal(read(text), undefined, text);
  });
});
