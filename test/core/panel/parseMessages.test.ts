import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseHostMessage, parsePanelMemory, parsePanelMessage, validChoices } from '../../../src/core/panel/parseMessages.ts';
import type { HostMessage, PanelMessage } from '../../../src/core/panel/messages.ts';
import type { PanelRun } from '../../../src/core/panel/panelRun.ts';
import { initialView } from '../../../src/core/panel/view.ts';
import type { LinkedView, PanelMemory } from '../../../src/core/panel/view.ts';

const run: PanelRun = {
  id: '/runs/a',
  label: 'dr_grpo seed 1',
  name: 'ledger',
  estimator: 'dr_grpo',
  seed: 1,
  series: 'dr_grpo',
  parameters: { 'optimizer.learningRate': 0.008, 'optimizer.maxGradNorm': null, onCollapse: 'warn', 'loss.handleZeroTail': true },
  process: 'running',
  note: null,
  collapse: 'collapsed',
  notJudged: '',
  onsetStep: 137,
  detectedStep: 154,
  marks: [{ type: 'collapse', step: 154, onsetStep: 137, message: 'It fell.', advice: 'Branch.', data: { gradNorm: Infinity } }],
  plannedSteps: 600,
  metrics: ['actor/grad_norm'],
  numbers: { step: 160, gradNorm: 1, medianGradNorm: 2, maxGradNorm: Infinity, score: 0.5, bestScore: null, stepsPerSecond: 9 },
  createdAt: '2026-02-01T10:00:00.000Z',
  metricKeys: { gradNorm: 'grad_norm', score: 'reward' },
  chosenKeys: { score: 'reward' },
};

const linked: LinkedView = {
  x: 'time',
  range: [0, 3.5],
  yScale: 'log',
  smoothing: { by: 'steps', steps: 30 },
  robust: false,
  band: true,
  multiples: ['actor/entropy'],
  ownScale: false,
  baseline: { kind: 'series', run: '/runs/a' },
  difference: true,
  axes: { 'actor/entropy': { scale: 'log', low: 0.1, high: null } },
  enlarged: null,
  layout: 'auto',
  crosshair: null,
};
const need = { wantsLog: true, linear: null, log: [-1, 5], zeros: true, lost: false } as const;

const fromHost: readonly HostMessage[] = [
  {
    type: 'open',
    title: 'ledger',
    subject: { kind: 'group', runsDir: '/runs', group: 'g', series: ['dr_grpo'] },
    link: null,
    settings: { onsets: true },
  },
  { type: 'open', title: 'two runs', subject: { kind: 'runs', runs: ['/runs/a'] }, link: 'l1', settings: { onsets: false } },
  { type: 'runs', runs: [run] },
  {
    type: 'rows',
    run: '/runs/a',
    rows: { from: 3, steps: { first: 4, stride: 1, count: 2 }, columns: { 'actor/grad_norm': Float64Array.of(1, Number.NaN) } },
  },
  { type: 'rows', run: '/runs/a', rows: { from: 0, steps: Float64Array.of(1, 5), columns: {} } },
  { type: 'link', view: linked },
  { type: 'runs', runs: [], references: [run] },
  {
    type: 'share',
    share: {
      extents: { step: [1, 200], time: [0, 3.5] },
      axes: { '@gradNorm': need },
      series: [{ series: 'dr_grpo', name: 'ledger', run: '/runs/a' }],
    },
  },
  {
    type: 'settings',
    settings: { onsets: true, defaults: { yScale: 'log' }, chosen: { smoothing: { by: 'steps', steps: 10 }, multiples: null } },
  },
];

const fromPanel: readonly PanelMessage[] = [
  { type: 'ready' },
  { type: 'columns', columns: ['actor/grad_norm'] },
  { type: 'link', view: { ...linked, range: null, multiples: null, crosshair: 12 } },
  { type: 'choices', choices: { yScale: 'linear', multiples: null } },
  { type: 'choices', choices: null },
  { type: 'action', action: 'stop', runs: ['/runs/a'] },
  { type: 'metricKey', role: 'score', metric: 'reward', runs: ['/runs/a'] },
  { type: 'metricKey', role: 'gradNorm', metric: null, runs: [] },
  { type: 'export', format: 'png', content: Uint8Array.of(137, 80) },
  { type: 'export', format: 'svg', content: '<svg/>' },
  { type: 'export', format: 'csv', runs: ['/runs/a'] },
  { type: 'error', message: 'oh' },
  { type: 'share', share: { extents: {}, axes: { '@score': { ...need, wantsLog: false, linear: [0, 1], log: null } }, series: [] } },
];

const memory: PanelMemory = {
  version: 1,
  subject: { kind: 'runs', runs: ['/runs/a'] },
  link: null,
  view: { ...initialView, range: [10, 20], multiples: ['actor/entropy'] },
};

/** A copy with the value at `path` replaced; undefined removes nothing, but is no value of any field. */
function spoiled(value: unknown, path: readonly (string | number)[], replacement: unknown): unknown {
  const copy = structuredClone(value);
  const last = path[path.length - 1] as string;
  const parent = path.slice(0, -1).reduce((object, key) => (object as Record<string | number, unknown>)[key], copy) as Record<
    string,
    unknown
  >;
  parent[last] = replacement;
  return copy;
}

