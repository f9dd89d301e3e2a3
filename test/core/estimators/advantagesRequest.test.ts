import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { advantageRows, AdvantagesRequestError, parseAdvantagesRequest } from '../../../src/core/estimators/advantagesRequest.ts';
import { advantagesOf } from './batches.ts';

const request = {
  token_level_rewards: [
    [0, 1],
    [0, 0],
  ],
  response_mask: [
    [1, 1],
    [1, 0],
  ],
  index: ['a', 'a'],
  old_log_probs: [
    [-0.5, -1],
    [-2, 0],
  ],
  sum_pi_squared: [
    [0.6, 0.4],
    [0.3, 0],
  ],
};

describe('an advantages request', () => {
  it('becomes a batch, and advantages become rows again', () => {
    const batch = parseAdvantagesRequest(request, 'dr_grpo');
    assert.equal(batch.batch, 2);
    assert.equal(batch.length, 2);
    assert.deepEqual(advantageRows(batch, advantagesOf('dr_grpo', batch)), [
      [0.5, 0.5],
      [-0.5, 0],
    ]);
  });

  it('groups by string or number, in order of first appearance', () => {
    const groups = (index: readonly unknown[]): number[] => {
      const rows = index.map(() => [0]);
      return Array.from(parseAdvantagesRequest({ token_level_rewards: rows, response_mask: rows, index }, 'grpo').groups);
    };
    assert.deepEqual(groups(['b', 'a', 'b', 'c']), [0, 1, 0, 2]);
    assert.deepEqual(groups([7, 7, 3]), [0, 0, 1]);
    assert.deepEqual(groups([1, '1']), [0, 1]);
  });

  it('keeps the digits of rewards: grpo tells them apart far below float32', () => {
    const rows = { response_mask: [[1], [1]], index: [0, 0] };
    const advantages = (rewards: readonly number[][]): number[][] => {
      const batch = parseAdvantagesRequest({ ...rows, token_level_rewards: rewards }, 'grpo');
      return advantageRows(batch, advantagesOf('grpo', batch));
    };
    // A deviation of 1e-9 / √2 under the epsilon of 1e-6.
    const expected = 5e-10 / (1e-9 / Math.SQRT2 + 1e-6);
    const [[first], [second]] = advantages([[1 + 1e-9], [1]]) as [[number], [number]];
    assert.ok(Math.abs(first - expected) < 1e-9 && Math.abs(second + expected) < 1e-9);
  });

  it('takes a mask of booleans, the zero tail by default, and keys that it does not know', () => {
    const batch = parseAdvantagesRequest(
      {
        ...request,
        response_mask: [
          [true, true],
          [true, false],
        ],
        prompts: 'whatever',
      },
      'optimal_token_baseline',
    );
    assert.deepEqual(Array.from(batch.mask), [1, 1, 1, 0]);
    assert.equal(batch.handleZeroTail, true);
    assert.equal(batch.importanceWeights, null);
    assert.equal(parseAdvantagesRequest({ ...request, handle_zero_tail: false, rollout_is_weights: null }, 'grpo').handleZeroTail, false);
  });

  it('asks only for what the estimator needs', () => {
    const { token_level_rewards, response_mask, index } = request;
    assert.doesNotThrow(() => parseAdvantagesRequest({ token_level_rewards, response_mask, index }, 'opo'));
    assert.doesNotThrow(() => parseAdvantagesRequest({ token_level_rewards, response_mask }, 'reinforce_plus_plus'));
    assert.throws(
      () => parseAdvantagesRequest({ token_level_rewards, response_mask, index }, 'optimal_token_baseline'),
      /^AdvantagesRequestError: old_log_probs is missing; optimal_token_baseline needs it\.$/,
    );
    assert.throws(() => parseAdvantagesRequest({ token_level_rewards, response_mask }, 'grpo'), /index is missing; grpo needs it/);
  });

  it('may be empty', () => {
    const batch = parseAdvantagesRequest({ token_level_rewards: [], response_mask: [], index: [] }, 'grpo');
    assert.deepEqual(advantageRows(batch, advantagesOf('grpo', batch)), []);
  });

  const broken: readonly (readonly [string, unknown, RegExp])[] = [
    ['no object', [1], /The request is an array of 1; needed is an object/],
    ['no rows', { ...request, token_level_rewards: 3 }, /token_level_rewards is 3; needed is an array/],
    ['a row that is none', { ...request, token_level_rewards: [0, 1] }, /token_level_rewards\[0\] is 0; needed is an array/],
    ['ragged rewards', { ...request, token_level_rewards: [[0, 1], [0]] }, /token_level_rewards\[1\] has 1 numbers; needed are 2/],
    [
      'a ragged mask',
      { ...request, response_mask: [[1, 1], [1]] },
      /response_mask\[1\] has 1 numbers; needed are 2.*Pad shorter responses/,
    ],
    ['too few rows', { ...request, sum_pi_squared: [[0, 0]] }, /sum_pi_squared has 1 rows; needed are 2/],
    [
      'a word for a number',
      {
        ...request,
        old_log_probs: [
          [-1, 'x'],
          [0, 0],
        ],
      },
      /old_log_probs\[0\]\[1\] is the string "x"; needed is a finite number/,
    ],
    [
      'a null reward',
      {
        ...request,
        token_level_rewards: [
          [0, null],
          [0, 0],
        ],
      },
      /token_level_rewards\[0\]\[1\] is null; needed is a finite number/,
    ],
    [
      'a fractional mask',
      {
        ...request,
        response_mask: [
          [1, 0.5],
          [1, 0],
        ],
      },
      /response_mask\[0\]\[1\] is 0\.5; needed is 1 for a token/,
    ],
    ['a short index', { ...request, index: ['a'] }, /index has 1 entries; needed are 2/],
    ['an index of objects', { ...request, index: ['a', {}] }, /index\[1\] is an object; needed is a string or number/],
    ['a flag that is none', { ...request, handle_zero_tail: 1 }, /handle_zero_tail is 1; needed is true or false/],
    [
      'ragged weights',
      {
        ...request,
        rollout_is_weights: [
          [1, 1],
          [1, 1, 1],
        ],
      },
      /rollout_is_weights\[1\] has 3 numbers; needed are 2/,
    ],
  ];
  for (const [what, document, message] of broken) {
    it(`says where ${what} is and what is needed`, () => {
      assert.throws(
        () => parseAdvantagesRequest(document, 'optimal_token_baseline'),
        (error) => error instanceof AdvantagesRequestError && message.test(error.message),
      );
    });
  }
});
