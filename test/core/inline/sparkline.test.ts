import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { sparkline } from '../../../src/core/inline/sparkline.ts';

describe('sparkline', () => {
  it('shows a surge over decades on a log scale', () => {
    assert.equal(sparkline([0.5, 5, 50, 500, 5000], 24), '▁▂▃▅▇');
  });

  it('keeps the noise of a healthy run low', () => {
    assert.equal(sparkline([0.5, 0.6, 0.55, 0.5], 24), '▁▁▁▁');
  });

  it('puts an overflow at the top, a norm of zero at the bottom, and leaves a gap for a missing value', () => {
    assert.equal(sparkline([0.1, 0, Number.NaN, 1, Infinity], 24), '▁▁ ▇▇');
  });

  it('keeps every surge when it pools values', () => {
    assert.equal(sparkline([1, 1, 1, 100, 1, 1], 3), '▁▇▁');
  });

  it('is empty without values', () => {
    assert.equal(sparkline([], 8), '');
  });
});
