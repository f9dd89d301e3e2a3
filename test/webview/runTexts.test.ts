import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { collapseStates } from '../../src/core/records/events.ts';
import { collapseMark, stateCounts, stateText, unjudgedText } from '../../webview/runTexts.ts';
import { metricText } from '../../webview/metricTexts.ts';
import { columns, parameterColumns } from '../../webview/table/columns.ts';
import { recordedRun } from './harness/recordedRuns.ts';

const { run } = recordedRun('main_opo_6e-3_s7', 'opo');

describe('the state of a run in words', () => {
  test('names what the detector sees, and that it cannot judge a run that has steps', () => {
    const texts = collapseStates.map((collapse) => stateText({ ...run, process: 'running', collapse }).text);
    assert.deepEqual(texts, [
      'not judged, running',
      'silent, running',
      'running',
      'spike, running',
      'unstable, running',
      'collapsed, running',
      'recovered, running',
    ]);
    const notBegun = { ...run, process: 'starting', collapse: 'unknown', numbers: { ...run.numbers, step: null } } as const;
    assert.equal(stateText(notBegun).text, 'starting');
  });

  test('says of a silent run what the detector said, and counts it', () => {
    const silence = {
      type: 'silent',
      step: 150,
      onsetStep: 121,
      message: 'No gradient since step 121.',
      advice: 'Look.',
      data: {},
    } as const;
    const silent = { ...run, process: 'running', collapse: 'silent', onsetStep: null, detectedStep: null, marks: [silence] } as const;
    assert.deepEqual([stateText(silent).title, stateText(silent).tone], ['No gradient since step 121. Look.', 'warning']);
    assert.deepEqual(
      stateCounts([silent, { ...run, process: 'running', collapse: 'healthy', onsetStep: null }]).map(
        ({ text, count }) => `${count} ${text}`,
      ),
      ['2 running', '1 of 2 silent'],
    );
  });

  test('sorts the table, worst first', () => {
    const key = columns.find(({ id }) => id === 'state')?.key;
    const sorted = collapseStates.toSorted((a, b) => Number(key?.({ ...run, collapse: a })) - Number(key?.({ ...run, collapse: b })));
    assert.deepEqual(sorted, ['collapsed', 'unstable', 'silent', 'recovered', 'spike', 'unknown', 'healthy']);
  });
});

test('what cannot be judged is said once for all runs that it is true of', () => {
  const notJudged = 'The run logs no score (critic/score/mean), so a fall of the score cannot be seen.';
  assert.equal(unjudgedText([{ ...run, label: 'a' }]), '');
  assert.equal(unjudgedText([{ ...run, label: 'a', notJudged }, run, { ...run, label: 'b', notJudged }]), `a and b: ${notJudged}`);
});

test('the rule that is shown is that of the collapse whose onset is', () => {
  const mark = { type: 'collapse', step: 50, onsetStep: 41, message: 'first', advice: '', data: {} } as const;
  const marks = [mark, { ...mark, type: 'recovered', step: 90 } as const, { ...mark, step: 150, onsetStep: 141, message: 'second' }];
  assert.equal(collapseMark({ ...run, marks, onsetStep: 141, detectedStep: 150 })?.message, 'second');
});

test('a metric or a parameter may be called like what every object has', () => {
  assert.equal(metricText('constructor').heading, 'constructor');
  const [column] = parameterColumns([{ ...run, parameters: { constructor: 1 } }]);
  assert.equal(column?.text({ ...run, parameters: {} }), '–');
});
