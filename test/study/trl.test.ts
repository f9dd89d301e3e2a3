import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseResults, resultsText } from '../../study/trl/results.ts';
import type { TrlResults, TrlRun } from '../../study/trl/results.ts';
import { trlSection, withSection } from '../../study/trl/section.ts';

const run = (estimator: string, seed: number, given: Partial<TrlRun> = {}): TrlRun => ({
  estimator,
  seed,
  state: 'healthy',
  onsetStep: null,
  detectedStep: null,
  gradNorm: Array.from({ length: 30 }, () => 0.5),
  score: Array.from({ length: 30 }, () => 0.75),
  powerRatio: 0.5,
  seconds: 0.25,
  ...given,
});

const results: TrlResults = {
  environment: { trl: '1.16.0' },
  settings: [
    {
      name: 'trl-ledger',
      purpose: 'The preset as it is.',
      steps: 30,
      seeds: [1, 2],
      runs: [
        run('dr_grpo', 1, { gradNorm: [Number.NaN, 2, Infinity], score: [0.25, 0.5, Number.NaN], powerRatio: 1 }),
        run('dr_grpo', 2, { gradNorm: [4, 4, 4], powerRatio: 1 }),
        run('tir_optimal_token_baseline', 1, { gradNorm: [1, 1, 1] }),
        run('tir_optimal_token_baseline', 2, { gradNorm: [1, 1, 1], powerRatio: null }),
      ],
    },
  ],
};

describe('results of the study of TRL', () => {
  it('are the same after they were written and read, gradient norms that overflowed and steps without a score included', () => {
    assert.deepEqual(parseResults(resultsText(results)), results);
  });

  it('compare norm and total power with those of the group mean, seed by seed', () => {
    const { markdown, figures } = trlSection(results, 'By hand.\n');
    // 1 / Infinity of seed 1 and 1 / 4 of seed 2, of the medians; the total power of one seed is not known.
    assert.match(markdown, /\| `tir_optimal_token_baseline` \| 0\.125 ± [\d.]+ \| 0\.5 ± 0 \|/);
    assert.match(markdown, /\nBy hand\.\n/);
    assert.match(markdown, /30 steps a run: less than the \d+ of the whole study/);
    assert.deepEqual([...figures.keys()], ['trl-ledger.svg']);
  });

  it('take the place of the section that the page has, at its end', () => {
    const page = withSection('# Study\n\nText.\n', '## With TRL\n\nOld.');
    assert.equal(page, '# Study\n\nText.\n\n## With TRL\n\nOld.\n');
    assert.equal(withSection(page, '## With TRL\n\nNew.'), '# Study\n\nText.\n\n## With TRL\n\nNew.\n');
  });
});
