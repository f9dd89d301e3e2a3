import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { lastLines } from '../../../src/runs/directory/lastLines.ts';
import { temporaryFolder } from '../exampleRun.ts';

test('the last lines of a log are given without the line break at its end', () => {
  const file = path.join(temporaryFolder(), 'stderr.log');
  writeFileSync(file, 'one\ntwo\nthree\n');
  assert.equal(lastLines(file, 2), 'two\nthree');
});

test('what is not there, or cannot be read as a file, has no last lines', () => {
  const folder = temporaryFolder();
  assert.equal(lastLines(path.join(folder, 'stderr.log'), 1), '');
  assert.equal(lastLines(folder, 1), '');
});
