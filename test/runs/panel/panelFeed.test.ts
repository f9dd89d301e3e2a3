import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import type { HostMessage } from '../../../src/core/panel/messages.ts';
import { parseHostMessage } from '../../../src/core/panel/parseMessages.ts';
import { pseudoColumns } from '../../../src/core/panel/rows.ts';
import { RunColumns } from '../../../src/core/panel/runColumns.ts';
import type { PanelRun } from '../../../src/core/panel/panelRun.ts';
import type { PanelSubject } from '../../../src/core/panel/view.ts';
import { metricNames } from '../../../src/core/records/metricNames.ts';
import { PanelFeed } from '../../../src/runs/panel/panelFeed.ts';
import type { PanelFeedOptions } from '../../../src/runs/panel/panelFeed.ts';
import { nothingWaits } from '../../../src/runs/launcher/waitingRuns.ts';
import type { Waiting } from '../../../src/runs/launcher/waitingRuns.ts';
import { eventually, examplePlans } from '../exampleRun.ts';
import { exampleOverview, FakeRuns, runsDir, step } from './fakeRuns.ts';

const { gradNorm, score, throughput, stepSeconds } = metricNames;
const group: PanelSubject = { kind: 'group', runsDir, group: 'g', series: null };
const feeds: PanelFeed[] = [];
after(() => feeds.forEach((feed) => feed.close()));

/** What a page that is told these messages has. */
class FakePage {
  readonly messages: HostMessage[] = [];
  runs: readonly PanelRun[] = [];
  references: readonly PanelRun[] = [];
  columns = new Map<string, RunColumns>();

  take(message: HostMessage): void {
    // As VS Code sends them: columns by reference, all else as JSON.
    const wire: unknown = message.type === 'rows' || message.type === 'overview' ? message : JSON.parse(JSON.stringify(message));
    assert.equal(typeof parseHostMessage(wire), 'object', String(parseHostMessage(wire)));
    this.messages.push(wire as HostMessage);
    if (message.type === 'open') this.columns = new Map();
    if (message.type === 'runs') [this.runs, this.references] = [message.runs, message.references ?? []];
    if (message.type !== 'rows' && message.type !== 'overview') return;
    assert.ok(
      [...this.runs, ...this.references].some(({ id }) => id === message.run),
      'rows come after their run was announced',
    );
    if (message.type === 'overview') return;
    const columns = this.columns.get(message.run) ?? new RunColumns();
    columns.accept(message.rows);
    this.columns.set(message.run, columns);
  }

  steps(run: string): number[] {
    return [...(this.columns.get(run)?.steps ?? [])];
  }

  values(run: string, metric: string): number[] | undefined {
    const series = this.columns.get(run)?.series('step', metric);
    return series ? [...series.y] : undefined;
  }

  rowsMessages(run: string): number {
    return this.messages.filter((message) => message.type === 'rows' && message.run === run).length;
  }
}

function feedOf(runs: FakeRuns, subject = group, options: Partial<PanelFeedOptions> = {}): { feed: PanelFeed; page: FakePage } {
  const page = new FakePage();
  const post = (message: HostMessage): Promise<void> => Promise.resolve(page.take(message));
  const onError = (error: unknown): never => assert.fail(String(error));
  const feed = new PanelFeed({
    subject,
    link: null,
    source: runs,
    settings: () => ({ onsets: true }),
    post,
    onError,
    gatherMs: 1,
    runsMs: 1,
    ...options,
  });
  feeds.push(feed);
  return { feed, page };
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, i) => from + i);
}

const [a, b] = [exampleOverview('a'), exampleOverview('b', {}, { estimator: 'opo' })];

