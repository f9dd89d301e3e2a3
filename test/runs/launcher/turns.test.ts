import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  moved,
  noTurns,
  parseTurns,
  removed,
  saysNothing,
  shifted,
  tidied,
  waitReasons,
  withPlace,
  withWaiting,
  without,
} from '../../../src/runs/launcher/turns.ts';
import type { TurnQueue, Turns } from '../../../src/runs/launcher/turns.ts';

const holder = { pid: 7, processStartTime: 'boot:1', host: 'here' };

function queue(name: string, parallel = 2, host = 'here'): TurnQueue {
  return { name, group: name, parallel, pid: 7, processStartTime: 'boot:1', host };
}

function waits(turns: Turns): Readonly<Record<string, string>> {
  return Object.fromEntries([...waitReasons(turns)].map(([id, { text }]) => [id, text]));
}

const ids = ({ order }: Turns): readonly string[] => order.map(({ id }) => id);
const three = withWaiting(noTurns, queue('a'), ['a1', 'a2', 'a3']);

describe('the queue of a folder', () => {
  it('lets each group wait behind those that came before, and nobody twice', () => {
    const both = withWaiting(three, queue('b'), ['b1', 'a2', 'b2']);
    assert.deepEqual(ids(both), ['a1', 'a2', 'a3', 'b1', 'b2']);
    assert.deepEqual(ids(withWaiting(both, queue('a'), ['a1', 'a4'])), ['a1', 'a2', 'a3', 'b1', 'b2', 'a4']);
  });

  it('lets a run go first, last or anywhere, several together in their order', () => {
    assert.deepEqual(ids(moved(three, ['a3'], 0)), ['a3', 'a1', 'a2']);
    assert.deepEqual(ids(moved(three, ['a1'], 99)), ['a2', 'a3', 'a1']);
    assert.deepEqual(ids(moved(three, ['a1'], 1)), ['a2', 'a1', 'a3']);
    assert.deepEqual(ids(moved(three, ['a3', 'a2'], 0)), ['a2', 'a3', 'a1']);
    assert.deepEqual(ids(moved(three, ['nobody'], -4)), ['a1', 'a2', 'a3']);
    assert.deepEqual(ids(shifted(three, ['a2'], 1)), ['a1', 'a3', 'a2']);
    assert.deepEqual(ids(shifted(three, ['a3', 'a2'], -1)), ['a2', 'a3', 'a1']);
    assert.deepEqual(ids(shifted(three, ['a1'], -1)), ['a1', 'a2', 'a3']);
  });

  it('forgets a process with its last waiting run, and a run with its place', () => {
    const placed = withPlace(three, { id: 'a1', since: 1, ...holder });
    assert.deepEqual([ids(placed), placed.places.length], [['a2', 'a3'], 1]);
    const rest = without(placed, ['a2', 'a3']);
    assert.deepEqual([rest.queues, saysNothing(rest)], [[], false]);
    assert.equal(saysNothing(without(rest, ['a1'])), true);
  });

  it('is kept while it is paused, or has a limit of its own, though nothing waits', () => {
    assert.equal(saysNothing(noTurns), true);
    assert.equal(saysNothing({ ...noTurns, paused: true }), false);
    assert.equal(saysNothing({ ...noTurns, parallel: 3 }), false);
  });
});

