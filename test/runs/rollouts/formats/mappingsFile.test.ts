import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import type { RolloutMapping } from '../../../../src/runs/rollouts/formats/mapping.ts';
import { MappingsFile } from '../../../../src/runs/rollouts/formats/mappingsFile.ts';
import { folderOf } from './readStep.ts';

const mapping: RolloutMapping = {
  prompt: 'q',
  response: 'a',
  reward: null,
  group: null,
  step: null,
  mask: null,
  logProbs: null,
  sumPiSquared: null,
};

describe('the mappings of a workspace', () => {
  it('are kept by the path in the workspace, and in full elsewhere', async () => {
    const root = folderOf({});
    const file = new MappingsFile(root);
    const inside = path.join(root, 'dumps', 'all.jsonl');
    assert.equal(await file.read(inside), undefined);
    await file.write(inside, mapping);
    await file.write('/elsewhere/all.jsonl', { ...mapping, response: 'b' });
    assert.deepEqual(await file.read(inside), mapping);
    assert.equal((await file.read('/elsewhere/all.jsonl'))?.response, 'b');
    const written = JSON.parse(readFileSync(file.file, 'utf8')) as { mappings: object };
    assert.deepEqual(Object.keys(written.mappings), ['dumps/all.jsonl', '/elsewhere/all.jsonl']);
  });

  it('are none for a folder that is called as what every object has', async () => {
    const root = folderOf({});
    const file = new MappingsFile(root);
    await file.write(path.join(root, 'all.jsonl'), mapping);
    assert.equal(await file.read(path.join(root, '__proto__')), undefined);
    assert.equal(await file.read(path.join(root, 'constructor')), undefined);
  });

  for (const [text, problem] of [
    ['[]', 'this is not a JSON object'],
    ['{"schemaVersion":2,"mappings":{}}', 'its schemaVersion is 2, and this version knows 1'],
    ['{"schemaVersion":1,"mappings":[]}', 'its mappings is not an object'],
    ['{"schemaVersion":1,"mappings":{"x":7}}', 'mappings["x"] is not an object'],
    ['{"schemaVersion":1,"mappings":{"x":{"response":null}}}', 'mappings["x"].response is null, and names no key of the rollouts'],
    ['{"schemaVersion":1,"mappings":{"x":{}}}', 'mappings["x"].response is missing, and names no key of the rollouts'],
    ['{"schemaVersion":1,"mappings":{"x":{"response":"a","reward":7}}}', 'mappings["x"].reward is 7, and names no key of the rollouts'],
  ] as const) {
    it(`say what is wrong with them: ${problem}`, async () => {
      const root = folderOf({});
      mkdirSync(path.join(root, '.otb'));
      const file = new MappingsFile(root);
      writeFileSync(file.file, text);
      await assert.rejects(file.read(path.join(root, 'x')), (error: Error) => {
        assert.equal(error.message, `${file.file}: ${problem}. Put it right, or delete the file: the mapping is asked for again.`);
        return true;
      });
      assert.equal(readFileSync(file.file, 'utf8'), text);
    });
  }
});
