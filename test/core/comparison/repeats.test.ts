import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { compareRuns } from '../../../src/core/comparison/comparison.ts';
import type { ComparedRun } from '../../../src/core/comparison/groups.ts';
import { countedOnce } from '../../../src/core/comparison/repeats.ts';
import { renderReport } from '../../../src/core/report/report.ts';
import { makeGroup } from './runs.ts';

const builtin = { trainer: 'builtin', name: 'demo', steps: 100, optimizer: { learningRate: 0.008 }, checkpoint: { every: 50 } };

/** Four seeds of two methods, of which one collapses always; `again` tells the directories of one start from those of another. */
function demo(again: string, config: Readonly<Record<string, unknown>> = builtin): ComparedRun[] {
  const runs = [...makeGroup('tir_optimal_token_baseline', 4, []), ...makeGroup('dr_grpo', 4, [1, 2, 3, 4])];
  return runs.map((run) => ({ ...run, source: `${again}/${run.source}`, config: { ...config, seed: run.summary.seed } }));
}

function cut(run: ComparedRun, steps: number): ComparedRun {
  return { ...run, source: 'stopped', summary: { ...run.summary, steps } };
}

describe('runs of the same config and seed', () => {
  it('count once: the same runs a second time change no count and no p, and that is said', () => {
    const once = compareRuns(demo('first'));
    const twice = compareRuns([...demo('first'), ...demo('second', { ...builtin, name: 'another name', checkpoint: { every: 10 } })]);
    assert.deepEqual(twice.tests, once.tests);
    assert.ok((once.tests[0]?.collapse.fisher.p ?? 0) > 0.02);
    assert.deepEqual(
      twice.groups.map(({ summary }) => [summary.label, summary.count, summary.seeds]),
      once.groups.map(({ summary }) => [summary.label, summary.count, summary.seeds]),
    );
    assert.deepEqual(twice.verdict, [...once.verdict, '8 runs are repeats of the same config and seed and count once.']);
    assert.deepEqual([once.repeats.length, twice.repeats.length], [0, 8]);
    for (const { run, of } of twice.repeats) assert.equal(run.source.replace('second', 'first'), of.source);
  });

  it('are represented by the run that got furthest, whichever came first', () => {
    const finished = demo('first');
    const [stopped, ...others] = finished.map((run) => cut(run, 7));
    assert.ok(stopped !== undefined && others.length > 0);
    for (const runs of [
      [stopped, ...finished],
      [...finished, stopped],
    ]) {
      const { groups, repeats } = compareRuns(runs);
      assert.deepEqual(
        repeats.map(({ run }) => run.source),
        ['stopped'],
      );
      assert.ok(groups.every((group) => group.runs.every(({ source }) => source !== 'stopped')));
    }
  });

  it('are known as such only where config and seed settle a run', () => {
    const kept = (config: unknown, seed: number | null): number => countedOnce([1, 2], () => ({ seed, step: 5, config })).runs.length;
    assert.equal(kept(builtin, 1), 1);
    assert.equal(kept({ trainer: 'command', command: ['python', 'train.py'] }, 1), 2);
    assert.equal(kept(null, 1), 2);
    assert.equal(kept(builtin, null), 2);
    assert.equal(kept(builtin, Number.NaN), 2);
  });

  it('are not repeats where anything that matters to the numbers differs', () => {
    const other = demo('other', { ...builtin, optimizer: { learningRate: 0.004 } });
    const { repeats, groups } = compareRuns([...demo('first'), ...other]);
    assert.equal(repeats.length, 0);
    assert.equal(groups.length, 4);
  });

  it('stand in a report as repeats, and are counted in none of its tables', () => {
    const comparison = compareRuns([...demo('first'), ...demo('second')]);
    const html = renderReport({ title: 'Demo', comparison, command: ['otb'], createdAt: '', environment: {} });
    assert.equal(html.match(/\(repeat\)/g)?.length, 8);
    assert.match(html, /8 runs are repeats of the same config and seed and count once\./);
    assert.match(html, />8 runs · /);
  });
});