describe('what a run waits for', () => {
  const full = withPlace(withPlace(three, { id: 'x', since: 1, ...holder }), { id: 'y', since: 1, ...holder });

  it('is its turn, with its place and how many run at once', () => {
    assert.deepEqual(waits(full), {
      a1: 'waits for its turn: 1st of 3, 2 runs at once',
      a2: 'waits for its turn: 2nd of 3, 2 runs at once',
      a3: 'waits for its turn: 3rd of 3, 2 runs at once',
    });
    assert.equal(waits({ ...full, parallel: 1 })['a1'], 'waits for its turn: 1st of 3, 1 run at once');
  });

  it('is nothing where there is room: as many as fit are about to start', () => {
    const one = withPlace(three, { id: 'x', since: 1, ...holder });
    assert.deepEqual(waits(one), {
      a1: 'is about to start',
      a2: 'waits for its turn: 2nd of 3, 2 runs at once',
      a3: 'waits for its turn: 3rd of 3, 2 runs at once',
    });
    assert.equal(waits({ ...full, parallel: 3 })['a1'], 'is about to start', 'the limit of the folder counts more than the plan');
  });

  it('is what it lacks, which does not block those behind it', () => {
    const lacks = '2 GPUs: 0 and 1 are taken by grpo seed 1 of qwen';
    const [first, ...others] = three.order;
    assert.ok(first);
    assert.deepEqual(waits({ ...three, order: [{ ...first, lacks }, ...others] }), {
      a1: 'waits for 2 GPUs: 0 and 1 are taken by grpo seed 1 of qwen',
      a2: 'is about to start',
      a3: 'is about to start',
    });
  });

  it('is that somebody goes on with a paused queue', () => {
    assert.deepEqual(new Set(Object.values(waits({ ...three, paused: true }))), new Set(['the queue is paused']));
  });

  it('is a matter of its own machine', () => {
    const there = withWaiting(full, queue('b', 1, 'there'), ['b1', 'b2']);
    assert.deepEqual([waits(there)['b1'], waits(there)['b2']], ['is about to start', 'waits for its turn: 2nd of 2, 1 run at once']);
  });

  it('is not said of a run that was taken out', () => {
    assert.deepEqual(Object.keys(waits(removed(full, ['a2']))), ['a1', 'a3']);
    assert.equal(waits(removed(full, ['a2']))['a3'], 'waits for its turn: 2nd of 2, 2 runs at once');
  });

  it('holds for a limit that differs from plan to plan: who is first decides, and nobody is overtaken for ever', () => {
    const mixed = withWaiting(withPlace(withWaiting(noTurns, queue('a', 1), ['a1']), { id: 'x', since: 1, ...holder }), queue('b', 8), [
      'b1',
    ]);
    assert.deepEqual(waits(mixed), {
      a1: 'waits for its turn: 1st of 2, 1 run at once',
      b1: 'waits for its turn: 2nd of 2, 8 runs at once',
    });
  });
});

describe('the file of a queue', () => {
  it('is read as it was written', () => {
    const turns = removed(withPlace({ ...three, paused: true, parallel: 5 }, { id: 'x', since: 12, ...holder }), ['a3']);
    assert.deepEqual(parseTurns(JSON.stringify(turns)), turns);
  });

  it('is understood as far as it can be', () => {
    assert.equal(parseTurns(''), undefined);
    assert.equal(parseTurns('[]'), undefined);
    assert.equal(parseTurns('{"version":2}'), undefined);
    assert.deepEqual(parseTurns('{"version":1}'), noTurns);
    const odd = {
      version: 1,
      paused: 'yes',
      parallel: -1,
      order: [null, 3, { id: 'a1', queue: 'a' }, { id: 'a1', queue: 'a' }, { id: 'lost', queue: 'z' }, { id: 5 }],
      queues: [queue('a'), { name: 'b', parallel: 0 }, { name: 'z', group: 'z', parallel: 1, pid: 'no', host: 'here' }],
      places: [{ id: 'x', ...holder }, { id: 'y' }, 'z'],
    };
    assert.deepEqual(parseTurns(JSON.stringify(odd)), {
      ...noTurns,
      order: [{ id: 'a1', queue: 'a' }],
      queues: [queue('a')],
      places: [{ id: 'x', since: 0, ...holder }],
    });
  });

  it('says nobody twice, and nothing of what nobody begins', () => {
    const twice = { ...three, order: [...three.order, ...three.order, { id: 'b1', queue: 'b' }] };
    assert.deepEqual(ids(tidied(twice)), ['a1', 'a2', 'a3']);
    assert.deepEqual(tidied({ ...three, queues: [] }).order, []);
  });
});
