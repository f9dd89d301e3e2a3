import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { proxyDocument } from '../../study/proxy/document.ts';

describe('the page on the proxy', () => {
  const row = (estimator: 'reinforce' | 'dr_grpo' | 'opo' | 'optimal_token_baseline', variance: number, power: number) => ({
    estimator,
    variance,
    signal: 0.5,
    totalPower: 2 * power,
    power,
    pureNoise: 0,
  });
  const policy = {
    preset: 'gentle',
    estimator: 'opo',
    step: 20,
    onset: 15,
    score: 0.5,
    entropy: 1,
    responseLength: 40,
    rows: [row('reinforce', 30, 3), row('dr_grpo', 100, 10), row('opo', 10, 2), row('optimal_token_baseline', 5, 0.5)],
  };
  const page = proxyDocument({ batches: 3, findings: '## What holds', policies: [policy] });

  it('has every number by estimator, and tells which ratio is furthest off', () => {
    assert.match(page, /\| `opo` \| 10 \| 0\.5 \| 2 \| 4 \| 0 \|/);
    assert.match(page, /`opo`: 0\.2, in truth 0\.1/);
    assert.match(page, /surge from step 15 on/);
  });

  it('has no number that is none', () => assert.doesNotMatch(page, /NaN|undefined|null/));
});