describe('runs of another panel that its own are compared with', () => {
  it('are told and followed beside its own, for as long as they are compared with', async () => {
    const runs = new FakeRuns();
    runs.add(a, b);
    const { feed: owner } = feedOf(runs, { kind: 'runs', runs: [a.dir] });
    const { feed, page } = feedOf(runs, { kind: 'runs', runs: [b.dir] });
    feed.start();
    feed.setColumns([gradNorm]);
    runs.append(a, ...range(1, 3).map((n) => step(n)));
    feed.setReferences(owner.baselineMembers({ kind: 'series', run: a.dir }));
    await eventually(() => page.steps(a.dir).length === 3, 'the rows of the baseline');
    assert.deepEqual(
      [page.runs, page.references].map((told) => told.map(({ label }) => label)),
      [['opo seed 1'], ['dr_grpo seed 1']],
    );
    assert.deepEqual(feed.runs, [b], 'it is no run of this panel');
    runs.append(a, step(4));
    await eventually(() => page.steps(a.dir).length === 4, 'what is new of the baseline');
    feed.setReferences([]);
    assert.deepEqual(page.references, []);
    const told = page.rowsMessages(a.dir);
    runs.append(a, step(5));
    await new Promise((resolve) => setTimeout(resolve, 30));
    assert.equal(page.rowsMessages(a.dir), told);
  });

  it('a baseline of a series is all its runs, of a run that one alone, and nothing where it is not here', () => {
    const second = exampleOverview('c', {}, { seed: 2 });
    const runs = new FakeRuns();
    runs.add(a, b, second);
    const { feed } = feedOf(runs);
    const dirs = (kind: 'run' | 'series', run: string): readonly string[] =>
      feed.baselineMembers({ kind, run }).map(({ run: { dir } }) => dir);
    assert.deepEqual(dirs('series', second.dir), [a.dir, second.dir]);
    assert.deepEqual(dirs('run', second.dir), [second.dir]);
    assert.deepEqual(dirs('series', '/elsewhere'), []);
  });
});

