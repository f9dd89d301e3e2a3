import assert from 'node:assert/strict';
import path from 'node:path';
import test from 'node:test';
import { publicLogs, recordedRuns } from '../../../bench/detector/packedRuns.ts';
import { variants } from '../../../bench/detector/variants.ts';
import { metricNames } from '../../../src/core/records/metricNames.ts';

const folder = path.resolve('bench/detector/data');
const recorded = recordedRuns(folder);

test('the recorded runs are those that the README beside them counts', () => {
  assert.equal(recorded.length, 367);
  assert.equal(
    recorded.reduce((sum, { steps }) => sum + steps.length, 0),
    351_069,
  );
});

test('a recorded run has its labels, every metric, and the half of its seed', () => {
  const run = recorded.find(({ name }) => name === 'main_opo_8e-3_s23');
  assert.ok(run);
  const { half, collapse, finalState, steps } = run;
  assert.deepEqual([half, collapse, finalState], ['reporting', { step: 654, onset: 644 }, 'collapsed']);
  const { gradNorm, score, entropy, responseLength } = metricNames;
  assert.deepEqual(steps[0], { step: 0, data: { [gradNorm]: 2.1848, [score]: 0.59375, [entropy]: 0.93874, [responseLength]: 132.31 } });
});

test('an entropy that is no number any more is kept as such', () => {
  const broken = recorded.filter(({ steps }) => Number.isNaN(steps.at(-1)?.data[metricNames.entropy]));
  assert.deepEqual(
    broken.map(({ name }) => name),
    ['hor1600_opo_8e-3_s3', 'main_opo_6e-3_s24', 'tokmean_opolen_8e-3_s6'],
  );
});

test('public logs have steps that rise or begin anew, labels, and no score where none was logged', () => {
  const logs = publicLogs(folder);
  assert.deepEqual(
    ['collapsed', 'healthy', 'unclear'].map((label) => logs.filter((log) => log.label === label).length),
    [3, 14, 6],
  );
  const [first] = logs;
  assert.deepEqual(first?.collapse, { step: 9, onset: 5 });
  assert.equal(first.steps.filter(({ data }) => metricNames.score in data).length, 135);
});

test('variants change what is logged, and neither label nor steps but those left out', () => {
  const run = recorded.find(({ collapse }) => collapse !== null);
  assert.ok(run);
  for (const variant of variants) {
    const changed = variant.of(run);
    assert.deepEqual([changed.name, changed.collapse], [run.name, run.collapse], variant.name);
  }
  const scores = (name: string) => {
    const variant = variants.find((candidate) => candidate.name === name);
    return variant?.of(run).steps.slice(0, 11).map(({ data }) => data[metricNames.score]); // prettier-ignore
  };
  const [first = 0] = scores('plain') ?? [];
  assert.equal(scores('reward −10 … 0')?.[0], 10 * first - 10);
  assert.deepEqual(scores('score every 10 steps'), [first, ...Array<undefined>(9).fill(undefined), scores('plain')?.[10]]);
  assert.ok(Number.isNaN(scores('score every 5 steps, else NaN')?.[1]));
});
