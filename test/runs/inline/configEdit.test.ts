import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { edited } from '../../../src/core/inline/textEdit.ts';
import { parseConfig } from '../../../src/runs/config/loadConfig.ts';
import { removeElement, setValue } from '../../../src/runs/inline/configEdit.ts';
import { ConfigOutline } from '../../../src/runs/inline/configOutline.ts';

function without(text: string, index: number): string {
  return edited(text, removeElement(new ConfigOutline(text), ['estimators'], index));
}

function withValue(text: string, path: readonly [string] | readonly [string, string], value: string | number): string {
  const changed = edited(text, setValue(new ConfigOutline(text), path, value));
  assert.deepEqual(new ConfigOutline(changed).value(path), value);
  return changed;
}

describe('removing an estimator', () => {
  it('leaves a list of one line on one line, whichever is taken', () => {
    const text = '{ "name": "a", "estimators": ["grpo", "opo", "rloo"] // three\n}';
    assert.match(without(text, 0), /\["opo", "rloo"\] \/\/ three/);
    assert.match(without(text, 1), /\["grpo", "rloo"\] \/\/ three/);
    assert.match(without(text, 2), /\["grpo", "opo"\] \/\/ three/);
  });

  it('takes its line, its comma and its comment, and no others', () => {
    const text =
      '{\n  "estimators": [\n    "grpo", // first\n    // about opo and what follows\n    "opo", // second\n    "rloo" // third\n  ]\n}';
    assert.equal(without(text, 1), text.replace('    "opo", // second\n', ''));
    assert.equal(without(text, 2), text.replace('"opo",', '"opo"').replace('    "rloo" // third\n', ''));
  });

  it('keeps a trailing comma and Windows line ends', () => {
    const text = '{\r\n  "estimators": [\r\n    "grpo",\r\n    "opo",\r\n  ],\r\n}';
    assert.equal(without(text, 1), '{\r\n  "estimators": [\r\n    "grpo",\r\n  ],\r\n}');
    assert.equal(without(text, 0), '{\r\n  "estimators": [\r\n    "opo",\r\n  ],\r\n}');
  });

  it('leaves a config that loads, in every preset-like layout', () => {
    for (const list of ['["grpo","opo"]', '[ "grpo" , "opo" ]', '[\n"grpo",\n"opo"]', '[/* a */ "grpo" /* b */, /* c */ "opo" /* d */]']) {
      for (const index of [0, 1]) {
        const left = parseConfig(without(`{"name": "a", "estimators": ${list}}`, index), 'a.otb.json').config.estimators;
        assert.deepEqual(left, [['opo'], ['grpo']][index]);
      }
    }
  });
});

describe('setting a value', () => {
  it('replaces nothing but the value', () => {
    const text = '{ "optimizer": { "maxGradNorm": null /* off */, "learningRate": 8e-3 } }';
    assert.equal(withValue(text, ['optimizer', 'maxGradNorm'], 0.62), text.replace('null', '0.62'));
  });

  it('goes behind the last value of a section of one line', () => {
    assert.equal(
      withValue('{ "optimizer": { "learningRate": 8e-3 } }', ['optimizer', 'maxGradNorm'], 1),
      '{ "optimizer": { "learningRate": 8e-3, "maxGradNorm": 1 } }',
    );
    assert.equal(withValue('{ "optimizer": {} }', ['optimizer', 'maxGradNorm'], 1), '{ "optimizer": { "maxGradNorm": 1 } }');
  });

  it('goes on a line of its own, with its section where that is missing, and comments stay where they were', () => {
    const text = '{\n  "name": "a", // why\n  "steps": 3 // short\n}';
    assert.equal(withValue(text, ['onCollapse'], 'stop'), '{\n  "name": "a", // why\n  "steps": 3, // short\n  "onCollapse": "stop"\n}');
    assert.equal(
      withValue(text, ['optimizer', 'maxGradNorm'], 1),
      '{\n  "name": "a", // why\n  "steps": 3, // short\n  "optimizer": { "maxGradNorm": 1 }\n}',
    );
  });

  it('keeps a trailing comma, tabs and Windows line ends', () => {
    assert.equal(
      withValue('{\r\n\t"name": "a", // why\r\n}', ['onCollapse'], 'stop'),
      '{\r\n\t"name": "a", // why\r\n\t"onCollapse": "stop",\r\n}',
    );
  });

  it('takes the place of a section that is null', () => {
    assert.equal(withValue('{ "optimizer": null }', ['optimizer', 'maxGradNorm'], 1), '{ "optimizer": { "maxGradNorm": 1 } }');
  });
});
