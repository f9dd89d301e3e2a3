import assert from 'node:assert/strict';
import { chosenColors, palette } from '../../src/core/figure/palette.ts';
import { roleColumns } from '../../src/core/panel/rows.ts';
import { metricNames } from '../../src/core/records/metricNames.ts';
import type { PanelRun } from '../../src/core/panel/panelRun.ts';
import { initialView } from '../../src/core/panel/view.ts';
import type { PanelMemory } from '../../src/core/panel/view.ts';
import type { PanelPage } from './harness/panelPage.ts';
import { panelTest } from './harness/panelTest.ts';
import { opening, recordedRun } from './harness/recordedRuns.ts';
import type { RecordedRun } from './harness/recordedRuns.ts';

const { gradNorm, score } = roleColumns;
const { entropy } = metricNames;
const collapsed = recordedRun('main_opo_6e-3_s7', 'opo');
const healthy = recordedRun('main_otb_6e-3_s7', 'tir_optimal_token_baseline');
const both = opening('two runs', [collapsed, healthy]);
const noNumbers = {
  step: null,
  gradNorm: null,
  medianGradNorm: null,
  maxGradNorm: null,
  score: null,
  bestScore: null,
  stepsPerSecond: null,
};

const notBegun = {
  numbers: noNumbers,
  collapse: 'unknown' as const,
  onsetStep: null,
  detectedStep: null,
  marks: [],
  metrics: [],
  plannedSteps: 600,
};

function told(...runs: readonly PanelRun[]): { type: 'runs'; runs: readonly PanelRun[] } {
  return { type: 'runs', runs };
}

/** What was asked for, and of which runs. */
async function actions(panel: PanelPage): Promise<readonly (readonly string[])[]> {
  return (await panel.postedOf('action')).map(({ action, runs }) => [action, ...runs]);
}

panelTest('the header names the panel and counts its runs by state', {}, async (panel) => {
  await panel.send(...opening('ledger', [{ ...collapsed, run: { ...collapsed.run, process: 'running' } }, healthy]));
  assert.equal(await panel.page.locator('h1').innerText(), 'ledger');
  assert.deepEqual(await panel.page.locator('.chip').allInnerTexts(), ['1 running', '1 finished', '1 of 2 collapsed']);
});

panelTest('a click on a series shows it alone, with ctrl others too, and all again', {}, async (panel) => {
  await panel.send(...both);
  const entry = (name: string) => panel.page.locator('.legend-entry', { hasText: name });
  const drawn = async (name: 'opo' | 'tir_optimal_token_baseline'): Promise<boolean> =>
    (await panel.pixels(score, palette[name].dark)) > 100;
  await entry('tir_').click();
  assert.equal(await entry('tir_').getAttribute('aria-pressed'), 'true');
  assert.deepEqual([await drawn('opo'), await drawn('tir_optimal_token_baseline')], [false, true]);
  await entry('opo').click({ modifiers: ['Control'] });
  assert.deepEqual([await drawn('opo'), await drawn('tir_optimal_token_baseline')], [true, true]);
  // By keyboard, as a button does.
  await entry('opo').focus();
  await panel.page.keyboard.press('Enter');
  assert.deepEqual([await drawn('opo'), await drawn('tir_optimal_token_baseline')], [true, false]);
  await panel.page.keyboard.press('Space');
  assert.deepEqual([await drawn('opo'), await drawn('tir_optimal_token_baseline')], [true, true]);
  assert.equal(await panel.page.locator('.legend [aria-pressed="true"]').count(), 0);
});

panelTest("a collapse stands under the figure with its onset, the detector's words and what can be done", {}, async (panel) => {
  const running = { ...collapsed.run, process: 'running' as const };
  await panel.send(...opening('one run', [{ ...collapsed, run: running }]));
  const item = panel.page.locator('.collapse');
  const mark = running.marks.find(({ type }) => type === 'collapse');
  assert.ok(mark);
  const text = await item.innerText();
  const parts = ['opo seed 7', `onset at step ${running.onsetStep}`, `noticed at step ${running.detectedStep}`, mark.message, mark.advice];
  for (const part of parts) assert.ok(text.includes(part), `"${part}" in "${text}"`);
  for (const name of ['Stop run', 'Open config']) await item.locator('vscode-button', { hasText: name }).click();
  assert.deepEqual(
    await actions(panel),
    ['stop', 'openConfig'].map((action) => [action, running.id]),
  );
  await panel.send(told({ ...running, process: 'stopped' }));
  assert.equal(await item.locator('vscode-button', { hasText: 'Stop run' }).count(), 0);
});

