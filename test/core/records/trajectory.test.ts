import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { stringify } from '../../../src/core/records/json.ts';
import { parseTrajectoryLine } from '../../../src/core/records/trajectory.ts';
import type { Trajectory } from '../../../src/core/records/trajectory.ts';

const whole = {
  sequence: 3,
  group: 1,
  prompt: ['7', '+', '1', '='],
  response: ['<call>', '8', '</call>', '8', '.'],
  reward: 0.5,
  turns: 2,
  truncated: false,
  log_probs: [-0.5, -1, null, -0.25, 0],
  sum_pi_squared: [0.5, 0.25, null, 0.75, 1],
  realized_energy: [0.25, 0.5, null, 0.125, 0],
  advantages: { grpo: 1.5, optimal_token_baseline: [1, 0.5, null, 0.25, 'NaN'], of_tomorrow: [1] },
  baselines: { dr_grpo: 0.25, optimal_token_baseline: [0, 0.5, null, 0.75, 1] },
};

function parsed(line: unknown): Trajectory {
  const trajectory = parseTrajectoryLine(stringify(line));
  assert.ok(typeof trajectory !== 'string', String(trajectory));
  return trajectory;
}

function problemOf(changes: Readonly<Record<string, unknown>>): string {
  const problem = parseTrajectoryLine(stringify({ ...whole, ...changes }));
  assert.ok(typeof problem === 'string', 'it was taken');
  return problem;
}

describe('a line of rollouts', () => {
  it('is a trajectory whose values stand at the tokens that the policy chose', () => {
    const trajectory = parsed(whole);
    assert.deepEqual(trajectory.mask, Uint8Array.of(1, 1, 0, 1, 1));
    assert.deepEqual(trajectory.logProbs, Float32Array.of(-0.5, -1, Number.NaN, -0.25, 0));
    assert.deepEqual(trajectory.response, whole.response);
    assert.equal(trajectory.advantages.grpo, 1.5);
    assert.deepEqual(trajectory.advantages.optimal_token_baseline, Float32Array.of(1, 0.5, Number.NaN, 0.25, Number.NaN));
    assert.equal(Object.keys(trajectory.advantages).length, 2);
    assert.equal(trajectory.baselines.dr_grpo, 0.25);
  });

  it('has the accumulated energy that is written, and the running sum where none is; both stand still over what a tool said', () => {
    assert.deepEqual(parsed(whole).accumulatedEnergy, Float32Array.of(0.25, 0.75, 0.75, 0.875, 0.875));
    const written = { ...whole, accumulated_energy: [1, 2, null, 3, 4] };
    assert.deepEqual(parsed(written).accumulatedEnergy, Float32Array.of(1, 2, 2, 3, 4));
    const withoutEnergy = { ...whole, realized_energy: null };
    assert.deepEqual(
      parsed(withoutEnergy).tokenEnergy,
      Float32Array.of(1 - 2 * Math.exp(-0.5) + 0.5, 1 - 2 * Math.exp(-1) + 0.25, Number.NaN, 1 - 2 * Math.exp(-0.25) + 0.75, 0),
    );
  });

  it('is null where it says nothing, and tells as a fact what nothing is made of', () => {
    const { sequence, group, prompt, response } = whole;
    const trajectory = parsed({ sequence, group, prompt, response, note: 'by hand', tries: 3, nested: [1] });
    const { mask, reward, turns, truncated, logProbs, sumPiSquared, tokenEnergy, accumulatedEnergy, advantages } = trajectory;
    assert.deepEqual([mask, reward, turns, truncated, logProbs, sumPiSquared, tokenEnergy, accumulatedEnergy], Array(8).fill(null));
    assert.deepEqual(advantages, {});
    assert.deepEqual(trajectory.facts, { note: 'by hand', tries: 3 });
  });

  it('has numbers that JSON has not, as texts and as Python writes them', () => {
    assert.equal(parsed({ ...whole, reward: Number.NaN }).reward, Number.NaN);
    const python = parseTrajectoryLine(JSON.stringify(whole).replace('-0.25', 'NaN').replace('"reward":0.5', '"reward":-Infinity'));
    assert.ok(typeof python !== 'string');
    assert.deepEqual([python.reward, python.mask?.[3], python.logProbs?.[3]], [Number.NEGATIVE_INFINITY, 1, Number.NaN]);
  });

  it('may have 8,192 tokens with values of ten estimators', () => {
    const tokens = 8192;
    const values = Array<number>(tokens).fill(0.5);
    const names = ['reinforce', 'dr_grpo', 'grpo', 'rloo', 'opo', 'reinforce_plus_plus', 'reinforce_plus_plus_baseline'];
    const many = Object.fromEntries(
      [...names, 'optimal_trajectory_baseline', 'optimal_token_baseline', 'tir_optimal_token_baseline'].map((name) => [name, values]),
    );
    const lists = { log_probs: values, sum_pi_squared: values, realized_energy: values, accumulated_energy: values };
    const line = {
      sequence: 0,
      group: 0,
      prompt: ['a'],
      response: Array<string>(tokens).fill('b'),
      ...lists,
      advantages: many,
      baselines: many,
    };
    assert.equal(Object.keys(parsed(line).advantages).length, 10);
  });

  it('is refused in words that name the key and what is wrong', () => {
    assert.equal(problemOf({ sequence: -1 }), 'sequence is not a whole number from 0 but -1');
    assert.equal(problemOf({ group: undefined }), 'group is missing');
    assert.equal(problemOf({ prompt: 'text' }), 'prompt is not a list of texts but "text"');
    assert.equal(problemOf({ response: ['a', 1] }), 'response[1] is not a text but 1');
    assert.equal(problemOf({ reward: 'high' }), 'reward is not a number but "high"');
    assert.equal(problemOf({ truncated: 1 }), 'truncated is not true or false but 1');
    assert.equal(problemOf({ log_probs: [1, 2] }), 'log_probs has 2 values, and response has 5 tokens');
    assert.equal(problemOf({ log_probs: [1] }), 'log_probs has 1 value, and response has 5 tokens');
    assert.equal(problemOf({ sum_pi_squared: [1, 1, null, 'x', 1] }), 'sum_pi_squared[3] is not a number but "x"');
    assert.equal(problemOf({ sum_pi_squared: [1, 1, 1, 1, 1] }), 'log_probs[2] is null, and sum_pi_squared[2] is a number');
    assert.equal(problemOf({ baselines: { opo: [null, 1, null, 1, 1] } }), 'baselines.opo[0] is null, and log_probs[0] is a number');
    assert.equal(problemOf({ advantages: { grpo: 'large' } }), 'advantages.grpo is not a list of numbers but "large"');
    assert.equal(parseTrajectoryLine('[1]'), 'is not a JSON object');
    assert.equal(parseTrajectoryLine('{"sequence": 1, "gro'), 'is not JSON, or is cut off');
  });
});
