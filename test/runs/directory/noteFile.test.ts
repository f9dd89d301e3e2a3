import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { formatEvent } from '../../../src/core/records/events.ts';
import { writeNote } from '../../../src/runs/directory/noteFile.ts';
import { RunWriter } from '../../../src/runs/directory/runWriter.ts';
import { readRun } from '../../../src/runs/directory/readRun.ts';
import { RunDirectoryError } from '../../../src/runs/directory/runDirectoryError.ts';
import { exampleRecord, temporaryFolder } from '../exampleRun.ts';

function exampleRun(): { readonly dir: string; readonly writer: RunWriter } {
  const dir = path.join(temporaryFolder(), 'run');
  return { dir, writer: RunWriter.create(dir, exampleRecord()) };
}

describe('a note', () => {
  it('is an event among those of a process that goes on writing', async () => {
    const { dir, writer } = exampleRun();
    writer.appendEvent({ type: 'started', step: 0, time: 1, data: {} });
    writeNote(dir, 3, ' looks odd ');
    writer.appendEvent({ type: 'checkpoint', step: 5, time: 2, data: {} });
    writer.close();
    const { events } = await readRun(dir);
    assert.deepEqual(
      events.map(({ type, step, data }) => [type, step, data]),
      [
        ['started', 0, {}],
        ['note', 3, { text: 'looks odd' }],
        ['checkpoint', 5, {}],
      ],
    );
  });

  it('does not run into a line that a killed process left unfinished', async () => {
    const { dir, writer } = exampleRun();
    writer.close();
    const file = path.join(dir, 'events.jsonl');
    writeFileSync(file, `${formatEvent({ type: 'started', step: 0, time: 1, data: {} })}\n{"type":"check`);
    writeNote(dir, 2, 'a');
    assert.deepEqual(
      (await readRun(dir)).events.map(({ type }) => type),
      ['started', 'note'],
    );
    assert.ok(readFileSync(file, 'utf8').includes('{"type":"check\n{"type":"note"'));
  });

  it('that is too long, or has no place to be written, is an error that names the file, and writes nothing', () => {
    const { dir, writer } = exampleRun();
    writer.close();
    assert.throws(
      () => writeNote(dir, 1, 'x'.repeat(2001)),
      (error) =>
        error instanceof RunDirectoryError && error.message.includes('events.jsonl: a note has 2000 characters at most, not 2001.'),
    );
    assert.equal(readFileSync(path.join(dir, 'events.jsonl'), 'utf8'), '');
    assert.throws(() => writeNote(path.join(dir, 'gone'), 1, 'a'), RunDirectoryError);
  });
});