panelTest('a silent run is told of beside the figure, with what to do, and is no collapse', {}, async (panel) => {
  const silence = {
    type: 'silent',
    step: 90,
    onsetStep: 61,
    message: 'No gradient since step 61.',
    advice: 'Check it.',
    data: {},
  } as const;
  const silent = { ...healthy.run, process: 'running', collapse: 'silent', marks: [silence] } as const;
  await panel.send(...opening('one run', [{ ...healthy, run: silent }]));
  assert.match(await panel.page.locator('.notices .note').innerText(), /No gradient since step 61\. Check it\./);
  assert.deepEqual(await panel.page.locator('.chip').allInnerTexts(), ['1 running', '1 silent']);
  assert.equal(await panel.page.locator('.collapse').count(), 0);
});

panelTest(
  'runs of an estimator that collapsed share one line, the earliest estimator first, and tell the rest when it is opened',
  {},
  async (panel) => {
    const runOf = (estimator: string, seed: number, onsetStep: number | null): RecordedRun => {
      const id = `${estimator} ${seed}`;
      const collapse = onsetStep === null ? 'healthy' : 'collapsed';
      const run = {
        ...collapsed.run,
        id,
        label: `${estimator} seed ${seed}`,
        estimator,
        series: estimator,
        seed,
        onsetStep,
        collapse,
      } as const;
      return { run: { ...run, detectedStep: onsetStep }, rows: { ...collapsed.rows, run: id } };
    };
    await panel.send(...opening('many', [runOf('opo', 1, 90), runOf('opo', 2, 70), runOf('grpo', 1, 50), runOf('grpo', 2, null)]));
    const summaries = panel.page.locator('.collapse summary');
    assert.deepEqual(
      (await summaries.allInnerTexts()).map((text) => text.replaceAll(/\s+/g, ' ').trim()),
      ['grpo 1 of 2 collapsed, first at step 50', 'opo 2 of 2 collapsed, first at step 70'],
    );
    assert.equal(await panel.page.locator('.collapsed-run').filter({ visible: true }).count(), 0);
    await summaries.nth(1).click();
    const told = await panel.page.locator('.collapsed-run').filter({ visible: true }).allInnerTexts();
    assert.deepEqual(
      told.map((text) => text.slice(0, 'opo seed 1'.length)),
      ['opo seed 2', 'opo seed 1'],
    );
  },
);

