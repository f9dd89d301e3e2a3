import assert from 'node:assert/strict';
import type { LensLook } from '../../webview/lens/lensLook.ts';
import { lensRowOf, plainTrajectory, sampledStep } from './harness/lensData.ts';
import { lensTest } from './harness/panelTest.ts';

const step = sampledStep({ groups: 3, size: 6, tokens: 160 });
const tir = 'tir_optimal_token_baseline';

const look: LensLook = {
  version: 1,
  place: 'here',
  step: 30,
  sequence: 2,
  coloring: 'advantage',
  estimator: null,
  compared: null,
  sort: 'sequence',
  isDescending: false,
  filter: { least: null, most: null, group: null, truncated: 'any' },
  search: '',
  view: 'text',
};

function largest(values: number | Float32Array | undefined): number {
  return values instanceof Float32Array
    ? Math.max(...[...values].filter((value) => !Number.isNaN(value)).map(Math.abs))
    : Math.abs(values ?? 0);
}

lensTest(
  'every token is coloured by its advantage, blue above 0 and orange below, and what a tool answered by nothing',
  {},
  async (lens) => {
    await lens.show(step);
    const [first] = step;
    const advantages = first?.advantages[tir] as Float32Array;
    for (const token of [0, 1, 2, 8, 9, 16]) {
      const tone = Math.max(1, Math.round((10 * Math.abs(advantages[token]!)) / largest(advantages)));
      const expected = advantages[token]! < 0 ? `tone-below-${tone}` : `tone-${tone}`;
      assert.match((await lens.token(token).getAttribute('class')) ?? '', new RegExp(`\\b${expected}( |$)`));
    }
    assert.equal(await lens.token(5).getAttribute('class'), 'token');
    assert.equal(await lens.page.locator('.line.is-answer').first().locator('.gutter').textContent(), 'Tool');
  },
);

lensTest('pointing at a token tells all its numbers and marks it, and so do the arrow keys', {}, async (lens) => {
  await lens.show(step);
  await lens.token(9).hover();
  const readout = lens.page.locator('.token-readout');
  assert.match((await readout.textContent()) ?? '', /token 9 chosen 6 turn 2 π [\d.]+ log π −[\d.]+/);
  const before = await readout.boundingBox();
  await lens.page.locator('.text-scroll').press('ArrowRight');
  assert.match((await readout.textContent()) ?? '', /token 10 chosen 7/);
  assert.deepEqual(await readout.boundingBox(), before);
  assert.match((await lens.token(10).getAttribute('class')) ?? '', /is-pointed/);
});

lensTest('the strip chart points at tokens and brings them into sight', { height: 600 }, async (lens) => {
  await lens.show(step);
  const box = await lens.page.locator('.strip').boundingBox();
  assert.ok(box);
  await lens.page.mouse.click(box.x + box.width - 4, box.y + 40);
  await lens.drawn();
  assert.match((await lens.page.locator('.token-readout').textContent()) ?? '', /token 15\d /);
  assert.ok(await lens.page.locator('[data-token="158"]').first().isVisible());
  assert.match((await lens.page.locator('.strip canvas').getAttribute('aria-label')) ?? '', /W_t along the trajectory, from 0 to/);
});

lensTest('the list is sorted by its headings and filtered by reward, group and end', {}, async (lens) => {
  await lens.show(step);
  await lens.page.getByRole('button', { name: 'Sort by Reward' }).click();
  await lens.drawn();
  const byReward = step.toSorted((a, b) => (b.reward ?? 0) - (a.reward ?? 0) || a.sequence - b.sequence).map(({ sequence }) => sequence);
  assert.deepEqual(await lens.order(), byReward);
  await lens.page.getByRole('button', { name: 'Sort by |A|' }).click();
  await lens.drawn();
  const byAdvantage = step.toSorted((a, b) => largest(b.advantages[tir]) - largest(a.advantages[tir]) || a.sequence - b.sequence);
  assert.deepEqual(
    await lens.order(),
    byAdvantage.map(({ sequence }) => sequence),
  );
  await lens.page.getByLabel('Least reward').fill('0.5');
  await lens.drawn();
  const good = byAdvantage.filter(({ reward }) => (reward ?? 0) >= 0.5).map(({ sequence }) => sequence);
  assert.deepEqual(await lens.order(), good);
  assert.equal(await lens.page.locator('.list-count').textContent(), `${good.length} of ${step.length} shown`);
  await lens.page.getByLabel('Least reward').fill('9');
  await lens.drawn();
  assert.equal(await lens.page.locator('.list-message').textContent(), 'No trajectory passes the filter.');
  await lens.page.getByRole('button', { name: 'Clear', exact: true }).click();
  await lens.drawn();
  assert.equal((await lens.order()).length, step.length);
});

