import assert from 'node:assert/strict';
import { test } from 'node:test';
import { shortNames } from '../../../src/core/panel/shortNames.ts';

test('names that fit stay as they are', () => {
  assert.deepEqual(shortNames(['grpo seed 1', 'rloo seed 2'], 11), ['grpo seed 1', 'rloo seed 2']);
  assert.deepEqual(shortNames([], 5), []);
});

test('a long name loses its middle, and keeps beginning and end', () => {
  assert.deepEqual(shortNames(['tir_optimal_token_baseline seed 7', 'opo seed 7'], 15), ['tir_opt… seed 7', 'opo seed 7'].map(noBlank));
});

function noBlank(name: string): string {
  return name.replace('… ', '…');
}

test('what tells names apart is kept, wherever it stands', () => {
  const claims: Record<string, readonly string[]> = {
    beginning: ['first_long_name_of_a_run', 'other_long_name_of_a_run'],
    end: ['long_name_of_a_run_seed_1', 'long_name_of_a_run_seed_2'],
    'before the middle': ['tir_optimal_a_token_baseline_of_2026', 'tir_optimal_b_token_baseline_of_2026'],
    middle: ['sweep_of_november_lr_1e-5_with_long_answers', 'sweep_of_november_lr_3e-5_with_long_answers'],
    'after the middle': ['a_sweep_of_the_last_november_lr_1_long', 'a_sweep_of_the_last_november_lr_2_long'],
    'two places': ['grpo lr 1e-5 some words seed 1', 'rloo lr 1e-5 some words seed 2', 'grpo lr 1e-5 some words seed 2'],
  };
  for (const [where, names] of Object.entries(claims)) {
    const short = shortNames(names, 14);
    assert.equal(new Set(short).size, names.length, `${where}: ${short.join(', ')}`);
    for (const name of short) assert.ok(name.length <= 14 && name.includes('…'), name);
  }
});

test('sixty runs of a sweep stay apart in the room of a narrow list', () => {
  const names = ['dr_grpo', 'tir_optimal_token_baseline', 'opo'].flatMap((estimator) =>
    Array.from({ length: 20 }, (_, seed) => `${estimator} lr ${seed % 2 === 0 ? '1e-5' : '6e-3'} seed ${seed}`),
  );
  const short = shortNames(names, 18);
  assert.equal(new Set(short).size, 60);
  assert.ok(short.every((name) => name.length <= 18));
});

test('of the same name there may be several, and room for nothing is no reason to fail', () => {
  assert.deepEqual(shortNames(['the_same_name', 'the_same_name'], 7), ['the…ame', 'the…ame']);
  for (const name of shortNames(['one_name', 'another_name'], 0)) assert.ok(name.length <= 3);
});

test('an emoji or a letter with marks is never cut in two', () => {
  const names = [0, 1, 2].map((seed) => `${'👩‍👩‍👧‍👦'.repeat(8)}${seed}${'🇩🇪e\u0301'.repeat(4)}`);
  const letters = new Set(['…', ...Array.from(new Intl.Segmenter().segment(names.join('')), ({ segment }) => segment)]);
  for (let room = 2; room < 40; room++)
    for (const short of shortNames(names, room))
      for (const { segment } of new Intl.Segmenter().segment(short)) assert.ok(letters.has(segment), `${room}: ${JSON.stringify(short)}`);
});
