import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fuzz, fuzzTargets, inputOf, sharesOf } from '../../bench/fuzz/fuzz.ts';
import type { FuzzCase } from '../../bench/fuzz/target.ts';
import { readAdvantagesInput } from '../../src/cli/advantagesInput.ts';
import { CommandError } from '../../src/cli/exit.ts';
import { nearest } from '../../src/core/config/nearest.ts';
import { estimatorNames } from '../../src/core/estimators/estimator.ts';
import { parseEvent } from '../../src/core/records/events.ts';
import { parse } from '../../src/core/records/json.ts';
import { parseMetrics } from '../../src/core/records/metrics.ts';
import { parseExitRecord, parseRunRecord } from '../../src/core/records/runRecord.ts';
import { parseConfig } from '../../src/runs/config/loadConfig.ts';
import { ConfigError } from '../../src/runs/config/configError.ts';
import { LineSplitter } from '../../src/runs/directory/lineSplitter.ts';
import { ConfigOutline } from '../../src/runs/inline/configOutline.ts';
import { kernelFile } from '../runs/columns/builtReader.ts';

const targets = fuzzTargets(kernelFile);

/** Runs an input and nothing else: how long it takes says the benchmark. */
async function outcome(input: FuzzCase) {
  try {
    await input.run();
    return { ms: 0, bytes: 0, error: undefined };
  } catch (error) {
    return { ms: 0, bytes: 0, error: error as Error };
  }
}

describe('every parser', () => {
  const shares = sharesOf(targets, 2000);
  for (const [index, target] of targets.entries()) {
    it(`takes whatever is in a file, and agrees with those that read the same: ${target.name}`, async () => {
      const { crashes } = await fuzz(target, 2, { from: 0, to: shares[index]! }, outcome);
      assert.deepEqual(
        crashes.map(({ input, error }) => `input ${input}: ${error.stack}`),
        [],
      );
    });
  }

  it('is given the same input by the same numbers', () => {
    for (const target of targets) assert.equal(inputOf(target, 3, 5).size, inputOf(target, 3, 5).size);
  });
});

/** The same thing over and over: a reader that is not linear takes minutes for this many characters. */
const length = 300_000;
const monotony = ['[', '{"a":', '"', '"a\\', ' ', 'NaN', '[NaN,', '/*', '-', '\0'];

function readByAll(text: string): void {
  for (const read of [parse, parseMetrics, parseEvent, parseRunRecord, parseExitRecord]) read(text);
  assert.throws(() => parseConfig(text, 'a.otb.json'), ConfigError);
  assert.equal(new ConfigOutline(text).config, undefined);
  assert.throws(() => readAdvantagesInput(text, 'grpo'), CommandError);
  new LineSplitter().feed(Buffer.from(text));
}

describe('a long text', () => {
  for (const unit of monotony) {
    it(`comes to an end in every parser: ${JSON.stringify(unit)} again and again`, () => {
      readByAll(`{"step":1,"data":{"a":NaN ${unit.repeat(Math.ceil(length / unit.length))}NaN`);
    });
  }

  it('may have five million characters', () => readByAll(`{"step":1,"data":{"a":${' '.repeat(5_000_000)}NaN`));
});

describe('a word that is no estimator', () => {
  it('may be as long as a config', () => {
    assert.equal(nearest('x'.repeat(1_000_000), estimatorNames), undefined);
    assert.throws(() => parseConfig(JSON.stringify({ name: 'a', estimators: ['a'.repeat(1_000_000)] }), 'a'), ConfigError);
  });

  it('may be no word at all, also one that has no text', () => {
    const refuse = (config: object): void => assert.throws(() => parseConfig(JSON.stringify({ name: 'a', ...config }), 'a'), ConfigError);
    refuse({ estimators: [{ toString: 1 }] });
    refuse({ onCollapse: { toString: 1 } });
    refuse({ policy: { kind: [{ toString: 1 }] } });
  });
});
