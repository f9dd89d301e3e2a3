import assert from 'node:assert/strict';
import path from 'node:path';
import { describe, it } from 'node:test';
import { isWithin, pathKey } from '../../../src/runs/directory/pathWithin.ts';

const root = path.resolve('/work/space');
const at = (...parts: readonly string[]): string => path.join(root, ...parts);

describe('a path', () => {
  it('is within a folder where it is the folder, or in it, whatever its name begins with', () => {
    for (const file of [root, at('a'), at('..a', 'b'), at('...')]) assert.equal(isWithin(file, root), true, file);
    for (const file of [path.dirname(root), `${root}2`, at('..', 'a'), path.resolve('/')]) assert.equal(isWithin(file, root), false, file);
  });

  it('is named from the workspace where it is in that, else in full', () => {
    assert.equal(pathKey(at('a', 'b'), root), 'a/b');
    assert.equal(pathKey(root, root), '.');
    assert.equal(pathKey(at('..a'), root), '..a');
    assert.equal(pathKey(path.dirname(root), root), path.dirname(root).replaceAll(path.sep, '/'));
    assert.equal(pathKey(at('a'), null), at('a').replaceAll(path.sep, '/'));
  });
});
