import assert from 'node:assert/strict';
import { appendFileSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { FileTail } from '../../../src/runs/directory/fileTail.ts';
import { LineSplitter } from '../../../src/runs/directory/lineSplitter.ts';
import { temporaryFolder } from '../exampleRun.ts';

/** A tail that keeps what it is told. */
function newTail(): { file: string; tail: FileTail; told: string[] } {
  const file = path.join(temporaryFolder(), 'log');
  const told: string[] = [];
  const tail = new FileTail(file, { lines: (lines) => told.push(...lines), reset: () => told.push('RESET') });
  return { file, tail, told };
}

describe('lines out of chunks', () => {
  it('are the same however the bytes are cut, also within a character', () => {
    const bytes = Buffer.from('eins\nzwölf\r\n\n€uro\nrest');
    for (let size = 1; size <= bytes.length; size++) {
      const splitter = new LineSplitter();
      const lines: string[] = [];
      for (let at = 0; at < bytes.length; at += size) lines.push(...splitter.feed(bytes.subarray(at, at + size)));
      assert.deepEqual(lines, ['eins', 'zwölf', '', '€uro'], `chunks of ${size}`);
      assert.ok(splitter.withinLine);
    }
  });

  it('leave out and count one that never seems to end', () => {
    const splitter = new LineSplitter();
    const much = Buffer.alloc(33 << 20, 'x');
    assert.deepEqual(splitter.feed(Buffer.from('a\n')), ['a']);
    assert.deepEqual(splitter.feed(much), []);
    assert.deepEqual(splitter.feed(much), []);
    assert.deepEqual(splitter.feed(Buffer.from('end of it\nb\n')), ['', 'b']);
    assert.equal(splitter.overlong, 1);
  });
});

describe('the tail of a file', () => {
  it('is what was added since the last read; a last line without newline is held back', async () => {
    const { file, tail, told } = newTail();
    await tail.read();
    assert.deepEqual(told, []);
    writeFileSync(file, 'one\ntw');
    await tail.read();
    assert.deepEqual(told, ['one']);
    appendFileSync(file, 'o\nthree\n');
    await tail.read();
    await tail.read();
    assert.deepEqual(told, ['one', 'two', 'three']);
  });

  it('begins again when the file is truncated', async () => {
    const { file, tail, told } = newTail();
    writeFileSync(file, 'one\ntwo\nthr');
    await tail.read();
    truncateSync(file, 0);
    appendFileSync(file, 'new\n');
    await tail.read();
    assert.deepEqual(told, ['one', 'two', 'RESET', 'new']);
  });

  it('begins again when the file was truncated and has grown beyond its old size since', async () => {
    const { file, tail, told } = newTail();
    writeFileSync(file, 'one\n');
    await tail.read();
    truncateSync(file, 0);
    appendFileSync(file, 'much longer\nthan before\n');
    await tail.read();
    assert.deepEqual(told, ['one', 'RESET', 'much longer', 'than before']);
  });

  it('begins again when the file is rotated', async () => {
    const { file, tail, told } = newTail();
    writeFileSync(file, 'one\n');
    await tail.read();
    renameSync(file, `${file}.1`);
    writeFileSync(file, 'one\n');
    await tail.read();
    assert.deepEqual(told, ['one', 'RESET', 'one']);
  });

  it('begins again when the file is deleted and comes back', async () => {
    const { file, tail, told } = newTail();
    writeFileSync(file, 'one\n');
    await tail.read();
    rmSync(file);
    await tail.read();
    await tail.read();
    writeFileSync(file, 'two\n');
    await tail.read();
    assert.deepEqual(told, ['one', 'RESET', 'two']);
  });

  it('begins near the end of a longer file, at a whole line, and goes on from there', async () => {
    const file = path.join(temporaryFolder(), 'log');
    const told: string[] = [];
    const tail = new FileTail(file, { lines: (lines) => told.push(...lines), reset: () => told.push('RESET') }, { lastBytes: 10 });
    writeFileSync(file, 'first €uro\ntwo\nthree\n');
    await tail.read();
    appendFileSync(file, 'and a line longer than that\n');
    await tail.read();
    assert.deepEqual(told, ['three', 'and a line longer than that']);
    writeFileSync(file, 'anew\n');
    await tail.read();
    assert.deepEqual(told.slice(2), ['RESET', 'anew']);
  });

  it('of a big file comes in several batches and loses no line', async () => {
    const { file, tail, told } = newTail();
    const lines = Array.from({ length: 150_000 }, (_, index) => `line ${index} €`);
    writeFileSync(file, `${lines.join('\n')}\n`);
    await tail.read();
    assert.deepEqual(told, lines);
  });
});
