import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ConfigError } from '../../../src/runs/config/configError.ts';
import type { ConfigProblem } from '../../../src/runs/config/configError.ts';
import { parseConfig } from '../../../src/runs/config/loadConfig.ts';

function problemsOf(text: string, engine?: string): readonly ConfigProblem[] {
  try {
    parseConfig(text, 'a.otb.json', engine);
  } catch (error) {
    assert.ok(error instanceof ConfigError, String(error));
    return error.problems;
  }
  return [];
}

function problem(keys: Record<string, unknown>, engine?: string): ConfigProblem {
  const problems = problemsOf(JSON.stringify({ name: 'a', ...keys }, null, 1), engine);
  const [first] = problems;
  assert.ok(first && problems.length === 1, JSON.stringify(problems));
  return first;
}

const transformer = { kind: 'transformer' };

describe('a number beyond its limit', () => {
  const cases: readonly (readonly [key: string, value: number, config: Record<string, unknown>])[] = [
    ['policy.width', 100_000, { policy: { width: 100_000 } }],
    ['policy.width', 100_000, { policy: { ...transformer, width: 100_000 } }],
    ['policy.layers', 1e9, { policy: { ...transformer, layers: 1e9 } }],
    ['policy.heads', 1e9, { policy: { ...transformer, heads: 1e9 } }],
    ['rollout.promptsPerStep', 1e9, { rollout: { promptsPerStep: 1e9 } }],
    ['rollout.groupSize', 1e9, { rollout: { groupSize: 1e9 } }],
    ['rollout.maxResponseTokens', 1e9, { rollout: { maxResponseTokens: 1e9 } }],
    ['task.operations[1]', 1e9, { task: { operations: [1, 1e9] } }],
    ['task.maxTurns', 1e12, { task: { maxTurns: 1e12 } }],
    ['steps', 1e12, { steps: 1e12 }],
    ['warmStart.steps', 1e12, { warmStart: { steps: 1e12 } }],
    ['warmStart.batchSize', 1e9, { warmStart: { batchSize: 1e9 } }],
    ['optimizer.learningRate', 1000, { optimizer: { learningRate: 1000 } }],
  ];
  for (const [key, value, config] of cases) {
    it(`is refused with what was found, the limit, why, and a value that works: ${key} ${value}`, () => {
      const found = problem(config);
      assert.equal(found.key, key);
      assert.ok(found.line > 1);
      assert.match(found.message, new RegExp(`(?:from|≤) .*, found ${value}; \\w`));
      assert.match(found.remedy, /^Write for example \d/);
    });
  }

  it('does not burden a message that is about something else', () => {
    assert.equal(problem({ steps: 0 }).message, 'expected an integer ≥ 1, found 0');
  });
});

describe('a number that JavaScript cannot hold', () => {
  it('is told as it is written', () => {
    const text = '{"name": "a", "seeds": [9007199254740993], "steps": 1e400, "optimizer": {"learningRate": 1e999}}';
    assert.deepEqual(
      problemsOf(text).map(({ key, message }) => [key, /found (\S+)/.exec(message)?.[1]?.replace(/;$/, '')]),
      [
        ['seeds[0]', '9007199254740993'],
        ['steps', '1e400'],
        ['optimizer.learningRate', '1e999'],
      ],
    );
  });

  it('is no learning rate if it is 0, negative or infinite', () => {
    for (const rate of ['0', '-1', '-0.0', '1e999', '-1e999']) {
      const [first] = problemsOf(`{"name": "a", "optimizer": {"learningRate": ${rate}}}`);
      assert.equal(first?.key, 'optimizer.learningRate', rate);
    }
  });
});

describe('the runs of a config', () => {
  const numbers = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

  it('are at most 1000: estimators × seeds', () => {
    const estimators = ['opo', 'grpo'];
    assert.deepEqual(problemsOf(JSON.stringify({ name: 'a', estimators, seeds: numbers(500) })), []);
    const { key, message, remedy } = problem({ estimators, seeds: numbers(501) });
    assert.equal(key, 'seeds');
    assert.match(message, /^2 estimators × 501 seeds are 1002 runs/);
    assert.match(remedy, /at most 500 seeds/);
  });

  it('are at least one: a list that is empty is refused', () => {
    assert.equal(problem({ seeds: [] }).key, 'seeds');
    assert.equal(problem({ estimators: [] }).key, 'estimators');
  });
});

describe('a run that the engine cannot address', () => {
  it('is refused at the key that contributes most, with the largest value that fits', () => {
    const { key, message, remedy } = problem({ rollout: { promptsPerStep: 1000, maxResponseTokens: 900 } });
    assert.equal(key, 'rollout.promptsPerStep');
    assert.match(
      message,
      /^1000 × 8 responses of up to 900 tokens with a policy of width 32 need 5\.\d+ GiB of memory; the engine can address 4 GiB/,
    );
    const fitting = Number(/^Write (\d+) or less/.exec(remedy)?.[1]);
    const withPrompts = (promptsPerStep: number): string =>
      JSON.stringify({ name: 'a', rollout: { promptsPerStep, maxResponseTokens: 900 } });
    assert.deepEqual(problemsOf(withPrompts(fitting)), []);
    assert.equal(problemsOf(withPrompts(fitting + 1)).length, 1);
  });

  it('is refused at whichever key that is', () => {
    assert.equal(problem({ rollout: { groupSize: 2000 } }).key, 'rollout.groupSize');
    assert.equal(problem({ rollout: { maxResponseTokens: 900_000 } }).key, 'rollout.maxResponseTokens');
    assert.equal(problem({ policy: { width: 8192 } }).key, 'policy.width');
    assert.equal(problem({ policy: { ...transformer, width: 64, layers: 250 } }).key, 'policy.layers');
    assert.equal(problem({ warmStart: { batchSize: 50_000 } }).key, 'warmStart.batchSize');
  });

  it('names all keys to lower where one is not enough', () => {
    const { remedy } = problem({ policy: { ...transformer, width: 8192, layers: 200, heads: 2 }, rollout: { promptsPerStep: 50_000 } });
    for (const key of ['policy.width', 'policy.layers', 'rollout.promptsPerStep']) assert.ok(remedy.includes(key), remedy);
  });

  it('may be for another engine, which is not bound to one memory of 4 GiB', () => {
    assert.deepEqual(problemsOf(JSON.stringify({ name: 'a', rollout: { promptsPerStep: 1000 } }), 'tfjs-tensorflow'), []);
  });
});
