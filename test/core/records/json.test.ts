import assert from 'node:assert/strict';
import { describe, it, test } from 'node:test';
import { getOwn, isNestedBeyond, parse, parseNumber } from '../../../src/core/records/json.ts';

describe('JSON with bare NaN and Infinity', () => {
  it('has them as the strings that we write, and texts as they are', () => {
    assert.deepEqual(parse('{"NaN, NaN":"a :NaN, b","b":[NaN ,\t-Infinity,Infinity],"c":"\\",NaN","d":"NaN"}'), {
      'NaN, NaN': 'a :NaN, b',
      b: ['NaN', '-Infinity', 'Infinity'],
      c: '",NaN',
      d: 'NaN',
    });
  });

  it('is nothing else', () => {
    for (const text of ['{NaN:1}', '{"a":1,NaN :2}', '[NaNa]', '[aNaN]', '[+Infinity]', '[-NaN]', '["NaN]', '[nan]', '[NaN', '[Infinit]'])
      assert.equal(parse(text), undefined, text);
  });

  it('takes no more looks at a long text than its length allows', () => {
    // A pattern that looks back from every name, or on from every quote, would need a hundred thousand million looks.
    const spaces = ' '.repeat(1_000_000);
    assert.deepEqual(parse(`[${spaces}NaN${spaces}]`), ['NaN']);
    assert.equal(parse(`[${spaces}NaN${spaces}x]`), undefined);
    assert.equal(parse(`NaN "${'\\"'.repeat(500_000)}`), undefined);
    assert.equal((parse(`[${'NaN,'.repeat(100_000)}1]`) as unknown[]).length, 100_001);
    assert.equal(parse('['.repeat(1_000_000)), undefined);
  });

  it('begins with a byte order mark or without', () => {
    assert.deepEqual(parse('\ufeff{"a":NaN}'), { a: 'NaN' });
    assert.equal(parse('\ufeff\ufeff{}'), undefined);
  });
});

describe('a number in JSON', () => {
  it('is a number or the name of one, and nothing that objects inherit', () => {
    assert.deepEqual(['NaN', '-Infinity', 2].map(parseNumber), [Number.NaN, Number.NEGATIVE_INFINITY, 2]);
    for (const other of ['constructor', '__proto__', 'toString', 'nan', '2', null, {}]) assert.equal(parseNumber(other), undefined);
  });
});

describe('the depth of a JSON text', () => {
  it('counts objects and lists, and no brackets in texts', () => {
    assert.deepEqual(
      [isNestedBeyond('[{"a":[1]}]', 3), isNestedBeyond('[{"a":[1]}]', 2), isNestedBeyond('["[[[\\"[["]', 1)],
      [false, true, false],
    );
  });
});

test('only what an object has itself is a value of it', () => {
  const object = JSON.parse('{"__proto__":1}') as Readonly<Record<string, number>>;
  assert.deepEqual(
    ['__proto__', 'constructor', 'toString'].map((key) => getOwn(object, key)),
    [1, undefined, undefined],
  );
});
