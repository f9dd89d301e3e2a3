import assert from 'node:assert/strict';
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { recogniseRollouts } from '../../../../src/runs/rollouts/formats/recognise.ts';
import { folderOf, jsonl } from './readStep.ts';

const verl = path.resolve('test/data/producers/verl-rollouts');
const trl = path.resolve('test/data/producers/trl-completions');

describe('a file or a folder with rollouts', () => {
  it("is verl's by its rows, with the steps beside it", async () => {
    const place = { format: 'verl', path: verl };
    assert.deepEqual(await recogniseRollouts(path.join(verl, '2.jsonl')), { kind: 'place', place, step: 2 });
    assert.deepEqual(await recogniseRollouts(verl), { kind: 'place', place, step: null });
    const folder = folderOf({});
    const copy = path.join(folder, 'dump.jsonl');
    cpSync(path.join(verl, '2.jsonl'), copy);
    assert.deepEqual(await recogniseRollouts(copy), { kind: 'place', place: { format: 'verl', path: copy }, step: null });
  });

  it("is TRL's by its columns, also the folder that the run was written into", async () => {
    const place = { format: 'trl', path: path.join(trl, 'completions') };
    assert.deepEqual(await recogniseRollouts(path.join(place.path, 'completions_00002.parquet')), { kind: 'place', place, step: 2 });
    assert.deepEqual(await recogniseRollouts(place.path), { kind: 'place', place, step: null });
    assert.deepEqual(await recogniseRollouts(trl), { kind: 'place', place, step: null });
  });

  it('is our own in a run directory', async () => {
    const run = folderOf({ 'run.json': '{}' });
    mkdirSync(path.join(run, 'rollouts'));
    const file = path.join(run, 'rollouts', 'step-000020.jsonl');
    writeFileSync(file, jsonl({ response: ['a'] }));
    const place = { format: 'run', path: run };
    assert.deepEqual(await recogniseRollouts(file), { kind: 'place', place, step: 20 });
    assert.deepEqual(await recogniseRollouts(run), { kind: 'place', place, step: null });
  });

  it('has to be mapped where its rows are others, a folder as a whole', async () => {
    const folder = folderOf({ '1.jsonl': jsonl({ q: 'x', a: 'y' }), '2.jsonl': '' });
    const rows = [{ q: 'x', a: 'y' }];
    assert.deepEqual(await recogniseRollouts(folder), { kind: 'unmapped', path: folder, step: null, rows });
    const file = path.join(folder, '1.jsonl');
    assert.deepEqual(await recogniseRollouts(file), { kind: 'unmapped', path: file, step: null, rows });
  });

  it('that holds none says what it is instead, and what to choose', async () => {
    const folder = folderOf({ 'empty.jsonl': '', 'text.jsonl': 'hello\nyou\n', 'numbers.jsonl': '1\n2\n' });
    const problem = (name: string): Promise<string> =>
      recogniseRollouts(path.join(folder, name)).then(
        () => 'none',
        (error: Error) => error.message.slice(folder.length + 1),
      );
    assert.match(await problem('empty.jsonl'), /^empty\.jsonl: holds no rollouts: it is empty\. Choose a JSONL file/);
    assert.match(await problem('text.jsonl'), /^text\.jsonl: holds no rollouts: line 2 is not valid JSON\. Choose/);
    assert.match(await problem('numbers.jsonl'), /^numbers\.jsonl: holds no rollouts: line 2 is not a JSON object\. Choose/);
    assert.match(await problem('gone.jsonl'), /cannot be read/);
    await assert.rejects(recogniseRollouts(folder), /there are no rollouts in this folder\. Choose one with a file for each step/);
  });
});
