import assert from 'node:assert/strict';
import test from 'node:test';
import { createCollapseDetector } from '../../../src/core/collapse/detector.ts';
import { integerText } from '../../../src/core/notation.ts';
import { Random } from '../../../src/core/random.ts';
import { metricNames } from '../../../src/core/records/metricNames.ts';
import type { CollapseEvent } from '../../../src/core/records/events.ts';
import { eventsOf, normal, syntheticRun } from './syntheticRun.ts';

const { gradNorm: normKey, score: scoreKey, entropy } = metricNames;

type Steps = { step: number; data: Record<string, number> }[];

/** A run in which this and that happens: surges, silence, clipping, scores that fall, come back, stay away or are no numbers. */
function eventfulRun(seed: number): Steps {
  const random = new Random(seed, 0xe7e);
  const whole = (below: number): number => Math.floor(below * random.uniform());
  const [steps, every, stride] = [30 + whole(400), random.chance(0.3) ? 1 + whole(12) : 1, random.chance(0.2) ? 10 : 1];
  const [at, lasts, normKind, scoreKind] = [whole(steps), whole(100), whole(6), whole(6)];
  const between = (i: number): boolean => i > at && i < at + lasts;
  const norm = (i: number): number => {
    const usual = Math.exp(0.4 * normal(random));
    if (normKind === 0 && i > at) return 0;
    if (normKind === 1 && i > at) return usual * Math.min(1e6, 2 ** ((i - at) / 5));
    if (normKind === 2) return between(i) ? 30 * usual : usual;
    if (normKind === 3) return Math.min(usual, i > at ? 1 : 0.9);
    return normKind === 4 && random.chance(0.02) ? 100 * usual : usual;
  };
  const score = (i: number): number => {
    const usual = 0.2 + 0.5 * Math.min(1, i / 100) + 0.05 * normal(random);
    if (scoreKind === 0 && i > at) return 0.05 * normal(random);
    if (scoreKind === 1 && between(i)) return 0.1 * normal(random);
    if (scoreKind === 2) return random.chance(usual) ? 1 : 0;
    if (scoreKind === 3 && i > at) return Number.NaN;
    return scoreKind === 4 ? 1e-6 * usual - 10 : usual;
  };
  return Array.from({ length: steps }, (_, i) => ({
    step: stride * (i + 1),
    data: {
      [normKey]: random.chance(0.003) ? Number.NaN : norm(i),
      ...(scoreKind !== 5 && i % every === 0 && { [scoreKey]: score(i) }),
      ...(random.chance(0.5) && { [entropy]: i > at ? 1 : 0.1 }),
    },
  }));
}

/** What may come next in a run, by what was last said of the trouble in it. */
const successors: Readonly<Record<CollapseEvent['type'], readonly CollapseEvent['type'][]>> = {
  spike: ['settled', 'unstable', 'collapse', 'nan', 'silent'],
  unstable: ['settled', 'collapse', 'nan'],
  silent: ['settled', 'collapse', 'nan'],
  settled: ['spike', 'unstable', 'silent', 'collapse', 'nan'],
  collapse: ['recovered', 'nan', 'unstable'],
  nan: ['recovered', 'unstable'],
  recovered: ['spike', 'unstable', 'silent', 'collapse', 'nan'],
  plateau: [],
};

test('every event names its one onset, and no trouble begins before the last has ended', () => {
  for (let seed = 1; seed <= 600; seed++) {
    const events = eventsOf(createCollapseDetector(), eventfulRun(seed));
    let last: CollapseEvent | undefined;
    let collapsed = false;
    for (const event of events) {
      const { type, step, onsetStep, message } = event;
      assert.ok(onsetStep >= 1 && onsetStep <= step, `seed ${seed}: ${message}`);
      assert.match(message, new RegExp(String.raw`\bstep ${integerText(onsetStep)}\b`), `seed ${seed}`);
      if (type === 'plateau') continue;
      // The later surge of a collapsed run ends with the collapse.
      const wasSurge = collapsed && last?.type === 'unstable';
      const may = last === undefined ? successors.recovered : wasSurge ? successors.collapse : successors[last.type];
      assert.ok(may.includes(type), `seed ${seed}: ${type} at step ${step} after ${last?.type ?? 'nothing'}`);
      if (last?.type === 'unstable' && type === 'settled') assert.equal(onsetStep, last.onsetStep, `seed ${seed}`);
      if (type === 'collapse' || type === 'nan') collapsed = true;
      if (type === 'recovered') collapsed = false;
      last = event;
    }
  }
});

test('events of a run that went back to an earlier step have their onset in steps that it has taken', () => {
  for (let seed = 1; seed <= 200; seed++) {
    const run = eventfulRun(seed);
    const back = Math.floor(run.length / 2);
    const [from, again] = [run.slice(0, back), run.slice(Math.max(0, back - 20))];
    for (const { onsetStep, step, message } of eventsOf(createCollapseDetector(), [...from, ...again]))
      assert.ok(onsetStep >= 1 && onsetStep <= step && message.includes(`step ${integerText(onsetStep)}`), `seed ${seed}: ${message}`);
  }
});

test('of a long run that is logged every 10 steps, noise is not taken for a fall sooner or later', () => {
  let called = 0;
  for (let seed = 1; seed <= 60; seed++) {
    const run = syntheticRun({ steps: 1000, seed, gradNorm: () => 1, score: () => 0.5 });
    const events = eventsOf(
      createCollapseDetector(),
      Array.from(run, ({ step, data }) => ({ step: 10 * step, data })),
    );
    called += events.filter(({ type, step }) => type === 'collapse' && step > 3000).length;
  }
  assert.ok(called <= 1, `${called} of 60`);
});
