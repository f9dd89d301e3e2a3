import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { renderRunPicture } from '../../../src/core/inline/runPicture.ts';
import type { PicturedRun } from '../../../src/core/inline/runPicture.ts';
import { colorClass } from '../../../src/core/figure/theme.ts';
import { palette } from '../../../src/core/figure/palette.ts';

function run(steps: number, surgeAt: number | null): PicturedRun {
  const numbers = Array.from({ length: steps }, (_, index) => index + 1);
  const gradNorm = numbers.map((step) => 0.5 + 0.1 * Math.sin(step) + (surgeAt !== null && step >= surgeAt ? 2000 : 0));
  return {
    seed: 1,
    curve: { steps: numbers, gradNorm, score: numbers.map((step) => (surgeAt !== null && step >= surgeAt ? 0 : 0.8)) },
    onsetStep: surgeAt,
  };
}

const dotted = 'stroke-dasharray="1.5 3"';

describe('the picture of an estimator', () => {
  it('draws norm and score of each run in the colour of its estimator, and both plots mark the onset', () => {
    const svg = renderRunPicture({ estimator: 'opo', runs: [run(600, 181), run(600, null)], theme: 'light' });
    assert.equal(svg.split('<path').length - 1, 4);
    assert.equal(svg.split(dotted).length - 1, 2);
    assert.match(svg, new RegExp(`<g class="${colorClass(palette.opo)}">`));
    assert.match(svg, /Gradient norm \(log scale\)/);
  });

  it('has a linear axis and no onset where nothing happened', () => {
    const svg = renderRunPicture({ estimator: 'opo', runs: [run(600, null)], theme: 'dark' });
    assert.match(svg, />Gradient norm</);
    assert.doesNotMatch(svg, /stroke-dasharray/);
  });

  it('fits into a hover however many runs there are and however long they are', () => {
    const long = renderRunPicture({ estimator: 'opo', runs: [run(300_000, 1000)], theme: 'dark' });
    const many = renderRunPicture({ estimator: 'opo', runs: Array.from({ length: 24 }, () => run(600, 300)), theme: 'dark' });
    for (const svg of [long, many]) assert.ok(Buffer.from(svg).toString('base64').length < 80_000, String(svg.length));
  });

  it('draws empty plots of runs that have logged nothing', () => {
    const svg = renderRunPicture({ estimator: 'own', runs: [run(0, null)], theme: 'light' });
    assert.doesNotMatch(svg, /NaN|Infinity|undefined/);
  });
});
