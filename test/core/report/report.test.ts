import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compareRuns } from '../../../src/core/comparison/comparison.ts';
import type { ComparedRun } from '../../../src/core/comparison/groups.ts';
import { renderReport } from '../../../src/core/report/report.ts';
import { makeGroup, makeRun } from '../comparison/runs.ts';
import { assertWellFormed } from '../figure/wellFormed.ts';

function report(runs: readonly ComparedRun[], title = 'figure1'): string {
  const environment = { Engine: 'wasm', Commit: 'abc <dirty>' };
  return renderReport({
    title,
    comparison: compareRuns(runs),
    command: ['otb', 'compare', 'my runs'],
    createdAt: '2026-01-02T03:04:05Z',
    environment,
  });
}

const visible = (html: string): string =>
  html
    .replace(/<style>.*?<\/style>/gs, '')
    .replace(/<svg.*?<\/svg>/gs, '')
    .replace(/<[^>]+>/g, ' ')
    .replaceAll('&#39;', "'")
    .replace(/\s+/g, ' ');
const runs = [...makeGroup('tir_optimal_token_baseline', 4, [2]), ...makeGroup('opo', 4, [1, 2, 3])];

test('the report is one file: no script, nothing from outside, and a policy that forbids both', () => {
  const html = report(runs);
  assert.match(html, /http-equiv="Content-Security-Policy" content="default-src &#39;none&#39;; style-src &#39;unsafe-inline&#39;"/);
  assert.doesNotMatch(html.replaceAll('http://www.w3.org/2000/svg', ''), /https?:|<script|<link|<img|<iframe|@import|url\((?!#)|\bon\w+=/);
});

test('it says of which runs something cannot be judged, and why', () => {
  assert.doesNotMatch(visible(report(runs)), /Not judged/);
  const notJudged = 'The run logs no gradient norm (actor/grad_norm), so a surge cannot be seen.';
  const html = report([{ ...makeRun({ estimator: 'opo', seed: 3 }), notJudged }, makeRun({ estimator: 'opo', seed: 4 })]);
  assert.match(visible(html), /Not judged opo, seed 3: The run logs no gradient norm \(actor\/grad_norm\), so a surge cannot be seen\./);
});

test('it tells of a surge after a collapse, and of runs that have fallen silent', () => {
  const collapsed = makeRun({ estimator: 'opo', seed: 3, onsetStep: 30 });
  const call = { type: 'collapse', step: 37, onsetStep: 30, message: 'The score fell.', advice: '', data: {} } as const;
  const surge = { ...call, type: 'unstable', step: 75, onsetStep: 70, message: 'The norm surged.' } as const;
  const healthy = makeRun({ estimator: 'opo', seed: 4 });
  const silence = { ...call, type: 'silent', step: 90, onsetStep: 61, message: 'No gradient.', advice: 'Look.' } as const;
  const silent = { ...healthy, summary: { ...healthy.summary, state: 'silent' as const }, events: [silence] };
  const text = visible(report([{ ...collapsed, events: [call, surge] }, silent]));
  assert.match(text, /began at step 30, noticed at step 37\. The score fell\. Later, at step 75: The norm surged\./);
  assert.match(text, /Silent opo, seed 4 : silent since step 61\. No gradient\. Look\./);
  assert.doesNotMatch(visible(report([collapsed])), /Silent/);
});

test('it is well-formed and starts as an HTML document in a language', () => {
  const html = report(runs);
  assert.match(html, /^<!doctype html>\n<html lang="en"><head><meta charset="utf-8">/);
  assertWellFormed(html);
});

test('all text is escaped: titles, sources, configs, events and the environment', () => {
  const attack = '"><script>alert(1)</script>';
  const run = makeRun({ estimator: attack, seed: 1, onsetStep: 30, config: { name: attack } });
  const event = { type: 'collapse', step: 40, onsetStep: 30, message: attack, advice: attack, data: {} } as const;
  const html = report([{ ...run, source: attack, events: [event] }], attack);
  assert.doesNotMatch(html, /<script/);
  assertWellFormed(html);
  assert.ok(html.includes('abc &lt;dirty&gt;'));
});

test('the verdict, every group and every run are there as text, for those who cannot see the figure', () => {
  const text = visible(report(runs));
  assert.ok(text.includes('4 of 8 runs collapsed. Fewest: tir_optimal_token_baseline (1 of 4); most: opo (3 of 4).'));
  for (const { summary } of runs) {
    const onset = summary.onsetStep === null ? 'healthy – –' : `collapsed ${summary.onsetStep} ${summary.detectedStep}`;
    assert.ok(text.includes(`${summary.estimator} ${summary.seed} ${summary.steps} ${onset}`), `${summary.estimator} s${summary.seed}`);
  }
  assert.match(text, /opo 4 3 75 % \[30 %, 95 %\] 62 \(61–63\)/);
});

test('each collapse has its sentence and its advice; without one the report says so', () => {
  const run = makeRun({ estimator: 'opo', seed: 1, onsetStep: 30 });
  const event = {
    type: 'collapse',
    step: 37,
    onsetStep: 30,
    message: 'The gradient norm stays high.',
    advice: 'Lower the learning rate.',
    data: {},
  } as const;
  const text = visible(report([{ ...run, events: [event] }]));
  assert.match(
    text,
    /opo, seed 1 : began at step 30, noticed at step 37\. The gradient norm stays high\. What to do Lower the learning rate\./,
  );
  assert.match(visible(report([makeRun({ estimator: 'opo', seed: 1 })])), /No run collapsed\./);
});

test('it says how it was made: command that can be pasted, date, config once, environment', () => {
  const config = (seed: number): unknown => ({ name: 'figure1', seed, estimator: 'opo', optimizer: { learningRate: 0.008 } });
  const html = report([
    makeRun({ estimator: 'opo', seed: 1, config: config(1) }),
    makeRun({ estimator: 'opo', seed: 2, config: config(2) }),
  ]);
  assert.match(visible(html), /otb compare 'my runs'/);
  assert.match(html, /2026-01-02T03:04:05Z/);
  assert.equal(html.split('&quot;learningRate&quot;: 0.008').length - 1, 1);
});

test('a comparison without runs is a report too', () => {
  const html = report([]);
  assertWellFormed(html);
  assert.match(visible(html), /There are no runs to compare\./);
});
