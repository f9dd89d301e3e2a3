import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { PanelSubject } from '../../../src/core/panel/view.ts';
import type { RunLabel } from '../../../src/core/records/runLabel.ts';
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

  it('are called as somebody called them, and leave a panel of their group when they are archived', () => {
    const says = (of: RunOverview, label: RunLabel): RunOverview => ({ ...of, identity: { ...of.identity, label } });
    const runs = [run('1'), run('2', { seeds: [2] })].map((of): RunOverview => ({ ...of, process: 'finished' }));
    const [first, second] = runs as [RunOverview, RunOverview];
    const members = new PanelMembers(group, runs);
    const labels = (): readonly string[] => members.all.map(({ label }) => label);
    const tell = (...now: readonly RunOverview[]): string => members.update({ added: [], changed: now, removed: [] }, now);
    assert.equal(tell(says(first, { name: 'the good one' }), second), 'now');
    assert.deepEqual(labels(), ['the good one', 'dr_grpo seed 2']);
    assert.equal(members.all[0]?.series, 'dr_grpo');
    tell(says(first, { isArchived: true }), second);
    assert.deepEqual(labels(), ['dr_grpo seed 2']);
    // A group that is archived as a whole can still be looked at; so can runs that were chosen.
    tell(says(first, { isArchived: true }), says(second, { isArchived: true }));
    assert.deepEqual(labels(), ['dr_grpo seed 1', 'dr_grpo seed 2']);
    const chosen = new PanelMembers({ kind: 'runs', runs: [first.dir, second.dir] }, [says(first, { isArchived: true }), second]);
    assert.equal(chosen.all.length, 2);
  });

  it('of two groups of one name are called with the time', () => {
    const titled = (of: RunOverview, title: string): RunOverview => ({ ...of, group: { title, isOfRuns: true } });
    const [one, other] = [titled(run('1'), 'example · 2 Jan, 12:00'), titled(run('2', {}, 'h'), 'example · 2 Jan, 14:05')];
    const title = (...runs: readonly RunOverview[]): string =>
      panelTitle(new PanelMembers({ kind: 'runs', runs: runs.map(({ dir }) => dir) }, runs));
    assert.equal(panelTitle(new PanelMembers(group, [one])), 'example · 2 Jan, 12:00');
    assert.equal(title(one), 'example · 2 Jan, 12:00 · dr_grpo seed 1');
    assert.equal(title(one, other), 'example · 2 Jan, 12:00, example · 2 Jan, 14:05 · 2 runs');
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
