import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { PanelSubject } from '../../../src/core/panel/view.ts';
import type { RunOverview } from '../../../src/runs/catalog/runOverview.ts';
import { PanelMembers, panelTitle } from '../../../src/runs/panel/panelMembers.ts';
import { foreignIdentity } from '../../../src/runs/sources/foreignIdentity.ts';
import { examplePlans } from '../exampleRun.ts';
import { exampleOverview, runsDir } from './fakeRuns.ts';

const group: PanelSubject = { kind: 'group', runsDir, group: 'g', series: null };

function run(name: string, keys: Record<string, unknown> = {}, group = 'g'): RunOverview {
  const [plan] = examplePlans('/work', keys);
  return exampleOverview(name, {}, { ...plan, id: name, group });
}

describe('the runs of a panel', () => {
  it('are those of the group in the order of their start, seeds of a series together', () => {
    const opo = (name: string, seed: number): RunOverview => run(name, { estimators: ['opo'], seeds: [seed] });
    const members = new PanelMembers(group, [opo('1', 1), run('2', { seeds: [2] }), opo('3', 2), run('4'), run('5', {}, 'other')]);
    const expected = ['opo seed 1: opo', 'opo seed 2: opo', 'dr_grpo seed 1: dr_grpo', 'dr_grpo seed 2: dr_grpo'];
    assert.deepEqual(
      members.all.map(({ label, series }) => `${label}: ${series}`),
      expected,
    );
    assert.equal(panelTitle(members), 'example');
  });

  it('belong to one folder of runs', () => {
    const elsewhere = { ...run('1'), dir: '/elsewhere/1' };
    assert.deepEqual(new PanelMembers(group, [elsewhere]).all, []);
  });

  it('can be some series of a group, each with what differs in the whole group', () => {
    const runs = [run('1'), run('2', { optimizer: { learningRate: 0.5 } }), run('3', { estimators: ['opo'] })];
    const members = new PanelMembers({ ...group, series: ['dr_grpo (learningRate 0.5)'] }, runs);
    assert.deepEqual(
      members.all.map(({ run }) => run.identity.id),
      ['2'],
    );
    assert.deepEqual(members.all[0]?.parameters, { 'optimizer.learningRate': 0.5 });
    assert.equal(panelTitle(members), 'example · dr_grpo (learningRate 0.5)');
  });

  it('are told apart where a config was started twice', () => {
    const [first, second] = [run('20260102-030405-x'), run('20260102-040000-x', {}, 'h')];
    const members = new PanelMembers({ kind: 'runs', runs: [first.dir, second.dir] }, [second, first]);
    assert.deepEqual(
      members.all.map(({ label }) => label),
      ['dr_grpo seed 1 (20260102-030405)', 'dr_grpo seed 1 (20260102-040000)'],
    );
    assert.equal(panelTitle(members), 'example · 2 runs');
    assert.equal(panelTitle(new PanelMembers({ kind: 'runs', runs: [first.dir] }, [second, first])), 'example · dr_grpo seed 1');
  });

  it('of many names are called by their group', () => {
    const named = (name: string): RunOverview => {
      const one = run(name, {}, 'ablation');
      return { ...one, identity: { ...one.identity, name } };
    };
    const title = (...names: readonly string[]): string => {
      const runs = names.map(named);
      return panelTitle(new PanelMembers({ kind: 'runs', runs: runs.map(({ dir }) => dir) }, runs));
    };
    assert.equal(title('a', 'b'), 'a, b · 2 runs');
    assert.equal(title('a', 'b', 'c', 'd'), 'ablation · 4 runs');
    assert.equal(title('dr_grpo-s1'), 'dr_grpo seed 1');
  });

  it('are told apart by their folders where another program calls them the same', () => {
    const runs = ['a', 'b'].map((folder) => {
      const source = `/train/${folder}/first/progress.csv`;
      return { ...run(folder), dir: source, identity: foreignIdentity({ format: 'csv', source }, {}, {}) };
    });
    const { all } = new PanelMembers({ kind: 'runs', runs: runs.map(({ dir }) => dir) }, runs);
    assert.deepEqual(
      all.map(({ label }) => label),
      ['first (a/first)', 'first (b/first)'],
    );
  });

  it('count once where config and seed are the same: the one that got furthest, also when that changes', () => {
    const again = { ...run('2', {}, 'h'), step: 3 };
    const [first, other] = [{ ...run('1'), step: 5 }, run('3', { seeds: [2] })];
    const runs = [again, first, other];
    const members = new PanelMembers({ kind: 'runs', runs: runs.map(({ dir }) => dir) }, runs);
    const repeats = (): readonly (readonly [string, string])[] =>
      members.all.flatMap(({ run: { dir }, repeatOf }) => (repeatOf === null ? [] : [[dir, repeatOf] as const]));
    assert.deepEqual(repeats(), [[again.dir, first.dir]]);
    const further = { ...again, step: 6 };
    members.update({ added: [], changed: [further], removed: [] }, [further, first, other]);
    assert.deepEqual(repeats(), [[first.dir, again.dir]]);
  });
});