lensTest('j, k and the arrows go through the list, [ and ] through the steps', {}, async (lens) => {
  await lens.show(step, { steps: [10, 20, 30, 40] });
  await lens.page.locator('.list-scroll').press('ArrowDown');
  await lens.page.keyboard.press('j');
  await lens.page.keyboard.press('k');
  await lens.drawn();
  assert.equal(await lens.page.locator('.row[aria-selected="true"]').getAttribute('data-sequence'), '1');
  assert.equal(await lens.page.locator('.list-scroll').getAttribute('aria-activedescendant'), 'trajectory-1');
  assert.deepEqual(
    (await lens.postedOf('want')).flatMap(({ sequences }) => sequences),
    [0, 1, 2],
  );
  await lens.page.keyboard.press('[');
  assert.deepEqual(await lens.postedOf('step'), [{ type: 'step', step: 30 }]);
  // The last step has no next.
  await lens.page.keyboard.press(']');
  assert.equal((await lens.postedOf('step')).length, 1);
  await lens.answer(step, 40);
  await lens.page.locator('.list-scroll').press('Enter');
  assert.ok(await lens.page.locator('.text-scroll').evaluate((element) => element === document.activeElement));
});

lensTest('search leaves the trajectories that have the text, and marks it, also over the bounds of tokens', {}, async (lens) => {
  await lens.show(step);
  await lens.page.getByRole('searchbox').fill('? NEEDLE');
  await lens.page.waitForFunction(() => document.querySelector('.filter-count')?.textContent === '…');
  await lens.answer(step);
  await lens.answer(step);
  assert.deepEqual(await lens.order(), [3]);
  await lens.page.locator('.list .row').click();
  await lens.answer(step);
  assert.deepEqual(await lens.page.locator('.token.is-found').allTextContents(), ['?', ' needle']);
});

lensTest(
  'two estimators stand side by side with the same lines, and one under the other where it is narrow',
  { memory: { ...look, compared: 'dr_grpo' }, width: 1400 },
  async (lens) => {
    await lens.show(step);
    assert.deepEqual(await lens.page.locator('.text-head').allTextContents(), [tir, 'dr_grpo']);
    const places = async () => [await lens.token(2).boundingBox(), await lens.token(2, 1).boundingBox()] as const;
    const [left, right] = await places();
    assert.ok(left && right && left.y === right.y && right.x > left.x + 300);
    assert.equal(await lens.token(2).textContent(), await lens.token(2, 1).textContent());
    await lens.token(2).hover();
    assert.match((await lens.page.locator('.token-readout').textContent()) ?? '', /tir_optimal_token_baseline.*B_t.*dr_grpo.*B_t/);
    await lens.page.setViewportSize({ width: 500, height: 900 });
    await lens.drawn();
    const [upper, lower] = await places();
    assert.ok(upper && lower && upper.x === lower.x && lower.y > upper.y);
  },
);

lensTest(
  'the group is aligned by chosen token, says who is averaged over, and marks the zero tail',
  { memory: { ...look, sequence: 0, view: 'group' } },
  async (lens) => {
    await lens.show(step);
    const group = step.filter((trajectory) => trajectory.group === 0);
    const chosen = group.map(({ mask }) => mask?.reduce((sum, each) => sum + each, 0) ?? 0).toSorted((a, b) => b - a);
    assert.match(
      (await lens.page.locator('.group-said').textContent()) ?? '',
      /^Group 0: 6 responses to one prompt, aligned by the tokens that the policy chose/,
    );
    assert.match(
      (await lens.page.locator('.group-tail').textContent()) ?? '',
      new RegExp(`from token ${chosen[1]} on, hatched, #0 has baseline 0`),
    );
    const scroll = lens.page.locator('.group-scroll');
    await scroll.press('Home');
    assert.match(
      (await lens.page.locator('.group-readout').textContent()) ?? '',
      /Chosen token 0: 6 of 6 alive here: #0, #1, #2, #3, #4 and #5\./,
    );
    await scroll.press('End');
    assert.match(
      (await lens.page.locator('.group-readout').textContent()) ?? '',
      /1 of 6 alive here: #0\..*zero tail: its baseline is 0\.$/,
    );
  },
);

