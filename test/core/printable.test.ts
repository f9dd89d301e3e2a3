import assert from 'node:assert/strict';
import { test } from 'node:test';
import { printable, printableJson, printableLine } from '../../src/core/printable.ts';

const hostile = '\u001B]0;title\u0007\u001B[31mred\u009B2J\u202Etxt.exe\u2066\u2028\uFDD0\uD800\u007F\b';

test('nothing that steers a terminal or turns letters round is left in a printable text, and its words stay', () => {
  for (const clean of [printable, printableLine]) {
    assert.doesNotMatch(clean(hostile), /[\p{Cc}\p{Cs}\p{Bidi_Control}\u2028]/u);
    assert.match(clean(hostile), /^␛]0;title␇␛\[31mred.2J.txt\.exe/);
  }
  assert.equal(printable('Straße → 数\u200D👩‍🚀, 3·10⁻⁵'), 'Straße → 数\u200D👩‍🚀, 3·10⁻⁵');
});

test('a text keeps its lines, a name has one', () => {
  assert.equal(printable('a\tb\r\nc\n'), 'a\tb\nc\n');
  assert.equal(printable('80 %\r90 %'), '80 %␍90 %');
  assert.equal(printableLine('a\nState: healthy'), 'a␊State: healthy');
});

test('printable JSON is the same JSON', () => {
  const json = JSON.stringify({ [hostile]: [hostile] }, null, 2);
  assert.doesNotMatch(printableJson(json), /(?!\n)[\p{Cc}\p{Cs}\p{Bidi_Control}]/u);
  assert.deepEqual(JSON.parse(printableJson(json)), JSON.parse(json));
});
