import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { packageRoot } from '../../src/cli/packageRoot.ts';
import { otb } from './otb.ts';

interface GoldenCase {
  readonly name: string;
  readonly rollouts: Readonly<Record<string, unknown>>;
  readonly handle_zero_tail: boolean;
  readonly advantages: Readonly<Record<string, readonly (readonly number[])[]>>;
}

const golden = JSON.parse(
  readFileSync(path.join(packageRoot(), 'test/data/estimators/verl-advantages.json'), 'utf8'),
) as readonly GoldenCase[];
const request = {
  token_level_rewards: [
    [0, 1],
    [0, 0],
  ],
  response_mask: [
    [1, 1],
    [1, 1],
  ],
  index: ['a', 'a'],
};

for (const { name, rollouts, handle_zero_tail, advantages } of golden.slice(0, 2)) {
  for (const estimator of ['grpo', 'optimal_token_baseline', 'tir_optimal_token_baseline']) {
    test(`${estimator} agrees with verl to 1e-6 from standard input to standard output: ${name}`, async () => {
      const { code, stdout, stderr } = await otb(['advantages', '--estimator', estimator], {
        stdin: JSON.stringify({ ...rollouts, handle_zero_tail }),
      });
      assert.deepEqual([code, stderr], [0, '']);
      const result = JSON.parse(stdout) as { advantages: number[][] };
      const expected = advantages[estimator];
      assert.ok(expected);
      assert.deepEqual(
        result.advantages.map((row) => row.length),
        expected.map((row) => row.length),
      );
      expected.forEach((row, i) =>
        row.forEach((value, t) => assert.ok(Math.abs((result.advantages[i]?.[t] ?? Number.NaN) - value) <= 1e-6, `row ${i} token ${t}`)),
      );
    });
  }
}

test('the result is one JSON document with an array for each response', async () => {
  const { code, stdout } = await otb(['advantages', '--estimator', 'dr_grpo', '--json'], { stdin: JSON.stringify(request) });
  assert.equal(code, 0);
  assert.deepEqual(JSON.parse(stdout), {
    advantages: [
      [0.5, 0.5],
      [-0.5, -0.5],
    ],
  });
});

const badInput: readonly (readonly [what: string, stdin: string, message: RegExp])[] = [
  ['nothing', '', /standard input is empty/],
  ['broken JSON', '{"token_level_rewards": [[0, 1],\n  [0, oops]]}', /^otb: standard input:2:7: this is not JSON: .* at "oops"/],
  ["Python's NaN", '{"token_level_rewards": [[NaN]]}', /^otb: standard input:1:27: this is not JSON: .* at "NaN"/],
  ['a list', '[]', /request is an array of 0; needed is an object/],
  ['no rewards', '{}', /token_level_rewards is missing; dr_grpo needs it/],
  ['no index', JSON.stringify({ ...request, index: undefined }), /index is missing; dr_grpo needs it/],
  [
    'ragged rows',
    JSON.stringify({ ...request, token_level_rewards: [[0, 1], [0]] }),
    /token_level_rewards\[1\] has 1 numbers; needed are 2/,
  ],
  [
    'a text for a number',
    JSON.stringify({
      ...request,
      token_level_rewards: [
        [0, 'x'],
        [0, 0],
      ],
    }),
    /token_level_rewards\[0\]\[1\] is the string "x"/,
  ],
];
for (const [what, stdin, message] of badInput) {
  test(`bad input says what and where, exit 2: ${what}`, async () => {
    const { code, stdout, stderr } = await otb(['advantages', '--estimator', 'dr_grpo'], { stdin });
    assert.equal(code, 2);
    assert.equal(stdout, '');
    assert.match(stderr, message);
    assert.doesNotMatch(stderr, /\n\s+at /);
  });
}
