import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { LineFile } from '../../../src/runs/directory/lineFile.ts';
import type { Write } from '../../../src/runs/directory/lineFile.ts';
import { RunWriteError } from '../../../src/runs/directory/runDirectoryError.ts';
import { temporaryFolder } from '../exampleRun.ts';

/** A disk with room for so many bytes. */
function disk(room: number): { write: Write; free(bytes: number): void } {
  return {
    free: (bytes) => (room += bytes),
    write: (descriptor, bytes, offset, length) => {
      const fits = Math.min(room, length);
      if (fits === 0) throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
      room -= fits;
      return writeSync(descriptor, bytes, offset, fits);
    },
  };
}

describe('a file that grows by lines', () => {
  it('has each line when append returns', () => {
    const file = path.join(temporaryFolder(), 'a.jsonl');
    const lines = new LineFile(file);
    lines.append('one');
    assert.equal(readFileSync(file, 'utf8'), 'one\n');
    lines.append('zwölf');
    assert.equal(readFileSync(file, 'utf8'), 'one\nzwölf\n');
    lines.close();
  });

  it('closes the torn last line of a process that was killed', () => {
    const file = path.join(temporaryFolder(), 'a.jsonl');
    writeFileSync(file, 'one\ntw');
    const lines = new LineFile(file);
    lines.append('three');
    lines.append('four');
    lines.close();
    assert.equal(readFileSync(file, 'utf8'), 'one\ntw\nthree\nfour\n');
  });

  it('keeps what was written when the disk is full, says so, and goes on on a new line when there is room again', () => {
    const file = path.join(temporaryFolder(), 'a.jsonl');
    const { write, free } = disk(6);
    const lines = new LineFile(file, write);
    lines.append('one');
    assert.throws(
      () => lines.append('two'),
      (error: Error) =>
        error instanceof RunWriteError &&
        error.code === 'ENOSPC' &&
        error.message.startsWith(`${file}: no space left on the device, the disk is full. Free some space`),
    );
    assert.throws(() => lines.append('three'), RunWriteError);
    free(100);
    lines.append('four');
    lines.close();
    assert.equal(readFileSync(file, 'utf8'), 'one\ntw\nfour\n');
  });

  it('notices that it was deleted, instead of writing into nothing', { skip: process.platform === 'win32' }, () => {
    const dir = path.join(temporaryFolder(), 'run');
    mkdirSync(dir);
    const lines = new LineFile(path.join(dir, 'a.jsonl'));
    lines.append('one');
    rmSync(dir, { recursive: true });
    assert.throws(() => lines.append('two'), /deleted while the run was writing/);
    lines.close();
  });
});
