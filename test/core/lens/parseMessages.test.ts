import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { LensHostMessage, LensMessage, LensRow } from '../../../src/core/lens/messages.ts';
import { noiseReport } from '../../../src/core/lens/noise.ts';
import { parseLensHostMessage, parseLensMemory, parseLensMessage } from '../../../src/core/lens/parseMessages.ts';
import type { Trajectory } from '../../../src/core/records/trajectory.ts';

const trajectory: Trajectory = {
  sequence: 0,
  group: 0,
  prompt: ['?'],
  response: ['a', 'b'],
  isTokenized: true,
  mask: Uint8Array.of(1, 0),
  reward: 1,
  turns: 1,
  truncated: null,
  logProbs: Float32Array.of(-1, Number.NaN),
  sumPiSquared: Float32Array.of(0.5, Number.NaN),
  tokenEnergy: null,
  accumulatedEnergy: null,
  advantages: { grpo: 1, optimal_token_baseline: Float32Array.of(1, Number.NaN) },
  baselines: {},
  facts: { acc: true, gts: 'x', none: null },
};
const row: LensRow = {
  ...{ sequence: 0, group: 0, promptStart: '?', responseStart: 'ab', reward: 1, turns: 1, truncated: null, tokens: 2, actions: 1 },
  ...{ characters: 2, energy: 0.5, largestAdvantage: { grpo: -1 }, facts: {} },
};
const hostMessages: readonly LensHostMessage[] = [
  { type: 'source', name: 'grpo seed 1', place: '{}', estimator: 'grpo', steps: [1, 5] },
  { type: 'source', name: 'a file', estimator: null, steps: [] },
  { type: 'step', step: 5 },
  { type: 'rows', step: 5, rows: [row], isComplete: true },
  { type: 'malformed', step: 5, lines: [{ line: 1, problem: 'is cut off' }] },
  { type: 'trajectories', step: 5, trajectories: [trajectory] },
  { type: 'found', step: 5, text: 'a', sequences: [0] },
  { type: 'noise', step: 5, noise: 'There are no trajectories at this step.' },
  { type: 'noise', step: 5, noise: noiseReport([trajectory, { ...trajectory, sequence: 1, reward: 0 }], { inUse: 'grpo', signal: null }) },
  { type: 'failure', step: 5, message: 'It is gone.' },
];
const lensMessages: readonly LensMessage[] = [
  { type: 'ready', step: null },
  { type: 'step', step: 3 },
  { type: 'want', step: 3, sequences: [0, 7] },
  { type: 'search', step: 3, text: 'x' },
  { type: 'openFile', step: 3 },
  { type: 'error', message: 'x is not a function' },
];

describe('messages of a token lens', () => {
  it('are taken as they are, typed arrays and all', () => {
    for (const message of hostMessages) assert.equal(parseLensHostMessage(message), message);
    for (const message of lensMessages) assert.equal(parseLensMessage(message), message);
    const memory = { version: 1, place: '{}', step: 3 };
    assert.equal(parseLensMemory(memory), memory);
  });

  it('are refused in words that say where they are wrong', () => {
    const changed = (changes: object): unknown => ({ type: 'trajectories', step: 1, trajectories: [{ ...trajectory, ...changes }] });
    assert.equal(parseLensHostMessage(changed({ mask: [1, 0] })), 'message.trajectories[0].mask is not bytes');
    assert.equal(parseLensHostMessage(changed({ mask: Uint8Array.of(1) })), 'message.trajectories[0] has other values than tokens');
    assert.equal(parseLensHostMessage(changed({ advantages: { mine: 1 } })), 'message.trajectories[0].advantages.mine is no estimator');
    assert.equal(
      parseLensHostMessage({ type: 'rows', step: 1, rows: [{ ...row, characters: -1 }], isComplete: true }),
      'message.rows[0].characters is not a count',
    );
    assert.equal(parseLensMessage({ type: 'want', step: '3', sequences: [] }), 'message.step is not a step');
    assert.match(String(parseLensMessage({ type: 'delete' })), /^message\.type is none of ready, step/);
    assert.equal(parseLensMemory(undefined), 'memory is not an object');
  });
});
