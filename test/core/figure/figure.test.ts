import assert from 'node:assert/strict';
import { test } from 'node:test';
import { groupRuns } from '../../../src/core/comparison/groups.ts';
import type { ComparedRun } from '../../../src/core/comparison/groups.ts';
import { aggregate } from '../../../src/core/figure/aggregate.ts';
import { axis } from '../../../src/core/figure/axis.ts';
import { binsOver } from '../../../src/core/figure/binning.ts';
import { renderFigure } from '../../../src/core/figure/figure.ts';
import { renderLines } from '../../../src/core/figure/lines.ts';
import { onsetLabels } from '../../../src/core/figure/onsets.ts';
import { makeGroup, makeRun } from '../comparison/runs.ts';
import { assertWellFormed } from './wellFormed.ts';

const draw = (runs: readonly ComparedRun[], title = 'Runs'): string => renderFigure({ title, groups: groupRuns(runs) });
const five = [...makeGroup('opo', 3, [1, 2]), ...makeGroup('tir_optimal_token_baseline', 3, []), ...makeGroup('dr_grpo', 3, [1, 2, 3])];

test('the figure is one well-formed SVG with a title, a description and both axes named', () => {
  const svg = draw(five, 'Fish & <chips>');
  assertWellFormed(svg);
  assert.match(svg, /^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg"/);
  assert.match(svg, /<title id="figure1-title">Fish &amp; &lt;chips&gt;<\/title>/);
  assert.match(svg, /<desc [^>]*>opo: 2 of 3 runs collapsed, onset at step 61\.5 \(median\)/);
  for (const name of ['Gradient norm (log scale)', 'Score (mean reward)', '>Step<']) assert.ok(svg.includes(name), name);
});

test('it needs nothing from outside and runs nothing', () => {
  const svg = draw(five);
  assert.doesNotMatch(svg.replaceAll('http://www.w3.org/2000/svg', ''), /https?:|<script|@import|@font-face|\bon\w+=/);
});

test('it follows the light or dark system, or is fixed to one', () => {
  assert.match(draw(five), /prefers-color-scheme:dark/);
  const dark = renderFigure({ title: '', groups: groupRuns(five), theme: 'dark' });
  assert.doesNotMatch(dark, /prefers-color-scheme/);
  assert.match(dark, /\.paper\{fill:#1b1d21\}/);
});

test('every run has a thin line that says which it is, and every group a bold one', () => {
  const svg = draw(five);
  for (const { summary } of five)
    assert.equal(svg.split(`<title>${summary.estimator}, seed ${summary.seed}</title>`).length - 1, 2, 'one in each panel');
  assert.equal(svg.match(/d="M[^"]+" stroke="currentColor" stroke-width="2\.4"/g)?.length, 6);
});

test('each onset has a dotted line and its step in both panels', () => {
  const svg = draw([makeRun({ estimator: 'opo', seed: 1, onsetStep: 43 })]);
  assert.equal(svg.split('stroke-dasharray="1.5 3"').length - 1, 2);
  assert.equal(svg.split('>43</text>').length - 1, 2);
});

test('a surge beyond the axis is marked at its edge and told in numbers', () => {
  const svg = draw([makeRun({ estimator: 'opo', seed: 1, onsetStep: 43, surge: 3e12 })]);
  assert.match(svg, /h6l-3,-4\.5z/);
  assert.match(svg, /norms above the axis, up to 3·10¹²/);
  assert.match(draw([makeRun({ estimator: 'opo', seed: 1, onsetStep: 43, surge: Infinity })]), /up to ∞/);
  assert.doesNotMatch(draw([makeRun({ estimator: 'opo', seed: 1 })]), /above the axis|h6l-3/);
});

test('no coordinate is ever NaN or infinite, whatever a run logged', () => {
  const odd = makeRun({ estimator: 'opo', seed: 1, steps: 40 });
  const curve = { steps: [1, 2, 3, 7, 8], gradNorm: [Number.NaN, Infinity, 0, -1, 1e300], score: [Number.NaN, Infinity, -Infinity, 0, 1] };
  for (const runs of [
    [],
    [{ ...odd, curve }],
    [{ ...odd, curve: { steps: [], gradNorm: [], score: [] } }],
    [makeRun({ estimator: 'opo', seed: 1, steps: 1 })],
  ]) {
    const svg = draw(runs);
    assertWellFormed(svg);
    assert.doesNotMatch(svg.replace(/<(title|desc|text|tspan)\b[^>]*>[^<]*/g, ''), /NaN|Infinity/);
  }
});

test('groups of the same estimator share its colour and differ in dashes', () => {
  const config = (learningRate: number): unknown => ({ optimizer: { learningRate } });
  const svg = draw([
    makeRun({ estimator: 'opo', seed: 1, config: config(0.1) }),
    makeRun({ estimator: 'opo', seed: 1, config: config(0.2) }),
  ]);
  assert.match(svg, /stroke-dasharray="7 4"/);
  assert.match(svg, /opo \(learningRate 0\.2\)/);
});

test('a surge that came after the collapse has a dotted line of its own, and says what it is', () => {
  const run = makeRun({ estimator: 'opo', seed: 1, onsetStep: 20 });
  const call = { type: 'collapse', step: 27, onsetStep: 20, message: '', advice: '', data: {} } as const;
  const plain = draw([{ ...run, events: [call] }]);
  const surged = draw([{ ...run, events: [call, { ...call, type: 'unstable', step: 75, onsetStep: 70 }] }]);
  assert.equal(surged.match(/stroke-dasharray="1\.5 3"/g)?.length, 2 * (plain.match(/stroke-dasharray="1\.5 3"/g)?.length ?? 0));
  assert.match(surged, />surge 70</);
  assert.match(surged, /Dotted: onset of a collapse, or of a surge after it/);
  assert.doesNotMatch(plain, /surge/);
});

test('crowded onset labels share one that counts them', () => {
  const xAxis = axis('linear', [0, 1000], [0, 500]);
  const label = (steps: readonly number[]): string[] =>
    onsetLabels(
      steps.map((step) => ({ step, color: 'a' })),
      xAxis,
    ).map(({ text }) => text);
  assert.deepEqual(label([100, 500, 900]), ['100', '500', '900']);
  assert.deepEqual(label([900, 100, 102, 110]), ['3×', '900']);
  assert.deepEqual(
    onsetLabels(
      [
        { step: 1, color: 'a' },
        { step: 2, color: 'b' },
      ],
      xAxis,
    ).map(({ color }) => color),
    [null],
  );
});

test('a collapsed run that was stopped counts on in the mean, so that its end does not lift the line', () => {
  const steps = (last: number): number[] => Array.from({ length: last }, (_, index) => index + 1);
  const survivor = { steps: steps(20), values: steps(20).map(() => 1), collapsed: false };
  const stopped = { steps: steps(10), values: steps(10).map(() => 0), collapsed: true };
  const bins = binsOver([1, 20], 60);
  assert.deepEqual(
    aggregate([survivor, stopped], bins, 'mean').map(({ centre }) => centre),
    steps(20).map(() => 0.5),
  );
  const unfinished = { ...stopped, collapsed: false };
  assert.equal(aggregate([survivor, unfinished], bins, 'mean').length, 10, 'a run that is still going ends the line');
});

test('the small line chart draws a line and a marker for each value, and breaks where one is missing', () => {
  const points = [
    { x: 4, y: 20 },
    { x: 8, y: Number.NaN },
    { x: 16, y: 5 },
  ];
  const svg = renderLines({
    title: 'Variance',
    description: 'd',
    xTitle: 'N',
    yTitle: 'Var',
    xScale: 'log',
    yScale: 'log',
    xTicks: [4, 8, 16],
    series: [{ estimator: 'opo', points }],
  });
  assertWellFormed(svg);
  assert.doesNotMatch(svg, /NaN/);
  for (const tick of ['>4<', '>8<', '>16<']) assert.ok(svg.includes(tick));
  assert.equal(svg.split('translate(').length - 1, 3, 'two values and the legend');
});
