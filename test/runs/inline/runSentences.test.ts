import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { afterText, outcomeText, problemText, runningText } from '../../../src/runs/inline/runSentences.ts';
import type { OwnRun } from '../../../src/runs/catalog/runOverview.ts';
import { collapsedOverview, overview } from './overview.ts';

function silentOverview(estimator: string, seed: number): OwnRun {
  const silence = { type: 'silent', step: 118, onsetStep: 101, time: 0, message: 'No gradient.', advice: '', data: {} } as const;
  return overview(estimator, seed, { collapse: 'silent', collapseEvents: [silence] });
}

describe('the text behind an estimator', () => {
  it('shows sparkline, step, score and norm of a run that goes on', () => {
    assert.deepEqual(afterText([overview('opo', 1)], 'long'), { text: '▁▁▃▇ step 120/600 · score 0.42 · |g| 0.312', tone: 'muted' });
  });

  it('shows what several runs have in common', () => {
    const runs = [overview('opo', 1), overview('opo', 2, { step: 123, score: 0.6, gradNorm: 0.5 })];
    assert.equal(afterText(runs, 'long')?.text, '▁▁▃▇ 2 runs · step 120–123/600 · score 0.51 · |g| 0.406');
  });

  it('warns of a collapse with its onset and the norm of the run that collapsed first', () => {
    assert.deepEqual(afterText([collapsedOverview('opo', 1, 181)], 'long'), { text: '▁▁▃▇ collapsed at 181', tone: 'warning' });
    const three = [
      collapsedOverview('opo', 1, 240),
      collapsedOverview('opo', 2, 181, { sparkline: [1, 10] }),
      overview('opo', 3, { process: 'finished', step: 600 }),
    ];
    assert.equal(afterText(three, 'long')?.text, '▁▇ 2 of 3 collapsed, first at 181');
  });

  it('warns of a silent run with since when, and of several with how many', () => {
    const silent = silentOverview('opo', 1);
    assert.deepEqual(afterText([silent], 'long'), {
      text: '▁▁▃▇ silent since step 101 · step 120/600 · score 0.42 · |g| 0.312',
      tone: 'warning',
    });
    assert.match(afterText([silent, overview('opo', 2)], 'long')?.text ?? '', / 1 of 2 silent · 2 runs · /);
    assert.deepEqual(afterText([collapsedOverview('opo', 2, 181), silent], 'short'), {
      text: '▁▁▃▇ 1/2 collapsed · 1 of 2 silent',
      tone: 'warning',
    });
  });

  it('is short where estimators share a line', () => {
    assert.equal(afterText([overview('opo', 1)], 'short')?.text, '▁▁▃▇ 0.42 · step 120/600');
    assert.equal(afterText([collapsedOverview('opo', 1, 181), overview('opo', 2)], 'short')?.text, '▁▁▃▇ 1/2 collapsed');
  });

  it('says how far a run has come that has no step yet, and how one ended', () => {
    const fresh = { step: 0, score: Number.NaN, gradNorm: Number.NaN, sparkline: [] };
    assert.equal(afterText([overview('opo', 1, { ...fresh, process: 'starting' })], 'long')?.text, 'starting');
    assert.equal(afterText([overview('opo', 1, { ...fresh, warmStart: 0.4 })], 'long')?.text, 'warm start 40 %');
    assert.match(afterText([overview('opo', 1, { process: 'failed' })], 'long')?.text ?? '', /failed at step 120\/600 · score 0\.42/);
    assert.match(afterText([overview('opo', 1, { process: 'finished', step: 600 })], 'long')?.text ?? '', / 600 steps · score/);
  });

  it('is missing where there are no runs', () => {
    assert.equal(afterText([], 'long'), undefined);
  });
});

describe('the lens of a config', () => {
  const runs = [
    collapsedOverview('dr_grpo', 1, 181),
    overview('dr_grpo', 2, { process: 'finished', score: 0.7 }),
    overview('opo', 1, { process: 'finished', score: 0.912 }),
  ];

  it('says how many collapsed and which estimator scores best in the mean over seeds', () => {
    assert.equal(outcomeText({ runsDir: '', group: '', runs }), '1 of 3 collapsed, best opo 0.91');
    assert.equal(outcomeText({ runsDir: '', group: '', runs: runs.slice(1, 2) }), 'no collapse, best dr_grpo 0.70');
  });

  it('says how many are silent', () => {
    const group = { runsDir: '', group: '', runs: [overview('opo', 2), silentOverview('opo', 1)] };
    assert.equal(runningText(group, 0), '2 of 2 running, 1 silent…');
    assert.match(outcomeText(group), /^none of 2 collapsed, 1 silent, best opo/);
  });

  it('says how many go on', () => {
    assert.equal(runningText({ runsDir: '', group: '', runs: [...runs, overview('opo', 2)] }, 0), '1 of 4 running, 1 collapsed…');
    assert.equal(runningText({ runsDir: '', group: '', runs: [overview('opo', 2)] }, 3), '1 of 4 running, 3 waiting…');
    const group = { runsDir: '', group: '', runs: [overview('opo', 2), overview('opo', 1, { process: 'stopped' })] };
    assert.equal(runningText(group, 1, 1), '1 of 3 running, 2 waiting…');
  });
});

describe('the problem of an estimator', () => {
  it('says how many runs collapsed, where, and by which rule', () => {
    const runs = [collapsedOverview('dr_grpo', 2, 240), collapsedOverview('dr_grpo', 1, 181), overview('dr_grpo', 3)];
    assert.equal(
      problemText('dr_grpo', runs, []),
      'dr_grpo: 2 of 3 runs collapsed, onset at step 181 (seed 1) and 240 (seed 2). The score fell to 0.1.',
    );
  });

  it('tells of a surge that came after the collapse', () => {
    const run = collapsedOverview('opo', 1, 181);
    const surge = {
      type: 'unstable',
      step: 230,
      onsetStep: 221,
      time: 0,
      message: 'The gradient norm surged.',
      advice: '',
      data: {},
    } as const;
    assert.match(
      problemText('opo', [{ ...run, collapseEvents: [...run.collapseEvents, surge] }], []),
      /onset at step 181 \(seed 1\)\. The score fell to 0\.1\. Later, at step 230: The gradient norm surged\.$/,
    );
  });

  it('says that a run recovered, and that the config is not the one that collapsed', () => {
    const text = problemText(
      'opo',
      [collapsedOverview('opo', 1, 181, { collapse: 'recovered' })],
      [{ path: 'optimizer.maxGradNorm', was: null, is: 1 }],
    );
    assert.match(
      text,
      /the run collapsed, onset at step 181 \(seed 1\)\. .* It recovered later\. The config has changed since: optimizer\.maxGradNorm was null and is 1\./,
    );
  });
});
