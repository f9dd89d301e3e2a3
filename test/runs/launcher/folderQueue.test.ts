import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { waitingId } from '../../../src/runs/launcher/folderQueue.ts';
import { noTurns } from '../../../src/runs/launcher/turns.ts';
import type { Turns } from '../../../src/runs/launcher/turns.ts';

const order = ['day-a-grpo-s1', 'day-a-grpo-s12', 'day-b-opo-s1', 'day-c-opo-s1', 'day-d-rloo-s2'];
const begun = { id: 'day-a-grpo-s3', since: 1, pid: 7, processStartTime: 'boot:1', host: 'here' };
const turns: Turns = { ...noTurns, order: order.map((id) => ({ id, queue: 'q' })), places: [begun] };

const listed = [...order, begun.id].map((id) => {
  const [, , estimator = '', seed = ''] = id.split('-');
  return { id, plan: { name: 'a', group: 'g', estimator, seed: Number(seed.slice(1)) } };
});

function meant(given: string): string {
  return waitingId(turns, given, '/runs', listed);
}

describe('the waiting run that somebody means', () => {
  it('is named as the list names it, although another name begins alike', () => {
    assert.equal(meant('grpo seed 1'), 'day-a-grpo-s1');
    assert.equal(meant('grpo seed 12'), 'day-a-grpo-s12');
  });

  it('is named by its directory, its id, or a part of a name that no other has', () => {
    assert.equal(meant('/runs/day-b-opo-s1'), 'day-b-opo-s1');
    assert.equal(meant('day-a-grpo-s1'), 'day-a-grpo-s1');
    assert.equal(meant('rloo seed'), 'day-d-rloo-s2');
    assert.equal(meant('-b-'), 'day-b-opo-s1');
  });

  it('is asked for more exactly where several could be meant', () => {
    assert.throws(
      () => meant('opo seed 1'),
      /2 waiting runs are called "opo seed 1": day-b-opo-s1, day-c-opo-s1\. Name one by its directory\./,
    );
    assert.throws(() => meant('opo'), /"opo" is in the names of 2 waiting runs: .*\. Give more of the name\./);
  });

  it('is told to have begun, or not to be there', () => {
    assert.throws(() => meant('grpo seed 3'), /"grpo seed 3" does not wait: it has begun\. otb stop ends it\./);
    assert.throws(() => meant('dr_grpo seed 9'), /no run waits there whose name has "dr_grpo seed 9" in it\. See what waits: otb queue\./);
  });
});
