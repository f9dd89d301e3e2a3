import assert from 'node:assert/strict';
import { builtinConfig } from '../../../src/core/config/programConfig.ts';
import { describe, it } from 'node:test';
import { formatEvent, parseEvent } from '../../../src/core/records/events.ts';
import type { RunEvent } from '../../../src/core/records/events.ts';
import { formatMetrics, parseMetrics } from '../../../src/core/records/metrics.ts';
import type { RunRecord } from '../../../src/core/records/run.ts';
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

  it('may have null for NaN, and a byte order mark before it', () => {
    assert.deepEqual(parseMetrics('\ufeff{"step":3,"time":1,"data":{"a":null,"b":"NaN","c":1e999}}')?.data, {
      a: Number.NaN,
      b: Number.NaN,
      c: Number.POSITIVE_INFINITY,
    });
  });

  it('has no metric that it does not name, and none that it names is lost, whatever it is called', () => {
    assert.deepEqual(parseMetrics('{"step":1,"time":1,"data":{"a":"constructor","b":"__proto__","c":"toString"}}')?.data, {});
    for (const other of ['', ',"x":"a text"']) {
      const data = parseMetrics(`{"step":1,"time":1,"data":{"__proto__":1,"constructor":2,"toString":3${other}}}`)?.data ?? {};
      assert.deepEqual(Object.entries(data), [
        ['__proto__', 1],
        ['constructor', 2],
        ['toString', 3],
      ]);
    }
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

  it('has a time and an onset that are numbers, not the infinity that JSON can write', () => {
    assert.equal(parseEvent('{"type":"started","step":1,"time":1e999}'), undefined);
    const event = parseEvent('{"type":"collapse","step":7,"time":5,"onsetStep":-1e999}');
    assert.equal(event !== undefined && 'onsetStep' in event && event.onsetStep, 7);
  });
});

describe('run.json', () => {
  it('says what is wrong with it', () => {
    assert.equal(parseRunRecord(''), 'it is empty');
    assert.equal(parseRunRecord('{"schemaVersion": 1, "id": "a'), 'it is not a complete JSON object');
    assert.match(String(parseRunRecord('{"schemaVersion": 2}')), /schema version is 2, this program reads 1/);
    assert.match(String(parseRunRecord('{"schemaVersion": 1, "id": "a"}')), /it lacks name, group, .*pid, seed, config/);
  });

  const least = { schemaVersion: 1, id: 'a', name: 'n', group: 'g', estimator: 'grpo', pid: 7, seed: 1, config: { steps: 5 } };
  const reading = (changes: object): RunRecord | string => parseRunRecord(JSON.stringify({ ...least, ...changes }));

  it('names a key of another type, what it is, and what it should be', () => {
    for (const [changes, expected] of [
      [{ createdAt: 1_700_000_000 }, '"createdAt" is a number (1700000000), expected a string like "2026-01-31T12:00:00Z"'],
      [{ seed: '1' }, '"seed" is a string ("1"), expected a number'],
      [{ pid: -1 }, '"pid" is a number (-1), expected a whole number above 0'],
      [{ host: [] }, '"host" is a list, expected a string'],
      [{ config: [] }, '"config" is a list, expected an object'],
      [{ estimator: 'x'.repeat(1_000_000) }, '"estimator" is a string of 1000000 characters, expected at most 4096'],
      [{ config: { steps: true } }, '"config.steps" is a truth value (true), expected a number'],
      [{ name: {}, seed: null }, '"name" is an object, expected a string; it lacks seed'],
      [{ config: {} }, 'it lacks config.steps'],
    ] as const)
      assert.equal(reading(changes), expected);
  });

  it('may lack what is not essential, or have something else there', () => {
    const changes = { configLines: null, git: 'x', command: 'otb', createdAt: null, config: { steps: 5, optimizer: 'adam' } };
    const record = reading(changes);
    assert.ok(typeof record === 'object');
    assert.deepEqual([record.configLines, record.git, record.command, record.createdAt, record.host], [{}, null, [], '', '']);
    assert.deepEqual([builtinConfig(record.config).optimizer.maxGradNorm, builtinConfig(record.config).trajectories.every], [null, null]);
    assert.deepEqual(reading({ configLines: { estimator: 3, seed: 'x', steps: -1 } }), {
      ...record,
      config: { ...(reading({}) as RunRecord).config },
      configLines: { estimator: 3 },
    });
  });

  it('keeps every value of a config that it knows', () => {
    const config = {
      steps: 5,
      collapseSensitivity: 'low',
      optimizer: { learningRate: 1, maxGradNorm: 2 },
      trajectories: { every: 3 },
      own: [{ __proto__: null, a: 1 }],
    };
    assert.deepEqual((reading({ config }) as RunRecord).config, JSON.parse(JSON.stringify(config)));
  });

  it('is refused where it is too deep to be walked through', () => {
    const deep = JSON.stringify(least).replace('{"steps":5}', `{"steps":5,"a":${'['.repeat(20_000)}${']'.repeat(20_000)}}`);
    assert.match(String(parseRunRecord(deep)), /nested more than 64 levels deep|not a complete JSON object/);
  });
});

describe('exit.json', () => {
  it('is none without a known reason', () => {
    assert.equal(parseExitRecord('{"code":0}'), undefined);
    assert.equal(parseExitRecord('{"code":0,"reason":"tired"}'), undefined);
    assert.equal(parseExitRecord('{"code":0,"signal":null,"lastStep":5,"reason":"completed","message":"done","time":1}')?.lastStep, 5);
  });
});
