import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ConfigOutline } from '../../../src/runs/inline/configOutline.ts';

function placed(text: string): readonly (readonly [string, string])[] {
  return new ConfigOutline(text).estimators.map(({ name, span }) => [name, text.slice(span.offset, span.offset + span.length)]);
}

describe('the outline of a config', () => {
  it('finds estimators among comments, Windows line ends and trailing commas', () => {
    assert.deepEqual(placed('// opo\r\n{\r\n  "estimators": [ /* "grpo" */ "dr_grpo",\r\n    "opo", ],\r\n}'), [
      ['dr_grpo', '"dr_grpo"'],
      ['opo', '"opo"'],
    ]);
  });

  it('finds them in text that is being typed, which is no config yet', () => {
    const outline = new ConfigOutline('{ "name": , "estimators": ["dr_grpo", "opo" "gr ], "steps": 3');
    assert.deepEqual(
      outline.estimators.slice(0, 2).map(({ name }) => name),
      ['dr_grpo', 'opo'],
    );
    assert.equal(outline.isComplete, false);
    assert.equal(outline.config, undefined);
  });

  it('has nothing to say of text that is no object', () => {
    for (const text of ['', '[]', '"estimators"', '{ "estimators": "opo" }', '{ "estimators": [1, null] }'])
      assert.deepEqual(placed(text), []);
  });

  it('fills in the defaults of a config that fits the schema', () => {
    assert.equal(new ConfigOutline('{ "name": "a", "optimizer": { "learningRate": 1 } }').config?.optimizer.maxGradNorm, null);
    assert.equal(new ConfigOutline('{ "name": "a", "optimizer": { "learningRate": -1 } }').config, undefined);
  });
});
