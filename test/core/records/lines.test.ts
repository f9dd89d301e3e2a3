import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { formatEvent, parseEvent } from '../../../src/core/records/events.ts';
import type { RunEvent } from '../../../src/core/records/events.ts';
import { formatMetrics, parseMetrics } from '../../../src/core/records/metrics.ts';
import { parseExitRecord, parseRunRecord } from '../../../src/core/records/runRecord.ts';

describe('a line of metrics', () => {
  it('comes back as it was written, also with NaN and infinities', () => {
    const record = { step: 3, time: 1.5, data: { a: 0.1, b: Number.NaN, c: Number.POSITIVE_INFINITY, d: Number.NEGATIVE_INFINITY } };
    const line = formatMetrics(record);
    assert.match(line, /"b":"NaN","c":"Infinity","d":"-Infinity"/);
    assert.deepEqual(parseMetrics(line), record);
  });

  it('may be written by Python, with bare NaN and without a time', () => {
    assert.deepEqual(parseMetrics('{"step": 3, "data": {"a": NaN, "b": -Infinity, "c": [1], "d": "NaN here"}}'), {
      step: 3,
      time: Number.NaN,
      data: { a: Number.NaN, b: Number.NEGATIVE_INFINITY },
    });
  });

  it('is nothing else', () => {
    for (const line of ['', '{', '[]', 'null', '{"step":"3","data":{}}', '{"step":3}', '{"step":3,"data":[]}', '{"step":null,"data":{}}'])
      assert.equal(parseMetrics(line), undefined, line);
  });
});

describe('a line of events', () => {
  it('comes back as it was written', () => {
    const events: RunEvent[] = [
      { type: 'started', step: 0, time: 1, data: { pid: 7, processStartTime: 'x', resumed: false, note: null } },
      {
        type: 'nan',
        step: 9,
        time: 2,
        onsetStep: 9,
        message: 'm',
        advice: 'a',
        data: { gradNorm: Number.NaN, limit: Number.POSITIVE_INFINITY },
      },
    ];
    for (const event of events) assert.deepEqual(parseEvent(formatEvent(event)), event);
  });

  it('is no event where its type is unknown or its step is missing', () => {
    for (const line of ['{"type":"party","step":1,"time":1}', '{"type":"started","time":1}', '{"step":1,"time":1}', 'x'])
      assert.equal(parseEvent(line), undefined, line);
  });
});

describe('run.json', () => {
  it('says what is wrong with it', () => {
    assert.equal(parseRunRecord(''), 'it is empty');
    assert.equal(parseRunRecord('{"schemaVersion": 1, "id": "a'), 'it is no complete JSON object');
    assert.match(String(parseRunRecord('{"schemaVersion": 2}')), /schema version is 2, this program reads 1/);
    assert.match(String(parseRunRecord('{"schemaVersion": 1, "id": "a"}')), /it lacks name, group, .*pid, seed, config/);
  });
});

describe('exit.json', () => {
  it('is none without a known reason', () => {
    assert.equal(parseExitRecord('{"code":0}'), undefined);
    assert.equal(parseExitRecord('{"code":0,"reason":"tired"}'), undefined);
    assert.equal(parseExitRecord('{"code":0,"signal":null,"lastStep":5,"reason":"completed","message":"done","time":1}')?.lastStep, 5);
  });
});
