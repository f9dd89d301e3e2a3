import assert from 'node:assert/strict';
import { test } from 'node:test';
import { joinedShare } from '../../../src/core/panel/share.ts';
import type { AxisNeed, PanelShare, SharedSeries } from '../../../src/core/panel/share.ts';

const need: AxisNeed = { wantsLog: false, linear: null, log: null, zeros: false, lost: false };
const [grpo, otb] = ['grpo', 'otb'].map((series) => ({ series, name: 'ledger', run: `/runs/${series}` })) as [SharedSeries, SharedSeries];
const calm: PanelShare = {
  extents: { step: [1, 600] },
  axes: { norm: { ...need, linear: [0, 2] }, score: { ...need, linear: [0, 1] } },
  series: [otb],
};
const surge: PanelShare = {
  extents: { step: [5, 180], time: [0, 12] },
  axes: { norm: { wantsLog: true, linear: null, log: [-1, 5.2], zeros: true, lost: false } },
  series: [grpo],
};

test('columns of a comparison together need the least that holds what each of them does', () => {
  assert.deepEqual(joinedShare([calm, surge]), {
    extents: { step: [1, 600], time: [0, 12] },
    axes: { norm: { wantsLog: true, linear: [0, 2], log: [-1, 5.2], zeros: true, lost: false }, score: calm.axes['score'] },
    series: [otb, grpo],
  });
});

test('the order in which columns are told makes no difference, nor does it to join what is joined', () => {
  assert.deepEqual(joinedShare([surge, calm]).extents, joinedShare([calm, surge]).extents);
  assert.deepEqual(joinedShare([joinedShare([surge, calm]), calm]).axes, joinedShare([surge, calm]).axes);
});

test('a column in which nothing is to be seen takes no room on the axes of the others', () => {
  const empty: PanelShare = { extents: {}, axes: { norm: need }, series: [] };
  assert.deepEqual(joinedShare([calm, empty]), calm);
});

test('a metric may have any name', () => {
  const share: PanelShare = { extents: {}, axes: Object.fromEntries([['__proto__', need]]), series: [] };
  assert.deepEqual(Object.keys(joinedShare([share]).axes), ['__proto__']);
});
