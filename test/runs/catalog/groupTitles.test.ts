import assert from 'node:assert/strict';
import { describe, it, test } from 'node:test';
import { groupKey, groupTitles } from '../../../src/runs/catalog/groupTitles.ts';
import { LabelledRuns } from '../../../src/runs/catalog/labelledRuns.ts';
import { runTitle, runWords } from '../../../src/runs/catalog/runOverview.ts';
import type { RunOverview } from '../../../src/runs/catalog/runOverview.ts';
import { foreignIdentity } from '../../../src/runs/sources/foreignIdentity.ts';
import { exampleRecord, overviewOf } from '../exampleRun.ts';

function run(group: string, createdAt: Date, { name = 'ledger', dir = '/w/.otb/runs', seed = 1 } = {}): RunOverview {
  const id = `${group}-s${seed}`;
  return overviewOf({ dir: `${dir}/${id}`, record: exampleRecord({ id, group, name, seed, createdAt: createdAt.toISOString() }) });
}

function logs(folder: string): RunOverview {
  const source = `${folder}/metrics.jsonl`;
  return { ...run('x', new Date(0)), dir: source, identity: foreignIdentity({ format: 'jsonl', source }, { group: 'sweep' }, {}) };
}

function titles(runs: readonly RunOverview[], given: Readonly<Record<string, string>> = {}): readonly (string | undefined)[] {
  const all = groupTitles(runs, (_, group) => given[group]);
  return runs.map((one) => all.get(groupKey(one))?.title);
}

const noon = new Date(2026, 0, 2, 12);
const later = new Date(2026, 0, 2, 14, 5);

describe('a group is called', () => {
  it('as its runs are; as itself where these have several names', () => {
    assert.deepEqual(titles([run('g1', noon), run('g2', later, { name: 'other' })]), ['ledger', 'other']);
    assert.deepEqual(titles([run('g1', noon), run('g1', later, { name: 'other', seed: 2 })]), ['g1', 'g1']);
  });

  it('with the time it was started where another one has its name', () => {
    assert.deepEqual(titles([run('g1', noon), run('g1', later, { seed: 2 }), run('g2', later)]), [
      'ledger · 2 Jan, 12:00',
      'ledger · 2 Jan, 12:00',
      'ledger · 2 Jan, 14:05',
    ]);
    const seconds = new Date(2026, 0, 2, 12, 0, 9);
    assert.deepEqual(titles([run('g1', noon), run('g2', seconds)]), ['ledger · 2 Jan 2026, 12:00:00', 'ledger · 2 Jan 2026, 12:00:09']);
  });

  it('with its folder where the time does not tell either', () => {
    assert.deepEqual(titles([logs('/data/a/one'), logs('/data/b/one')]), ['sweep · a/one', 'sweep · b/one']);
    assert.deepEqual(titles([run('g1', noon), run('g2', noon)]), ['ledger · g1', 'ledger · g2']);
  });

  it('as somebody called it, and nobody takes that for another name', () => {
    assert.deepEqual(titles([run('g1', noon), run('g2', later)], { g2: 'final' }), ['ledger', 'final']);
    assert.deepEqual(titles([run('g1', noon), run('g2', later)], { g1: 'x', g2: 'x' }), ['x · 2 Jan, 12:00', 'x · 2 Jan, 14:05']);
  });
});

describe('a list of runs', () => {
  it('says of a run which of two groups it is of from the moment there are two', () => {
    const list = new LabelledRuns();
    const runs = new Map([run('g1', noon), run('g1', noon, { seed: 2 })].map((one) => [one.dir, one]));
    const take = (...dirs: readonly string[]) => list.take(dirs, (dir) => runs.get(dir));
    const titlesOf = (told: readonly RunOverview[]): readonly string[] => told.map(runTitle);
    assert.deepEqual(titlesOf(take(...runs.keys()).added), ['dr_grpo seed 1 of ledger', 'dr_grpo seed 2 of ledger']);
    const second = run('g2', later);
    runs.set(second.dir, second);
    const { added, changed } = take(second.dir);
    assert.deepEqual(titlesOf(added), ['dr_grpo seed 1 of ledger · 2 Jan, 14:05']);
    assert.deepEqual(titlesOf(changed), ['dr_grpo seed 1 of ledger · 2 Jan, 12:00', 'dr_grpo seed 2 of ledger · 2 Jan, 12:00']);
    runs.delete(second.dir);
    const after = take(second.dir);
    assert.deepEqual([after.removed.length, titlesOf(after.changed)[0]], [1, 'dr_grpo seed 1 of ledger']);
  });

  it('tells what is said of runs without reading them, and of the others nothing', () => {
    let name = 'A';
    const [one, two] = [run('g', noon), run('g', noon, { seed: 2 })];
    const list = new LabelledRuns({ run: (dir) => (dir === one.dir ? { name } : undefined), group: () => undefined });
    const runs = new Map([one, two].map((each) => [each.dir, each]));
    const take = (...dirs: readonly string[]) => list.take(dirs, (dir) => runs.get(dir));
    take(one.dir, two.dir);
    const before = [list.get(one.dir), list.get(two.dir)];
    assert.equal(before[0] && runTitle(before[0]), 'A of ledger');
    assert.deepEqual(take(one.dir), { added: [], changed: [], removed: [] });
    list.relabel();
    assert.deepEqual(take().changed, []);
    name = 'B';
    list.relabel();
    assert.deepEqual(take().changed.map(runTitle), ['B of ledger']);
    assert.equal(list.get(two.dir), before[1]);
    runs.set(one.dir, { ...one, step: 9 });
    const [stepped] = take(one.dir).changed;
    assert.equal(stepped?.step, 9);
    const identity = list.get(one.dir)?.identity;
    runs.set(one.dir, { ...one, step: 10 });
    take(one.dir);
    assert.equal(list.get(one.dir)?.identity, identity, 'the same identity while nothing about it changes');
  });
});

test('a run in a list can be found by its name, its state and its tags', () => {
  const one = run('g', noon);
  const label = { tags: ['paper', 'lr'], isArchived: true } as const;
  const steps = one.identity.plannedSteps;
  assert.equal(runWords({ ...one, step: 3 }), `ledger · running at step 3 of ${steps}`);
  assert.equal(
    runWords({ ...one, step: 3, process: 'finished', collapse: 'collapsed', identity: { ...one.identity, label } }),
    `ledger · collapsed · finished at step 3 of ${steps} · archived · #paper · #lr`,
  );
});