lensTest(
  'what the lens looked like is there again',
  { memory: { ...look, sequence: 7, coloring: 'tokenEnergy', sort: 'length', isDescending: true } },
  async (lens) => {
    assert.deepEqual(await lens.postedOf('ready'), [{ type: 'ready', step: 30 }]);
    await lens.show(step);
    assert.equal(await lens.page.locator('.row[aria-selected="true"]').getAttribute('data-sequence'), '7');
    assert.equal((await lens.order())[0], 0);
    await lens.page.getByRole('tab', { name: 'Noise' }).click();
    const kept = await lens.memory();
    assert.equal(kept?.view, 'noise');
    assert.equal(kept?.coloring, 'tokenEnergy');
    assert.equal(kept?.place, 'here');
  },
);

lensTest(
  'a state that is none of a lens is told, and the lens opens as usual',
  { memory: { sort: 'colour' }, errors: [/cannot be restored/] },
  async (lens) => {
    await lens.show(step);
    assert.equal((await lens.order()).length, step.length);
  },
);

lensTest('texts without tokens are shown as such: nothing to color, nothing to align, what is known', {}, async (lens) => {
  await lens.show([0, 1, 2, 3].map(plainTrajectory), { estimator: null });
  assert.match((await lens.page.locator('.detail > .detail-message').textContent()) ?? '', /texts but no tokens/);
  assert.match((await lens.page.locator('.facts').textContent()) ?? '', /reward 0.*advantage, grpo 0\.5.*gts 42.*acc true/);
  assert.equal(await lens.tab('Group').isVisible(), false);
  assert.equal(await lens.page.locator('.strip').isVisible(), false);
  assert.match((await lens.page.locator('.text-sizer').textContent()) ?? '', /The sea is wide\.↵/);
});

lensTest('it fits into 320 pixels', { width: 320, height: 800 }, async (lens) => {
  await lens.show(step);
  for (const name of ['Text', 'Group', 'Noise']) {
    await lens.tab(name).click();
    await lens.answer(step);
    assert.ok(
      await lens.page.evaluate(
        () => document.documentElement.scrollWidth <= 320 && document.documentElement.scrollHeight <= window.innerHeight,
      ),
    );
  }
});

lensTest(
  'rows that arrive late, steps without any, lines that are none and failures are told',
  { errors: [/cannot be read/] },
  async (lens) => {
    await lens.send({ type: 'source', name: 'run', estimator: null, steps: [1, 2] }, { type: 'step', step: 1 });
    assert.equal(await lens.page.locator('.list-message').textContent(), 'Reading the step…');
    await lens.send({ type: 'rows', step: 1, rows: [], isComplete: true });
    assert.equal(await lens.page.locator('.list-message').textContent(), 'Step 1 has no trajectories.');
    // Of a step that is no longer looked at.
    await lens.send({ type: 'step', step: 2 }, { type: 'rows', step: 1, rows: step.map(lensRowOf), isComplete: true });
    assert.deepEqual(await lens.order(), []);
    await lens.send(
      { type: 'rows', step: 2, rows: step.slice(0, 4).map(lensRowOf), isComplete: false },
      { type: 'rows', step: 2, rows: step.slice(4).map(lensRowOf), isComplete: true },
      { type: 'malformed', step: 2, lines: [{ line: 3, problem: 'is not JSON, or is cut off' }] },
    );
    assert.equal((await lens.order()).length, step.length);
    assert.equal(await lens.page.locator('.malformed summary').textContent(), '1 line of the file is left out');
    await lens.page.locator('.malformed summary').click();
    assert.equal(await lens.page.locator('.malformed li').textContent(), 'Line 3: is not JSON, or is cut off');
    await lens.sendRaw({ type: 'rows', step: 2, rows: 'none' });
    await lens.send({ type: 'failure', step: 2, message: 'The file of step 2 is gone. Choose another step.' });
    assert.equal(await lens.page.locator('.detail-view .detail-message').textContent(), 'The file of step 2 is gone. Choose another step.');
  },
);