for (const [width, height] of [
  [400, 800],
  [700, 700],
  [900, 800],
  [1400, 900],
  [1600, 600],
] as const) {
  panelTest(
    `both curves are whole within a first screen of ${width} by ${height}, under one row each of title, toolbar and legend`,
    {},
    async (panel) => {
      await panel.page.setViewportSize({ width, height });
      await panel.send(
        ...opening('a group whose name is so long that it finds no room beside the states of its runs', [collapsed, healthy]),
      );
      await panel.drawn();
      const bounds = await Promise.all((await panel.page.locator('.charts .chart').all()).map((chart) => chart.boundingBox()));
      assert.equal(bounds.length, 2);
      for (const box of bounds) assert.ok(box !== null && box.y + box.height <= height && box.height >= 130, JSON.stringify(box));
      for (const row of ['.header', '.toolbar', '.legend']) {
        const box = await panel.page.locator(row).boundingBox();
        assert.ok(box !== null && box.height <= 36, `${row} is ${box?.height} px high`);
      }
      assert.ok(await panel.page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
    },
  );
}

panelTest('a collapse is announced when it happens, not when the panel opens on it', {}, async (panel) => {
  const still = { ...healthy.run, collapse: 'healthy' as const };
  const announced = (): Promise<string> => panel.page.locator('[role="status"]').innerText();
  await panel.send(...opening('runs', [collapsed, { ...healthy, run: still }]));
  assert.equal(await announced(), '');
  await panel.send(told(collapsed.run, { ...still, collapse: 'collapsed', onsetStep: 300, detectedStep: 320 }));
  assert.equal(await announced(), 'tir_optimal_token_baseline seed 7 collapsed: onset at step 300, noticed at step 320.');
});

panelTest('the table is sorted by the column that is clicked, and the other way round by a second click', {}, async (panel) => {
  await panel.send(...both);
  const names = async (): Promise<readonly string[]> => (await panel.page.locator('tbody th').allInnerTexts()).map((text) => text.trim());
  const heading = panel.page.locator('th[scope="col"]', { hasText: 'Best' });
  assert.deepEqual(await names(), ['opo', 'tir_optimal_token_baseline']);
  await heading.locator('button').click();
  assert.equal(await heading.getAttribute('aria-sort'), 'descending');
  assert.deepEqual(await names(), ['tir_optimal_token_baseline', 'opo']);
  await heading.locator('button').press('Enter');
  assert.equal(await heading.getAttribute('aria-sort'), 'ascending');
  assert.deepEqual(await names(), ['opo', 'tir_optimal_token_baseline']);
  assert.equal(await panel.page.locator('[aria-sort]').count(), 1);
});

panelTest('the table has a column for each parameter that differs', {}, async (panel) => {
  const runs = [0.008, 0.001].map((learningRate, index) => ({
    ...collapsed.run,
    id: String(index),
    parameters: { 'optimizer.learningRate': learningRate },
  }));
  await panel.send(both[0] ?? told(), told(...runs));
  await panel.page.locator('th[scope="col"] button[title="optimizer.learningRate"]').click();
  const cells = panel.page.locator('tbody tr td:last-child');
  assert.deepEqual(await cells.allInnerTexts(), ['0.008', '0.001']);
});

panelTest('a run has the name, the tags and the colour that somebody gave it', {}, async (panel) => {
  await panel.send(...both);
  const headings = panel.page.locator('th[scope="col"]');
  assert.equal(await headings.filter({ hasText: 'Tags' }).count(), 0);
  await panel.send(told({ ...collapsed.run, givenName: 'the good one', tags: ['lr', 'paper'], color: 'blue' }, healthy.run));
  const row = panel.page.locator('tbody tr').filter({ hasText: 'the good one' });
  assert.match(await row.innerText(), /lr, paper/);
  const names = (await headings.allInnerTexts()).map((text) => text.trim());
  assert.equal(names.indexOf('Name'), names.indexOf('Seed') - 1, 'in sight where the panel is narrow');
  assert.ok((await panel.pixels(gradNorm, chosenColors.blue.dark)) > 100);
  await row.locator('vscode-button[title="Rename, tag, color or archive"]').click();
  assert.deepEqual(await panel.postedOf('action'), [{ type: 'action', action: 'label', runs: [collapsed.run.id] }]);
});

panelTest('new numbers are written into the rows that are there, which keep the focus', {}, async (panel) => {
  await panel.send(...both);
  const log = panel.page.locator('tbody tr').nth(1).locator('vscode-button').first();
  await log.focus();
  const updated = { ...healthy.run, numbers: { ...healthy.run.numbers, score: 0.123 } };
  await panel.send(told(collapsed.run, updated));
  assert.match(await panel.page.locator('tbody tr').nth(1).innerText(), /0\.12/);
  assert.equal(await log.evaluate((button) => button === document.activeElement), true);
});

panelTest('rows of metrics touch nothing of the page but the charts', {}, async (panel) => {
  await panel.send(...both);
  await panel.drawn();
  await panel.page.evaluate(() => {
    const changes: string[] = [];
    Object.assign(globalThis, { changes });
    const isOfChart = (node: Node): boolean => node instanceof Element && node.closest('.chart-box') !== null;
    const observer = new MutationObserver((records) => {
      for (const { target } of records) if (!isOfChart(target)) changes.push(target.nodeName);
    });
    observer.observe(document.body, { subtree: true, childList: true, attributes: true, characterData: true });
  });
  await panel.send(collapsed.rows, healthy.rows);
  await panel.drawn();
  assert.deepEqual(await panel.page.evaluate(() => (globalThis as unknown as { changes: string[] }).changes), []);
});

panelTest('the row under the pointer makes its line stand out', {}, async (panel) => {
  await panel.send(...both);
  await panel.toggleMenu('View');
  await panel.page.locator('vscode-checkbox', { hasText: 'Mean and band' }).click();
  const calm = await panel.pixels(score, palette.opo.dark);
  await panel.page.locator('tbody tr').first().hover();
  assert.ok((await panel.pixels(score, palette.opo.dark)) > calm);
  await panel.page.mouse.move(0, 0);
  assert.equal(await panel.pixels(score, palette.opo.dark), calm);
});

panelTest('a row offers what can be done with its run', {}, async (panel) => {
  const runs = (['running', 'lost', 'finished'] as const).map((process, seed) => ({ ...healthy.run, id: process, seed, process }));
  await panel.send(both[0] ?? told(), told(...runs));
  const titles = (rows: readonly Element[]): (string | null)[][] =>
    rows.map((row) => [...row.querySelectorAll('vscode-button')].map((button) => button.getAttribute('title')));
  const offered = await panel.page.locator('tbody tr').evaluateAll(titles);
  assert.deepEqual(offered, [
    ['Stop run', 'Open log', 'Open config', 'Rename, tag, color or archive'],
    ['Resume run', 'Open log', 'Open config', 'Rename, tag, color or archive'],
    ['Open log', 'Open config', 'Rename, tag, color or archive'],
  ]);
  await panel.page.locator('vscode-button[title="Resume run"]').click();
  assert.deepEqual(await panel.postedOf('action'), [{ type: 'action', action: 'resume', runs: ['lost'] }]);
});

panelTest('a panel without steps says what it waits for', {}, async (panel) => {
  const notice = panel.page.locator('.notice');
  assert.equal(await notice.innerText(), 'Loading the runs…');
  const [open] = opening('waiting', [healthy]);
  await panel.send(open ?? told(), told());
  assert.match(await notice.innerText(), /^There are no runs here\./);
  assert.equal(await panel.page.locator('.toolbar, table').filter({ visible: true }).count(), 0);
  const states = [
    [{ process: 'waiting' }, 'No run has started yet. 1 run waiting.'],
    [{ process: 'cancelled' }, /^1 run never started: /],
    [{ process: 'starting' }, 'Waiting for the first step.'],
    [{ process: 'starting', warmStart: 0.42 }, /^Waiting for the first step, which follows the warm start \(42 % done\)\.$/],
    [{ process: 'stopped' }, 'No run has finished a step.'],
    [{ process: 'failed', note: 'Out of memory.' }, 'No run has finished a step.'],
    [{ process: 'lost', note: 'The process is gone and did not say why.' }, 'No run has finished a step.'],
    [{ process: 'idle' }, 'No run has finished a step.'],
  ] as const;
  for (const [state, words] of states) {
    await panel.send(told({ ...healthy.run, ...notBegun, ...state }));
    assert.match(await notice.innerText(), typeof words === 'string' ? new RegExp(`^${words.replaceAll('.', '\\.')}$`) : words);
    assert.equal(await panel.page.locator('.charts, .chart').filter({ visible: true }).count(), 0, `${state.process}: no empty charts`);
    assert.doesNotMatch(await panel.page.locator('main').innerText(), /NaN|null|undefined|Infinity|∞/);
    assert.equal(await panel.page.locator('tbody tr').count(), 1);
  }
  assert.equal(await panel.page.locator('.charts').isVisible(), false);
  await panel.send(told(healthy.run), healthy.rows);
  assert.equal(await notice.isVisible(), false);
  assert.equal(await panel.page.locator('.charts').isVisible(), true);
});

panelTest('a run has its row from its place in the queue to its last step, and nothing moves as it goes on', {}, async (panel) => {
  const first = { ...collapsed.run, process: 'running' as const, plannedSteps: 600 };
  const going = (step: number): PanelRun => ({ ...first, numbers: { ...first.numbers, step, stepsPerSecond: 1 } });
  const [second, third] = [8, 9].map((seed) => ({ ...first, ...notBegun, id: String(seed), seed, process: 'waiting' as const }));
  assert.ok(second && third);
  const column = async (name: string): Promise<readonly string[]> => {
    const headings = await panel.page.locator('thead th').allInnerTexts();
    const index = headings.findIndex((text) => text.trim() === name) + 1;
    return panel.page.locator(`tbody tr > :nth-child(${index})`).allInnerTexts();
  };
  const left = panel.page.locator('.time-left');
  const places = (): Promise<readonly (readonly number[])[]> =>
    panel.page.locator('.legend, .charts, thead th, tbody tr').evaluateAll((parts) =>
      parts.map((part) => {
        const { x, y, width } = part.getBoundingClientRect();
        return [x, y, width].map(Math.round);
      }),
    );
  await panel.send(both[0] ?? told(), told(going(9), second, third), collapsed.rows);
  assert.deepEqual(await column('State'), ['collapsed, running', 'waiting', 'waiting']);
  assert.deepEqual(
    [await column('Step'), await column('Left')],
    [
      ['9 / 600', '0 / 600', '0 / 600'],
      ['10 min', '', ''],
    ],
  );
  assert.equal(await left.innerText(), '30 min left');
  assert.deepEqual(await panel.page.locator('.chip').allInnerTexts(), ['1 running', '2 waiting', '1 of 3 collapsed']);
  assert.equal(await panel.page.locator('tbody tr').nth(1).locator('vscode-button').count(), 0, 'there is nothing to open or to stop');
  const before = await places();
  await panel.send(told(going(310), { ...second, process: 'starting', warmStart: 0.42 }, third));
  assert.deepEqual(await column('State'), ['collapsed, running', 'warm start 42 %', 'waiting']);
  assert.deepEqual(await column('Left'), ['5 min', '', '']);
  assert.deepEqual(await places(), before);
  await panel.send(told(going(590), { ...second, process: 'running', numbers: going(12).numbers }, third));
  assert.deepEqual(await column('Left'), ['10 s', '10 min', '']);
  assert.deepEqual(await places(), before);
  await panel.send(told({ ...first, process: 'finished' }));
  assert.equal(await panel.page.locator('thead th', { hasText: 'Left' }).count(), 0, 'there is no time left of runs that have ended');
  assert.equal(await left.innerText(), '');
});

panelTest('a run that failed or was lost says why, and can be resumed', {}, async (panel) => {
  await panel.send(
    ...opening('lost', [{ ...healthy, run: { ...healthy.run, process: 'lost', note: 'The process is gone and did not say why.' } }]),
  );
  const note = panel.page.locator('.note');
  assert.match(await note.innerText(), /tir_optimal_token_baseline seed 7\s+The process is gone and did not say why\./);
  await note.locator('vscode-button', { hasText: 'Resume run' }).click();
  await note.locator('vscode-button', { hasText: 'Open log' }).click();
  assert.deepEqual(
    (await panel.postedOf('action')).map(({ action }) => action),
    ['resume', 'openErrors'],
  );
});

panelTest('all dropdowns of the View menu stand below each other', {}, async (panel) => {
  await panel.send(...both);
  await panel.toggleMenu('View');
  const edges = await panel.page.locator('.view-menu vscode-dropdown').evaluateAll((dropdowns) =>
    dropdowns
      .filter((dropdown) => dropdown.checkVisibility())
      .map((dropdown) => {
        const { left, right } = dropdown.getBoundingClientRect();
        return `${left} to ${right}`;
      }),
  );
  assert.ok(edges.length > 3);
  assert.deepEqual([...new Set(edges)].length, 1, edges.join('; '));
});

panelTest('the Metrics menu says so where there is nothing to choose from', {}, async (panel) => {
  const [open] = opening('waiting', [healthy]);
  await panel.send(open ?? told(), told({ ...healthy.run, ...notBegun, metrics: [], process: 'starting' }));
  await panel.toggleMenu('Metrics');
  const none = panel.page.getByText('No further metric is logged.');
  await none.waitFor();
  await panel.send(told(healthy.run));
  await none.waitFor({ state: 'hidden' });
});

panelTest('how the panel looks at its runs is remembered', {}, async (panel) => {
  await panel.send(...both);
  await panel.toggleMenu('View');
  await panel.page.locator('vscode-dropdown[aria-label="Norm scale"]').click();
  await panel.page.locator('vscode-option[value="log"]').click();
  await panel.page.locator('vscode-checkbox', { hasText: 'Ignore outliers' }).click();
  const smoothing = panel.page.locator('input[type="range"]');
  assert.equal(await smoothing.getAttribute('aria-valuetext'), '2 % of the view, 20 steps');
  await smoothing.press('ArrowRight');
  assert.equal(await smoothing.getAttribute('aria-valuetext'), '3 % of the view, 30 steps');
  assert.equal(await panel.page.locator('.slider-value').innerText(), '3 %, 30 steps');
  const subject = { kind: 'runs', runs: [collapsed.run.id, healthy.run.id] };
  assert.deepEqual(await panel.memory(), {
    version: 1,
    subject,
    link: null,
    view: { ...initialView, yScale: 'log', robust: false, smoothing: { by: 'range', share: 0.03 } },
  });
});

panelTest(
  'a new panel looks as the settings say and as was chosen in this workspace, and tells what is chosen in it',
  {},
  async (panel) => {
    const settings = { onsets: true, defaults: { x: 'time', layout: 'stacked' }, chosen: { x: 'tokens', robust: false } } as const;
    await panel.send(...both.map((message) => (message.type === 'open' ? { ...message, settings } : message)));
    await panel.drawn();
    const { view } = (await panel.memory()) ?? {};
    assert.deepEqual(view, { ...initialView, x: 'tokens', robust: false, layout: 'stacked' });
    const [norm, scores] = await Promise.all([gradNorm, score].map((metric) => panel.chart(metric).boundingBox()));
    assert.ok(norm && scores && scores.x === norm.x && scores.y >= norm.y + norm.height, 'one above the other');
    await panel.toggleMenu('View');
    await panel.page.locator('vscode-checkbox', { hasText: 'Mean and band' }).click();
    await panel.page.locator('vscode-button', { hasText: 'Reset to settings' }).click();
    assert.deepEqual(
      (await panel.postedOf('choices')).map(({ choices }) => choices),
      [{ band: false }, null],
    );
    assert.deepEqual((await panel.memory())?.view, { ...initialView, x: 'time', layout: 'stacked' });
  },
);

panelTest('a column that goes back to the settings takes the others along', {}, async (panel) => {
  const settings = { onsets: true, defaults: { x: 'time' }, chosen: { x: 'tokens' } } as const;
  const opened = opening('one of two', [collapsed, healthy], 'link-1');
  await panel.send(...opened.map((message) => (message.type === 'open' ? { ...message, settings } : message)));
  await panel.toggleMenu('View');
  await panel.page.locator('vscode-button', { hasText: 'Reset to settings' }).click();
  assert.equal((await panel.postedOf('link')).at(-1)?.view.x, 'time');
});

const kept: PanelMemory = {
  version: 1,
  subject: { kind: 'runs', runs: [collapsed.run.id, healthy.run.id] },
  link: null,
  view: {
    ...initialView,
    x: 'time',
    yScale: 'linear',
    smoothing: { by: 'steps', steps: 50 },
    shown: { rule: 'only', names: ['opo'] },
    multiples: [entropy],
    sort: { column: 'score', descending: true },
  },
};

panelTest('what was remembered is there after a reload', { memory: kept }, async (panel) => {
  await panel.send(...both);
  const value = (label: string) =>
    panel.page.locator(`vscode-dropdown[aria-label="${label}"]`).evaluate((dropdown) => (dropdown as HTMLSelectElement).value);
  assert.deepEqual([await value('X axis'), await value('Norm scale')], ['time', 'linear']);
  assert.equal(await panel.page.locator('.slider-value').innerText(), '50 steps');
  const metrics = await panel.page
    .locator('[data-metric]')
    .evaluateAll((charts) => charts.map((chart) => chart.getAttribute('data-metric')));
  assert.deepEqual(metrics, [gradNorm, score, entropy]);
  assert.equal(
    await panel.page
      .locator('.legend-entry[aria-pressed="true"]')
      .innerText()
      .then((text) => text.split('\n')[0]),
    'opo',
  );
  assert.equal(await panel.page.locator('[aria-sort="descending"]').innerText(), 'Score');
  assert.ok((await panel.pixels(score, palette.opo.dark)) > 100);
});

const damaged = { memory: { version: 7 }, errors: [/cannot be restored: memory\.version is none of 1/] };
panelTest('a damaged memory is reported, and the panel begins anew', damaged, async (panel) => {
  await panel.send(...both);
  assert.ok((await panel.pixels(score, palette.opo.dark)) > 100);
});

const unread = { errors: [/cannot be read: message\.type is none of open, runs/] };
panelTest('a message that cannot be read is reported, and the panel goes on', unread, async (panel) => {
  await panel.send(...both);
  await panel.sendRaw({ type: 'shutdown' });
  await panel.send(told(collapsed.run));
  assert.deepEqual(await panel.page.locator('tbody th').allInnerTexts(), ['opo']);
});

panelTest('linked panels are told where this one looks, and it looks where they do', {}, async (panel) => {
  await panel.send(...opening('one of two', [collapsed, healthy], 'link-1'));
  await panel.drawn();
  await panel.chart(score).focus();
  await panel.page.keyboard.press('End');
  const [said] = await panel.postedOf('link');
  assert.equal(said?.view.x, 'step');
  assert.ok((said?.view.crosshair ?? 0) > 900);
  await panel.send({ type: 'link', view: { ...initialView, range: [100, 300], crosshair: 200 } });
  await panel.drawn();
  assert.match(await panel.page.locator('.charts .readout').first().innerText(), /^Step 200\n/);
  assert.equal((await panel.postedOf('link')).length, 1);
  assert.deepEqual((await panel.memory())?.view.range, [100, 300]);
});

panelTest('a panel that is not linked tells nobody where it looks', {}, async (panel) => {
  await panel.send(...both);
  await panel.drawn();
  await panel.chart(score).focus();
  await panel.page.keyboard.press('End');
  assert.deepEqual(await panel.postedOf('link'), []);
});

panelTest('runs that are shown are compared side by side, or by their configs', {}, async (panel) => {
  await panel.send(...both);
  const choose = async (text: string): Promise<void> => {
    await panel.page.locator('vscode-button', { hasText: 'Compare' }).click();
    await panel.page.locator('.menu-entry', { hasText: text }).click();
  };
  await choose('Runs side by side');
  await panel.page.locator('.legend-entry', { hasText: 'opo' }).click();
  await choose('Configs');
  assert.deepEqual(await actions(panel), [
    ['compare', collapsed.run.id, healthy.run.id],
    ['diffConfigs', collapsed.run.id],
  ]);
});

panelTest('a menu opens and closes by keyboard, and gives the focus back', {}, async (panel) => {
  await panel.send(...both);
  const trigger = panel.page.locator('vscode-button', { hasText: 'Export' });
  await trigger.focus();
  await panel.page.keyboard.press('Enter');
  assert.equal(await trigger.getAttribute('aria-expanded'), 'true');
  await panel.page.keyboard.press('Tab');
  assert.equal(await panel.page.evaluate(() => document.activeElement?.textContent), 'Picture (PNG)');
  await panel.page.keyboard.press('Escape');
  assert.equal(await trigger.getAttribute('aria-expanded'), 'false');
  assert.equal(await trigger.evaluate((button) => button === document.activeElement), true);
});

panelTest('in a narrow panel a menu of long names stays on the page', { width: 320 }, async (panel) => {
  const long = 'estimator/reinforce_plus_plus_baseline/total_power';
  await panel.send(...opening('one run', [{ ...healthy, run: { ...healthy.run, metrics: [...healthy.run.metrics, long] } }]));
  await panel.page.locator('vscode-button', { hasText: 'Metrics' }).click();
  const box = await panel.page.locator('.popover-panel').filter({ visible: true }).boundingBox();
  assert.ok(box && box.x >= 0 && box.x + box.width <= 320, JSON.stringify(box));
});
