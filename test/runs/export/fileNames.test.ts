import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileNames } from '../../../src/runs/export/fileNames.ts';

const names = (...dirs: string[]) => [...fileNames(dirs).values()];

test('a file is called as the directory of its run', () => {
  assert.deepEqual(names('/a/opo-s1', '/a/opo-s2'), ['opo-s1', 'opo-s2']);
});

test('runs of several folders with one directory name have files of their own', () => {
  assert.deepEqual(names('/a/opo-s1', '/b/opo-s1', '/c/opo-s1'), ['opo-s1', 'opo-s1-2', 'opo-s1-3']);
});

test('a numbered name does not take that of another run', () => {
  assert.deepEqual(names('/a/opo', '/b/opo', '/a/opo-2'), ['opo', 'opo-3', 'opo-2']);
});

test('names that differ in their case only are told apart by a number too', () => {
  assert.deepEqual(names('/a/OPO', '/b/opo'), ['OPO', 'opo-2']);
});