describe('what a panel is told', () => {
  it('first which runs there are, then everything that they logged, in the columns that it shows', async () => {
    const runs = new FakeRuns();
    runs.add(a, b);
    const { feed, page } = feedOf(runs);
    feed.start();
    runs.append(a, ...range(1, 3).map((n) => step(n, { extra: n })));
    assert.deepEqual(
      page.messages.slice(0, 2).map(({ type }) => type),
      ['open', 'runs'],
    );
    assert.deepEqual(
      page.runs.map(({ label }) => label),
      ['dr_grpo seed 1', 'opo seed 1'],
    );
    await new Promise((resolve) => setTimeout(resolve, 20));
    assert.equal(page.rowsMessages(a.dir), 0);
    feed.setColumns([gradNorm, 'nobody/logs/this', pseudoColumns.time]);
    await eventually(() => page.steps(a.dir).length === 3, 'three rows');
    assert.deepEqual(page.values(a.dir, gradNorm), [0.1, 0.2, 0.3]);
    assert.deepEqual(page.values(a.dir, pseudoColumns.time), [1001, 1002, 1003]);
    assert.deepEqual(
      [page.values(a.dir, 'extra'), page.values(a.dir, score), page.values(a.dir, 'nobody/logs/this')],
      [undefined, undefined, undefined],
    );
  });

  it('only what is new, and steps that were written again from there on', async () => {
    const runs = new FakeRuns();
    runs.add(a);
    const { feed, page } = feedOf(runs);
    feed.start();
    feed.setColumns([gradNorm]);
    runs.append(a, ...range(1, 100).map((n) => step(n)));
    await eventually(() => page.steps(a.dir).length === 100, 'a hundred rows');
    runs.append(a, step(101));
    await eventually(() => page.steps(a.dir).length === 101, 'one more');
    const latest = page.messages.findLast((message) => message.type === 'rows');
    assert.deepEqual(latest?.rows, {
      from: 100,
      steps: { first: 101, stride: 1, count: 1 },
      columns: { [gradNorm]: Float64Array.of(10.1) },
    });
    runs.append(a, ...range(91, 95).map((n) => step(n, { [gradNorm]: -1 })));
    await eventually(() => page.values(a.dir, gradNorm)?.[90] === -1, 'the resumed run');
    assert.deepEqual(page.values(a.dir, gradNorm)?.slice(88, 97), [8.9, 9, -1, -1, -1, -1, -1, 9.6, 9.7]);
    assert.equal(page.steps(a.dir).length, 101);
  });

  it('a column that it begins to show, for all rows', async () => {
    for (const sliceNumbers of [2 ** 20, 20]) {
      const runs = new FakeRuns();
      runs.add(a);
      const { feed, page } = feedOf(runs, group, { sliceNumbers });
      feed.start();
      feed.setColumns([gradNorm]);
      runs.append(a, ...range(1, 30).map((n) => step(n)));
      await eventually(() => page.steps(a.dir).length === 30, 'the first column');
      feed.setColumns([gradNorm, score]);
      runs.append(a, step(31));
      await eventually(() => page.values(a.dir, score)?.length === 31, 'the second');
      assert.deepEqual(page.values(a.dir, score), Array(31).fill(0.5));
      assert.equal(page.values(a.dir, gradNorm)?.[30], 3.1);
      feed.close();
    }
  });

  it('a long run in slices, with other events between them', async () => {
    const runs = new FakeRuns();
    runs.add(a);
    runs.append(a, ...range(1, 50_000).map((n) => step(n)));
    const { feed, page } = feedOf(runs, group, { sliceNumbers: 20_000 });
    let turns = 0;
    const spin = (): void => void (page.steps(a.dir).length < 50_000 && (turns++, setImmediate(spin)));
    spin();
    feed.start();
    feed.setColumns([gradNorm]);
    await eventually(() => page.steps(a.dir).length === 50_000, 'all rows');
    assert.equal(page.rowsMessages(a.dir), 5);
    assert.ok(turns >= 5, `${turns} turns`);
    for (const message of page.messages) if (message.type === 'rows') assert.ok((message.rows.columns[gradNorm]?.length ?? 0) <= 10_000);
  });

  it('first of all an overview of a long run', async () => {
    const runs = new FakeRuns();
    runs.add(a);
    const { feed, page } = feedOf(runs, group, { sliceNumbers: 20_000 });
    // It is read before there is a page.
    assert.deepEqual(runs.opened, [a.dir]);
    runs.append(a, ...range(1, 50_000).map((n) => step(n, { [gradNorm]: n === 31_415 ? 1e4 : 1 })));
    feed.start();
    feed.setColumns([gradNorm, score]);
    await eventually(() => page.steps(a.dir).length === 50_000, 'all rows');
    const [first] = page.messages.filter(({ type }) => type === 'overview' || type === 'rows');
    assert.ok(first?.type === 'overview');
    const norms = first.rows.columns[gradNorm] ?? new Float64Array();
    assert.ok(norms.length < 2500, String(norms.length));
    assert.equal(Math.max(...norms), 1e4);
    assert.equal(page.messages.filter(({ type }) => type === 'overview').length, 1);
  });

  it('nothing while no page is there, and everything when one is there again', async () => {
    const runs = new FakeRuns();
    runs.add(a);
    const { feed, page } = feedOf(runs);
    feed.start();
    feed.setColumns([gradNorm]);
    runs.append(a, step(1));
    await eventually(() => page.steps(a.dir).length === 1, 'a row');
    feed.stop();
    await new Promise((resolve) => setTimeout(resolve, 20));
    const before = page.messages.length;
    runs.append(a, step(2));
    feed.update(runs.add(b));
    feed.update(runs.change({ ...a, step: 2, collapse: 'collapsed' }));
    feed.setColumns([gradNorm]);
    await new Promise((resolve) => setTimeout(resolve, 20));
    assert.equal(page.messages.length, before);
    feed.start();
    feed.setColumns([gradNorm]);
    await eventually(() => page.steps(a.dir).length === 2, 'both rows');
    assert.deepEqual(
      page.runs.map(({ id, collapse }) => [id, collapse]),
      [
        [a.dir, 'collapsed'],
        [b.dir, 'healthy'],
      ],
    );
  });

  it('nothing while it is hidden, and what is new when it is seen again', async () => {
    const runs = new FakeRuns();
    runs.add(a);
    const { feed, page } = feedOf(runs);
    feed.start();
    feed.setColumns([gradNorm]);
    runs.append(a, ...range(1, 100).map((n) => step(n)));
    await eventually(() => page.steps(a.dir).length === 100, 'the rows');
    await new Promise((resolve) => setTimeout(resolve, 20));
    feed.hide();
    const before = page.messages.length;
    runs.append(a, step(101));
    feed.update(runs.change({ ...a, step: 101, collapse: 'collapsed' }));
    feed.tellSettings();
    feed.setColumns([gradNorm, score]);
    await new Promise((resolve) => setTimeout(resolve, 20));
    assert.equal(page.messages.length, before);
    feed.show();
    const [settings, told] = page.messages.slice(before);
    assert.equal(settings?.type, 'settings');
    assert.equal(told?.type === 'runs' && told.runs[0]?.collapse, 'collapsed', 'at once');
    await eventually(() => page.values(a.dir, score)?.length === 101, 'the new column');
    assert.equal(page.values(a.dir, gradNorm)?.length, 101);
    const rows = page.messages.slice(before).flatMap((message) => (message.type === 'rows' ? [message.rows] : []));
    assert.deepEqual(
      rows.map((part) => [part.from, Object.keys(part.columns)]),
      [
        [0, [score]],
        [100, [gradNorm, score]],
      ],
      'and not what it has',
    );
  });

  it('of a page that is hidden for long nothing is read, and it is right when it is seen again', async () => {
    const runs = new FakeRuns();
    const [live, ended] = [a, { ...b, process: 'finished' as const }];
    runs.add(live, ended);
    const { feed, page } = feedOf(runs, group, { restMs: 1 });
    feed.start();
    feed.setColumns([gradNorm]);
    for (const run of [live, ended]) runs.append(run, ...range(1, 30).map((n) => step(n)));
    await eventually(() => [live, ended].every(({ dir }) => page.steps(dir).length === 30), 'the rows');
    await eventually(() => page.runs.every(({ numbers }) => numbers.maxGradNorm === 3), 'the numbers');
    feed.hide();
    await eventually(() => runs.closed.length === 2, 'nothing to be read');
    const before = page.messages.length;
    runs.append(live, step(31));
    feed.update(runs.change({ ...live, step: 31 }));
    await new Promise((resolve) => setTimeout(resolve, 20));
    assert.equal(page.messages.length, before);
    assert.equal(runs.opened.length, 2);
    feed.show();
    assert.deepEqual(
      page.runs.map(({ metrics, numbers }) => [metrics, numbers.maxGradNorm]),
      Array(2).fill([[gradNorm, score], 3]),
      'what was known of them is still known',
    );
    await eventually(() => page.steps(live.dir).length === 31, 'the new row');
    assert.deepEqual(runs.opened.slice(2), [live.dir], 'the page has all of a run that has not changed');
    feed.setColumns([gradNorm, score]);
    await eventually(() => page.values(ended.dir, score)?.length === 30, 'another column of it');
    assert.deepEqual(runs.opened.slice(2), [live.dir, ended.dir]);
    // Begun again from an earlier step, while nobody looked.
    feed.hide();
    await eventually(() => runs.closed.length === 4, 'nothing to be read');
    runs.clear(live);
    runs.append(live, ...range(1, 20).map((n) => ({ ...step(n, { [gradNorm]: -n }), time: 5000 + n })));
    feed.update(runs.change({ ...live, step: 20 }));
    feed.show();
    await eventually(() => page.steps(live.dir).length === 20, 'the rows that there are now');
    assert.equal(page.values(live.dir, gradNorm)?.[0], -1);
  });

  it('goes on with the next page where the last one never answered', async () => {
    const runs = new FakeRuns();
    runs.add(a);
    const page = new FakePage();
    let answers = false;
    const post = (message: HostMessage): Promise<void> => {
      if (!answers && message.type === 'rows') return new Promise(() => undefined);
      return Promise.resolve(page.take(message));
    };
    const { feed } = feedOf(runs, group, { post });
    feed.start();
    feed.setColumns([gradNorm]);
    runs.append(a, step(1));
    await new Promise((resolve) => setTimeout(resolve, 20));
    feed.stop();
    answers = true;
    feed.start();
    feed.setColumns([gradNorm]);
    await eventually(() => page.steps(a.dir).length === 1, 'the row');
  });

  it('at once of a run that came, ended or collapsed, and of one that was deleted that it was', async () => {
    const runs = new FakeRuns();
    runs.add(a);
    const { feed, page } = feedOf(runs, group, { runsMs: 3_600_000 });
    feed.start();
    feed.update(runs.add(b));
    assert.equal(page.runs.length, 2);
    feed.update(runs.change({ ...b, collapse: 'collapsed', onsetStep: 7 }));
    assert.equal(page.runs[1]?.onsetStep, 7);
    feed.update(runs.change({ ...a, process: 'finished' }));
    assert.equal(page.runs[0]?.process, 'finished');
    feed.update(runs.remove({ ...b, onsetStep: 7 }));
    assert.deepEqual(
      page.runs.map(({ process, onsetStep }) => [process, onsetStep]),
      [
        ['finished', null],
        ['lost', 7],
      ],
    );
    assert.match(page.runs[1]?.note ?? '', /deleted/);
    const told = page.messages.length;
    feed.update(runs.change({ ...a, process: 'finished', step: 9 }));
    assert.equal(page.messages.length, told);
  });

  it('the numbers of the whole run, as its summary has them', async () => {
    const runs = new FakeRuns();
    runs.add(a);
    const { feed, page } = feedOf(runs);
    feed.start();
    runs.append(a, ...range(1, 41).map((n) => step(n, { [score]: n > 20 ? 1 : 0 })), step(42, { [gradNorm]: Number.NaN, [score]: 0 }));
    await eventually(() => page.runs[0]?.numbers.bestScore === 1, 'numbers');
    const { medianGradNorm, maxGradNorm } = page.runs[0]!.numbers;
    assert.deepEqual([medianGradNorm, maxGradNorm], [(2.1 + 2.2) / 2, Number.MAX_VALUE]);
    assert.deepEqual(page.runs[0]?.metrics, [gradNorm, score]);
  });

  it('all tokens so far, of what the run logs of them', async () => {
    const runs = new FakeRuns();
    runs.add(a, b);
    const { feed, page } = feedOf(runs);
    feed.start();
    feed.setColumns([pseudoColumns.tokens]);
    runs.append(a, step(1, { [throughput]: 100, [stepSeconds]: 2 }), step(2), step(3, { [throughput]: 50, [stepSeconds]: 1 }));
    runs.append(b, step(1, { 'perf/total_num_tokens': 7, [throughput]: 1, [stepSeconds]: 1 }), step(2, { 'perf/total_num_tokens': 8 }));
    await eventually(() => page.steps(b.dir).length === 2 && page.steps(a.dir).length === 3, 'rows');
    assert.deepEqual(
      [page.values(a.dir, pseudoColumns.tokens), page.values(b.dir, pseudoColumns.tokens)],
      [
        [200, 200, 250],
        [7, 15],
      ],
    );
    runs.append(a, step(2, { [throughput]: 1, [stepSeconds]: 1 }));
    await eventually(() => page.values(a.dir, pseudoColumns.tokens)?.[2] === 251, 'the step again');
  });

  it('all tokens so far, as TRL counts them', async () => {
    const runs = new FakeRuns();
    runs.add(a, b);
    const { feed, page } = feedOf(runs);
    feed.start();
    feed.setColumns([pseudoColumns.tokens]);
    // A count that begins anew leaves an axis where it is.
    runs.append(a, step(1, { num_tokens: 628, [stepSeconds]: 2 }), step(2), step(3, { num_tokens: 1437 }), step(4, { num_tokens: 600 }));
    runs.append(b, step(1, { 'train/num_tokens': 10 }), step(2, { 'train/num_tokens': 30 }));
    await eventually(() => page.steps(b.dir).length === 2 && page.steps(a.dir).length === 4, 'rows');
    assert.deepEqual(
      [page.values(a.dir, pseudoColumns.tokens), page.values(b.dir, pseudoColumns.tokens)],
      [
        [628, 628, 1437, 1437],
        [10, 30],
      ],
    );
  });

  it('that a run logs nothing about tokens, by a column without a number', async () => {
    const runs = new FakeRuns();
    runs.add(a);
    const { feed, page } = feedOf(runs);
    feed.start();
    feed.setColumns([pseudoColumns.tokens]);
    runs.append(a, step(1), step(2));
    await eventually(() => page.steps(a.dir).length === 2, 'rows');
    assert.deepEqual(page.values(a.dir, pseudoColumns.tokens), [Number.NaN, Number.NaN]);
  });

  it('of values that overflowed, not of those that are missing, that they are infinite', async () => {
    const runs = new FakeRuns();
    runs.add(a);
    const { feed, page } = feedOf(runs);
    feed.start();
    feed.setColumns([gradNorm, 'sparse']);
    runs.append(a, step(1, { [gradNorm]: Number.NaN, sparse: 1 }), step(2), step(3, { sparse: 3 }));
    await eventually(() => page.steps(a.dir).length === 3, 'rows');
    assert.deepEqual(
      [page.values(a.dir, gradNorm), page.values(a.dir, 'sparse')],
      [
        [Infinity, 0.2, 0.3],
        [1, Number.NaN, 3],
      ],
    );
  });

  it('again what it is called, where its first run begins after it was opened', async () => {
    const runs = new FakeRuns();
    const { feed, page } = feedOf(runs);
    feed.start();
    feed.setColumns([gradNorm]);
    feed.update(runs.add(a));
    runs.append(a, step(1));
    await eventually(() => page.steps(a.dir).length === 1, 'a row');
    assert.deepEqual(
      page.messages.flatMap((message) => (message.type === 'open' ? [message.title] : [])),
      ['g', 'example'],
    );
  });

  it('which runs of its group are still to begin, from before the first one on, and what is new about it', async () => {
    const runs = new FakeRuns();
    const plans = examplePlans('/work', { estimators: ['opo', 'grpo'], seeds: [1, 2] }).map((plan) => ({ ...plan, group: 'g' }));
    let waiting: Waiting = { ...nothingWaits, runs: plans };
    const { feed, page } = feedOf(runs, group, { waiting: () => waiting });
    const told = (): readonly string[] => page.runs.map(({ label, process }) => `${label}: ${process}`);
    feed.start();
    assert.deepEqual(told(), ['opo seed 1: waiting', 'opo seed 2: waiting', 'grpo seed 1: waiting', 'grpo seed 2: waiting']);
    const before = page.runs.map(({ id }) => id);
    const [first] = plans;
    assert.ok(first);
    const begun = exampleOverview(first.id, {}, first);
    waiting = { ...nothingWaits, runs: plans.slice(1) };
    feed.update(runs.add(begun));
    runs.append(begun, step(1));
    assert.deepEqual(
      page.runs.map(({ id }) => id),
      before,
      'a run has the place that it waited in',
    );
    assert.deepEqual(told().slice(0, 2), ['opo seed 1: running', 'opo seed 2: waiting']);
    assert.deepEqual(runs.opened, [begun.dir], 'there is nothing to read of what waits');
    waiting = { ...waiting, isLost: true };
    feed.updateWaiting();
    assert.equal(told()[1], 'opo seed 2: cancelled');
    waiting = nothingWaits;
    feed.updateWaiting();
    assert.deepEqual(told(), ['opo seed 1: running']);
    const said = page.messages.length;
    feed.updateWaiting();
    assert.equal(page.messages.length, said);
  });

  it('of some series of a group, those runs that are still to begin; and that a run that has ended waits to go on', () => {
    const runs = new FakeRuns();
    const plans = examplePlans('/work', { estimators: ['opo', 'grpo'] }).map((plan) => ({ ...plan, group: 'g' }));
    const { feed, page } = feedOf(runs, { ...group, series: ['grpo'] }, { waiting: () => ({ ...nothingWaits, runs: plans }) });
    feed.start();
    assert.deepEqual(
      page.runs.map(({ label }) => label),
      ['grpo seed 1'],
    );
    const stopped = { ...a, process: 'stopped' as const };
    const resumed = new FakeRuns();
    resumed.add(stopped);
    const other = feedOf(resumed, group, { waiting: () => ({ ...nothingWaits, resuming: [a.dir] }) });
    other.feed.start();
    assert.equal(other.page.runs[0]?.process, 'waiting');
  });

  it('nothing of a deleted run but that it was; the page keeps what it had', async () => {
    const runs = new FakeRuns();
    runs.add(a);
    const { feed, page } = feedOf(runs);
    feed.start();
    feed.setColumns([gradNorm]);
    runs.append(a, step(1), step(2));
    await eventually(() => page.steps(a.dir).length === 2, 'rows');
    runs.clear(a);
    feed.update(runs.remove(a));
    await new Promise((resolve) => setTimeout(resolve, 20));
    assert.equal(page.steps(a.dir).length, 2);
    feed.update(runs.add(a));
    runs.append(a, step(7));
    await eventually(() => page.steps(a.dir)[0] === 7, 'the run that is there now');
    assert.deepEqual([page.steps(a.dir), page.runs[0]?.note], [[7], null]);
  });

  it('nothing after the panel was closed, which follows no run any more', async () => {
    const runs = new FakeRuns();
    runs.add(a, b);
    const { feed, page } = feedOf(runs);
    feed.start();
    feed.setColumns([gradNorm]);
    feed.close();
    assert.deepEqual(runs.closed.sort(), [a.dir, b.dir]);
    const before = page.messages.length;
    runs.append(a, step(1));
    feed.update(runs.change({ ...a, process: 'failed' }));
    feed.start();
    await new Promise((resolve) => setTimeout(resolve, 20));
    assert.equal(page.messages.length, before);
  });

  it('goes on with the other runs where one cannot be opened', () => {
    const runs = new FakeRuns();
    runs.add(a, b);
    const errors: unknown[] = [];
    const open = runs.openMetrics.bind(runs);
    runs.openMetrics = (dir, onRows) => {
      if (dir === a.dir) throw new Error('no');
      return open(dir, onRows);
    };
    const { feed, page } = feedOf(runs, group, { onError: (error) => errors.push(error) });
    feed.start();
    assert.deepEqual([errors.length, page.runs.length], [1, 2]);
  });
});