describe('messages between extension and panel', () => {
  test('every message that the types allow is taken as it is', () => {
    for (const message of fromHost) assert.equal(parseHostMessage(message), message);
    for (const message of fromPanel) assert.equal(parsePanelMessage(message), message);
  });

  test('a message survives the structured clone that carries it', () => {
    for (const message of fromHost) assert.deepEqual(parseHostMessage(structuredClone(message)), message);
  });

  test('a run survives JSON, which has no infinity', () => {
    const carried: unknown = JSON.parse(JSON.stringify(fromHost[2]));
    assert.equal(parseHostMessage(carried), carried);
  });

  test('what is no message is named', () => {
    for (const parse of [parseHostMessage, parsePanelMessage]) {
      assert.equal(parse(undefined), 'message is not an object');
      assert.equal(parse([]), 'message is not an object');
      assert.match(String(parse({ type: 'toString' })), /^message\.type is none of /);
    }
  });

  const complaints: readonly (readonly [string, unknown, readonly (string | number)[], unknown, string])[] = [
    ['a run without an id', fromHost[2], ['runs', 0, 'id'], undefined, 'message.runs[0].id is not a string'],
    [
      'an unknown process state',
      fromHost[2],
      ['runs', 0, 'process'],
      'asleep',
      'message.runs[0].process is none of starting, running, finished, stopped, failed, lost, idle, waiting, cancelled',
    ],
    ['a number as text', fromHost[2], ['runs', 0, 'numbers', 'score'], '0.5', 'message.runs[0].numbers.score is not a number'],
    [
      'a parameter that is an object',
      fromHost[2],
      ['runs', 0, 'parameters', 'task'],
      {},
      'message.runs[0].parameters.task is neither true nor false',
    ],
    ['a mark without advice', fromHost[2], ['runs', 0, 'marks', 0, 'advice'], 3, 'message.runs[0].marks[0].advice is not a string'],
    [
      'a column that is no typed array',
      fromHost[3],
      ['rows', 'columns', 'actor/grad_norm'],
      [1, 2],
      'message.rows.columns.actor/grad_norm is not a column of numbers',
    ],
    ['columns of different lengths', fromHost[3], ['rows', 'steps', 'count'], 3, 'message.rows has columns of different lengths'],
    ['a negative row', fromHost[3], ['rows', 'from'], -1, 'message.rows.from is not a count'],
    ['a range that runs backwards', fromHost[5], ['view', 'range'], [3, 1], 'message.view.range is not a range of two ascending numbers'],
    ['an unknown kind of subject', fromHost[0], ['subject', 'kind'], 'all', 'message.subject.kind is none of group, runs'],
  ];
  for (const [name, message, path, replacement, complaint] of complaints) {
    test(`${name} is refused with its place`, () => assert.equal(parseHostMessage(spoiled(message, path, replacement)), complaint));
  }

  test('an action that is none of ours is refused, whatever it is called', () => {
    assert.match(
      String(parsePanelMessage({ type: 'action', action: 'workbench.action.terminal.new', runs: [] })),
      /action is none of stop/,
    );
    assert.match(String(parsePanelMessage({ type: 'action', action: 'stop', runs: [{}] })), /^message\.runs\[0\] is not a string$/);
  });

  test('an export must hold what its format says', () => {
    assert.equal(parsePanelMessage({ type: 'export', format: 'png', content: 'text' }), 'message.content is not bytes');
    assert.equal(parsePanelMessage({ type: 'export', format: 'svg', content: Uint8Array.of(1) }), 'message.content is not a string');
    assert.equal(parsePanelMessage({ type: 'export', format: 'exe', content: '' }), 'message.format is none of png, svg, csv');
  });
});

describe('choices for the next panel', () => {
  test('are taken from settings and memories as far as they can be used', () => {
    const written = { yScale: 'log', smoothing: { by: 'range', share: 7 }, robust: 'yes', layout: 'stacked', range: [1, 2] };
    assert.deepEqual(validChoices(written), { yScale: 'log', layout: 'stacked' });
  });
});

describe('memory of a panel', () => {
  test('survives the JSON that keeps it over a reload', () => {
    assert.deepEqual(parsePanelMemory(JSON.parse(JSON.stringify(memory))), memory);
  });

  test('that an earlier version kept has what is new in a view as a new panel has it', () => {
    const earlier = { ...memory, view: { x: 'tokens', robust: false } };
    assert.deepEqual(parsePanelMemory(earlier), { ...memory, view: { ...initialView, x: 'tokens', robust: false } });
  });

  test('that has a share of the past as its smoothing has the steps instead; where nobody had chosen one, what is usual now', () => {
    const converted = (smoothing: number): unknown => {
      const parsed = parsePanelMemory({ ...memory, view: { ...initialView, smoothing } });
      return typeof parsed === 'string' ? parsed : parsed.view.smoothing;
    };
    assert.deepEqual(converted(0.98), { by: 'steps', steps: 50 });
    assert.deepEqual(converted(0), { by: 'steps', steps: 0 });
    assert.deepEqual(converted(0.9), initialView.smoothing);
  });

  test('that has series shown alone, as views once had, shows these alone', () => {
    const { shown, ...others } = initialView;
    const isolating = (...isolated: string[]): unknown => parsePanelMemory({ ...memory, view: { ...others, isolated } });
    assert.deepEqual((isolating('opo') as PanelMemory).view.shown, { rule: 'only', names: ['opo'] });
    assert.deepEqual((isolating() as PanelMemory).view.shown, shown);
  });

  test('is refused when it comes from another version or is damaged', () => {
    assert.equal(parsePanelMemory(undefined), 'memory is not an object');
    assert.equal(parsePanelMemory({ ...memory, version: 2 }), 'memory.version is none of 1');
    assert.equal(
      parsePanelMemory(spoiled(memory, ['view', 'smoothing', 'share'], 2)),
      'memory.view.smoothing.share is not between 0 and 1',
    );
    assert.equal(
      parsePanelMemory(spoiled(memory, ['view', 'range'], [1, null])),
      'memory.view.range is not a range of two ascending numbers',
    );
    assert.equal(parsePanelMemory(spoiled(memory, ['view', 'sort'], 'seed')), 'memory.view.sort is not an object');
  });
});
