import assert from 'node:assert/strict';
import { appendFileSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { ByteTail } from '../../../src/runs/directory/byteTail.ts';
import { temporaryFolder } from '../exampleRun.ts';

/** A tail that keeps what it is told, as text. */
function newTail(chunkBytes?: number): { file: string; tail: ByteTail; told: string[] } {
  const file = path.join(temporaryFolder(), 'events');
  const told: string[] = [];
  const listener = { bytes: (bytes: Buffer) => told.push(bytes.toString('latin1')), reset: () => told.push('RESET') };
  return { file, tail: new ByteTail(file, listener, { chunkBytes }), told };
}

describe('the tail of a binary file', () => {
  it('is what was added since the last read, whatever the bytes are', async () => {
    const { file, tail, told } = newTail();
    await tail.read();
    writeFileSync(file, Buffer.from([0, 255, 10]));
    await tail.read();
    await tail.read();
    appendFileSync(file, Buffer.from([0]));
    await tail.read();
    assert.deepEqual(told, ['\0\xff\n', '\0']);
  });

  it('comes in chunks of the size that was asked for', async () => {
    const { file, tail, told } = newTail(3);
    writeFileSync(file, 'abcdefgh');
    await tail.read();
    assert.deepEqual(told, ['abc', 'def', 'gh']);
  });

  it('begins again where the file was truncated, replaced or deleted', async () => {
    const { file, tail, told } = newTail();
    writeFileSync(file, 'one');
    await tail.read();
    truncateSync(file, 0);
    appendFileSync(file, 'tw');
    await tail.read();
    writeFileSync(`${file}.new`, 'three');
    renameSync(`${file}.new`, file);
    await tail.read();
    rmSync(file);
    await tail.read();
    assert.deepEqual(told, ['one', 'RESET', 'tw', 'RESET', 'three', 'RESET']);
  });
});
