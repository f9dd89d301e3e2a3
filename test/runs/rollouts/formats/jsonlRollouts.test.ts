import assert from 'node:assert/strict';
import { appendFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { JsonlRollouts } from '../../../../src/runs/rollouts/formats/jsonlRollouts.ts';
import type { RolloutMapping } from '../../../../src/runs/rollouts/formats/mapping.ts';
import { verlMapping } from '../../../../src/runs/rollouts/formats/verlDump.ts';
import { textOfStep } from '../../../../src/runs/rollouts/stepFiles.ts';
import { folderOf, jsonl, readStep } from './readStep.ts';

const rolloutsOf = (place: string, mapped: RolloutMapping): JsonlRollouts =>
  new JsonlRollouts({ format: 'mapped', path: place, mapping: mapped }, mapped, 'rollouts', null);

const mapping: RolloutMapping = {
  prompt: 'q',
  response: 'a',
  reward: 'r',
  group: null,
  step: null,
  mask: null,
  logProbs: null,
  sumPiSquared: null,
};

describe("verl's rollout dumps", () => {
  const dir = path.resolve('test/data/producers/verl-rollouts');
  const dumps = rolloutsOf(dir, verlMapping);

  it('have a step a file', async () => {
    assert.deepEqual(await dumps.steps(), [1, 2]);
    assert.equal(path.basename((await textOfStep({ format: 'verl', path: dir }, 2))!), '2.jsonl');
  });

  it('are read in groups of equal prompts, with what the reward function returned as facts', async () => {
    const { trajectories, malformed } = await readStep(dumps, 1);
    assert.deepEqual(malformed, []);
    assert.equal(trajectories.length, 32);
    assert.deepEqual(
      trajectories.map(({ sequence }) => sequence),
      Array.from({ length: 32 }, (_, i) => i),
    );
    const [first] = trajectories;
    assert.deepEqual(first?.prompt, ['what is 8 ? é\u2028'], 'a line separator of Unicode ends no line');
    assert.deepEqual(first?.response, ['5 7 8 8 8 11 2 2 9 3 8 9 8 5 6 2 2 6 7 6 8 8 1 2']);
    assert.deepEqual(first?.facts, { gts: '8', acc: 0, request_id: 'r0', pred: null });
    assert.deepEqual([first?.reward, first?.isTokenized, first?.mask, first?.logProbs], [0, false, null, null]);
  });

  it('get the advantages that follow from their rewards', async () => {
    const { trajectories } = await readStep(dumps, 2);
    for (const { group, reward, advantages } of trajectories) {
      const rewards = trajectories.filter((other) => other.group === group).map((other) => other.reward!);
      const mean = rewards.reduce((sum, value) => sum + value, 0) / rewards.length;
      assert.ok(Math.abs((advantages.dr_grpo as number) - (reward! - mean)) < 1e-6);
    }
  });
});

describe('rollouts in JSONL, mapped by hand', () => {
  it('tell what is wrong with a line, with its number, and read the others', async () => {
    const folder = folderOf({
      'odd.jsonl': [
        '{"q":"x","a":"1","r":1}',
        '',
        '{"q":"x","a":"2","r"',
        '[1]',
        '{"q":"x","r":1}',
        '{"q":"x","a":{"b":1},"r":1}',
        '{"q":"x","a":"3","r":"high"}',
        '{"q":7,"a":"4","r":0}',
        '{"q":"x","a":"5","r":null}',
        '',
      ].join('\n'),
    });
    const { trajectories, malformed } = await readStep(rolloutsOf(path.join(folder, 'odd.jsonl'), mapping), 0);
    assert.deepEqual(
      trajectories.map(({ response }) => response.join('')),
      ['1', '5'],
    );
    assert.deepEqual(malformed, [
      'line 3 is not valid JSON',
      'line 4 is not a JSON object',
      'line 5 has no "a", which is to be the response',
      'line 6 has under "a" an object, and a response is a text, a list of tokens, or a list of chat messages',
      'line 7 has under "r" a text instead of a number, the reward',
      'line 8 has under "q" a number, and a prompt is a text, a list of tokens, or a list of chat messages',
    ]);
  });

  it('wait for the rest of a last line, and take one that is whole without its newline', async () => {
    const folder = folderOf({ 'growing.jsonl': '{"a":"1"}\n{"a":"2' });
    const source = rolloutsOf(path.join(folder, 'growing.jsonl'), mapping);
    assert.deepEqual(await readStep(source, 0).then(({ trajectories, malformed }) => [trajectories.length, malformed]), [1, []]);
    appendFileSync(path.join(folder, 'growing.jsonl'), '"}');
    assert.deepEqual(
      (await readStep(source, 0)).trajectories.map(({ response }) => response[0]),
      ['1', '2'],
    );
  });

  it('have the steps that their rows say', async () => {
    const folder = folderOf({ 'all.jsonl': jsonl({ a: 'x', s: 20 }, { a: 'y', s: 3 }, { a: 'z', s: 20 }, { a: 'none' }) });
    const source = rolloutsOf(path.join(folder, 'all.jsonl'), { ...mapping, step: 's' });
    assert.deepEqual(await source.steps(), [3, 20]);
    const { trajectories, malformed } = await readStep(source, 20);
    assert.deepEqual(
      trajectories.map(({ response }) => response[0]),
      ['x', 'z'],
    );
    assert.deepEqual(malformed, ['line 4 has no "s", which is to be the step']);
  });

  it('have the steps that the names of the files in a folder say', async () => {
    const folder = folderOf({ 'step-000010.jsonl': jsonl({ a: 'x' }), 'step-000002.jsonl': jsonl({ a: 'y' }), 'notes.txt': '' });
    const source = rolloutsOf(folder, mapping);
    assert.deepEqual(await source.steps(), [2, 10]);
    assert.equal((await readStep(source, 10)).trajectories[0]?.response[0], 'x');
    await assert.rejects(readStep(source, 3), /there is no file of step 3 any more\. Choose another step\./);
  });

  it('have all estimators where tokens, log-probabilities and Σπ² are there', async () => {
    const row = { a: ['1', '2'], m: [1, 0], l: [-1, -2], s: [0.5, 0.5], g: 7 };
    const folder = folderOf({ 'tokens.jsonl': jsonl({ ...row, r: 1 }, { ...row, r: [0, 0] }) });
    const whole = { ...mapping, prompt: null, group: 'g', mask: 'm', logProbs: 'l', sumPiSquared: 's' };
    const { trajectories } = await readStep(rolloutsOf(path.join(folder, 'tokens.jsonl'), whole), 0);
    const [first, second] = trajectories;
    assert.deepEqual([first?.isTokenized, first?.turns, [...first!.mask!]], [true, 1, [1, 0]]);
    assert.ok(Number.isNaN(first?.logProbs?.[1]), 'nothing is shown where the policy did not choose the token');
    assert.equal(second?.reward, 0, 'rewards by token are summed');
    assert.equal(Object.keys(first!.advantages).length, 10);
    assert.equal(first?.group, second?.group);
  });

  it('say where numbers do not belong to the tokens', async () => {
    const folder = folderOf({
      'short.jsonl': jsonl({ a: ['1', '2'], l: [-1] }, { a: 'text', l: [-1] }, { a: ['1'], l: ['x'] }, { a: ['1'], l: 3 }),
    });
    const { malformed } = await readStep(rolloutsOf(path.join(folder, 'short.jsonl'), { ...mapping, logProbs: 'l' }), 0);
    assert.deepEqual(malformed, [
      'line 1 has 1 number under "l" for the 2 tokens of its response',
      'line 2 has a list under "l", but its response is not a list of tokens, so that nobody knows which is whose',
      'line 3 has under "l" a text instead of number 1',
      'line 4 has under "l" a number instead of a list of numbers',
    ]);
  });

  it('read chat messages, those of the assistant as its own', async () => {
    const messages = [
      { role: 'assistant', content: null, tool_calls: [{ function: { name: 'add' } }] },
      { role: 'tool', content: '5' },
      { role: 'assistant', content: [{ type: 'text', text: 'Five.' }] },
    ];
    const folder = folderOf({ 'chat.jsonl': jsonl({ q: [{ role: 'user', content: '2 + 3?' }], a: messages }) });
    const [only] = (await readStep(rolloutsOf(path.join(folder, 'chat.jsonl'), mapping), 0)).trajectories;
    assert.deepEqual(only?.prompt, ['user\n2 + 3?']);
    assert.deepEqual(only?.response, ['<tool_call>{"name":"add"}</tool_call>', '5', 'Five.']);
    assert.deepEqual([[...only!.mask!], only?.turns], [[1, 0, 1], 2]);
  });

  it('keep what is nested among the facts as JSON, and prototypes out of it', async () => {
    const folder = folderOf({ 'facts.jsonl': '{"a":"x","extra":{"deep":[1,[2]]},"__proto__":{"evil":1},"n":NaN}\n' });
    const [only] = (await readStep(rolloutsOf(path.join(folder, 'facts.jsonl'), mapping), 0)).trajectories;
    assert.equal(only?.facts['extra'], '{"deep":[1,[2]]}');
    assert.equal((only?.facts as { evil?: unknown }).evil, undefined);
    assert.equal(only?.facts['n'], 'NaN');
  });

  it('are none in an empty file, and in one of bytes', async () => {
    const folder = folderOf({ 'empty.jsonl': '', 'bytes.jsonl': Uint8Array.of(0, 255, 10, 1, 2, 10) });
    const read = (name: string): ReturnType<typeof readStep> => readStep(rolloutsOf(path.join(folder, name), mapping), 0);
    assert.deepEqual(await read('empty.jsonl'), { trajectories: [], malformed: [] });
    assert.deepEqual((await read('bytes.jsonl')).malformed, ['line 1 is not text', 'line 2 is not valid JSON']);
    await assert.rejects(read('gone.jsonl'), /gone\.jsonl: cannot be read/);
  });
});
