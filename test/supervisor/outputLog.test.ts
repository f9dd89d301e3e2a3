import assert from 'node:assert/strict';
import {
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { LineSplitter } from '../../src/runs/directory/lineSplitter.ts';
import { OutputLog } from '../../src/supervisor/outputLog.ts';
import type { OutputLogOptions } from '../../src/supervisor/outputLog.ts';
import { eventually, temporaryFolder } from '../runs/exampleRun.ts';

interface Opened {
  readonly log: OutputLog;
  readonly folder: string;
  readonly troubles: readonly string[];
  /** What has been given on to readers. */
  seen(): string;
  /** What is in a file. */
  file(name?: string): string;
}

function open(changes: Partial<OutputLogOptions> = {}, folder = temporaryFolder()): Opened {
  const troubles: string[] = [];
  let seen = '';
  const log = new OutputLog({
    folder: () => folder,
    name: 'stdout.log',
    maxBytes: 1 << 20,
    files: 4,
    secrets: [],
    onTrouble: (sentence) => troubles.push(sentence),
    onBytes: (bytes) => (seen += bytes.toString()),
    ...changes,
  });
  return { log, folder, troubles, seen: () => seen, file: (name = 'stdout.log') => readFileSync(path.join(folder, name), 'utf8') };
}

const bytes = (text: string): Buffer => Buffer.from(text);

describe('the output of a command', () => {
  it('is in its file when it has been taken, as it was printed, behind what is there', () => {
    const { log, file, seen, folder } = open();
    log.take(bytes('\u001b[31mred\u001b[0m ä\r 5%|\r'));
    assert.equal(file(), '\u001b[31mred\u001b[0m ä\r 5%|\r');
    assert.equal(seen(), file());
    log.end();
    const again = open({}, folder);
    again.log.take(bytes('more\n'));
    assert.equal(again.file(), '\u001b[31mred\u001b[0m ä\r 5%|\rmore\n');
  });

  it('has no secrets, neither in the file nor for readers, and waits for none longer than a moment', async () => {
    const { log, file, seen } = open({ secrets: ['hf_0123456789'] });
    log.take(bytes('token hf_01234'));
    assert.equal(file(), 'token ');
    log.take(bytes('56789\nnext h'));
    assert.equal(file(), 'token ***\nnext ');
    await eventually(() => file() === 'token ***\nnext h', 'what is held back comes by itself');
    assert.equal(seen(), file());
    log.end();
  });

  it('is given to readers first, so that they lack nothing that is in the file when the process is killed', () => {
    const inFile: boolean[] = [];
    const folder = temporaryFolder();
    const { log } = open({ onBytes: () => inFile.push(existsSync(path.join(folder, 'stdout.log'))) }, folder);
    log.take(bytes('line 1\n'));
    assert.deepEqual(inFile, [false]);
  });

  it('is given to a line splitter as it comes', () => {
    const splitter = new LineSplitter({ atCarriageReturns: true });
    const lines: string[] = [];
    const { log } = open({ onBytes: (chunk) => lines.push(...splitter.feed(chunk)) });
    for (const chunk of ['step 1\nst', 'ep 2\r\n 5%|', '\r10%|\r', '\nend\n']) log.take(bytes(chunk));
    assert.deepEqual(lines, ['step 1', 'step 2', ' 5%|\r', '10%|', 'end']);
  });
});

describe('the rotation of an output', () => {
  const names = ['stdout.log.3', 'stdout.log.2', 'stdout.log.1', 'stdout.log'];

  it('begins a new file at the end of a line, and keeps so many', () => {
    for (const size of [1, 3, 7, 100, 1000]) {
      const { log, folder, file } = open({ maxBytes: 50 });
      const text = Array.from({ length: 18 }, (_, index) => `line ${index} ${'x'.repeat(index % 5)}\n`).join('');
      for (let at = 0; at < text.length; at += size) log.take(bytes(text.slice(at, at + size)));
      const kept = names.map((name) => file(name));
      assert.ok(text.endsWith(kept.join('')));
      for (const part of kept) assert.ok(part.length <= 62 && part.endsWith('\n') && part.startsWith('line'));
      assert.deepEqual(readdirSync(folder).toSorted(), names.toSorted());
    }
  });

  it('loses nothing until there are more files than may be', () => {
    const { log, file } = open({ maxBytes: 35, files: 4 });
    const text = Array.from({ length: 15 }, (_, index) => `line ${index}\n`).join('');
    log.take(bytes(text));
    assert.equal(names.map((name) => file(name)).join(''), text);
  });

  it('lets a longer line end, and cuts one that never ends where it is drawn anew', () => {
    const { log, file } = open({ maxBytes: 10 });
    log.take(bytes('twelve bytes\nx\n'));
    assert.deepEqual([file('stdout.log.1'), file()], ['twelve bytes\n', 'x\n']);
    const bar = open({ maxBytes: 10 });
    bar.log.take(bytes('1%|###\r2%|###\r3%|###\r4%|###\r'));
    assert.deepEqual([bar.file('stdout.log.1'), bar.file()], ['1%|###\r2%|###\r', '3%|###\r4%|###\r']);
    const endless = open({ maxBytes: 10, files: 10 });
    for (let index = 0; index < 7; index++) endless.log.take(bytes('x'.repeat(9)));
    assert.equal(['.3', '.2', '.1', ''].map((end) => endless.file(`stdout.log${end}`)).join(''), 'x'.repeat(63));
  });

  it('needs no second file', () => {
    const { log, folder, file } = open({ maxBytes: 10, files: 1 });
    for (const line of ['line 1\n', 'line 2\n', 'line 3\n']) log.take(bytes(line));
    assert.deepEqual([readdirSync(folder), file()], [['stdout.log'], 'line 3\n']);
    const two = open({ maxBytes: 10, files: 2 });
    for (const line of ['line 1\n', 'line 2\n', 'line 3\n']) two.log.take(bytes(line));
    assert.deepEqual([readdirSync(two.folder).length, two.file('stdout.log.1'), two.file()], [2, 'line 2\n', 'line 3\n']);
  });

  it('goes on where a process was killed within one', () => {
    const folder = temporaryFolder();
    writeFileSync(path.join(folder, 'stdout.log'), 'line 1\n');
    linkSync(path.join(folder, 'stdout.log'), path.join(folder, 'stdout.log.1'));
    writeFileSync(path.join(folder, 'stdout.log.new'), '');
    const { log, file } = open({}, folder);
    log.take(bytes('line 2\n'));
    assert.deepEqual([file('stdout.log.1'), file(), readdirSync(folder).length], ['line 1\n', 'line 2\n', 2]);
  });
});

describe('an output that cannot be written', () => {
  /** A disk that has room for so many bytes, and takes what still fits. */
  function disk(): { room: number; write: NonNullable<OutputLogOptions['write']> } {
    const state = {
      room: Infinity,
      write: (descriptor: number, chunk: Uint8Array, offset: number, length: number): number => {
        if (state.room <= 0) throw Object.assign(new Error('no space'), { code: 'ENOSPC' });
        const count = writeSync(descriptor, chunk, offset, Math.min(length, state.room));
        state.room -= count;
        return count;
      },
    };
    return state;
  }

  it('is written when there is room again, and told of once', () => {
    const full = disk();
    const { log, file, seen, troubles } = open({ write: full.write });
    full.room = 3;
    log.take(bytes('line 1\n'));
    log.take(bytes('line 2\n'));
    assert.equal(file(), 'lin');
    assert.equal(seen(), 'line 1\nline 2\n');
    full.room = 2;
    log.take(bytes('line 3\n'));
    assert.equal(file(), 'line ');
    full.room = Infinity;
    log.take(bytes('line 4\n'));
    assert.equal(file(), seen());
    assert.deepEqual(troubles, [
      'The output cannot be written to stdout.log: the disk is full. Free some space. The run goes on; its output is written again once that is possible.',
    ]);
  });

  it('has a line that says what is missing where that was too much', () => {
    const full = disk();
    const { log, file } = open({ write: full.write, maxBytes: 1 << 30 });
    full.room = 0;
    log.take(Buffer.alloc(1 << 20, 'a\n'));
    for (let index = 0; index < 4; index++) log.take(Buffer.alloc(1 << 19, 'b\n'));
    // Not even the note finds room at once.
    full.room = (1 << 20) + 10;
    log.take(bytes('lost, too\n'));
    full.room = Infinity;
    log.take(bytes('end\n'));
    const text = file();
    assert.ok(text.startsWith('a\n'.repeat(1 << 19)));
    assert.match(text.slice(1 << 20), /\[otb: 2 MiB of output are missing here, because they could not be written\]\nend\n$/);
    assert.ok(!text.includes('b\n'));
  });

  it('does not shift the old files while no new one can be made', () => {
    const { log, folder, file, troubles } = open({ maxBytes: 10 });
    for (const line of ['line 1\n', 'line 2\n']) log.take(bytes(line));
    // In the place of the new file there is a folder.
    mkdirSync(path.join(folder, 'stdout.log.new'));
    for (const line of ['line 3\n', 'line 4\n', 'line 5\n']) log.take(bytes(line));
    assert.deepEqual([file('stdout.log.1'), file(), troubles.length], ['line 1\n', 'line 2\n', 1]);
    rmSync(path.join(folder, 'stdout.log.new'), { recursive: true });
    log.take(bytes('line 6\n'));
    assert.deepEqual(
      ['stdout.log.3', 'stdout.log.2', 'stdout.log.1', 'stdout.log'].map((name) => file(name)),
      ['line 3\n', 'line 4\n', 'line 5\n', 'line 6\n'],
    );
  });

  it('is no link that somebody has put there', () => {
    const folder = temporaryFolder();
    symlinkSync('/dev/null', path.join(folder, 'stdout.log'));
    const { log, troubles } = open({}, folder);
    log.take(bytes('x\n'));
    assert.match(troubles[0] ?? '', /symbolic link.*Delete it/);
  });

  it('comes again after its file was deleted, and goes where its folder is moved', () => {
    let folder = path.join(temporaryFolder(), 'run');
    mkdirSync(folder);
    const { log } = open({ folder: () => folder });
    log.take(bytes('line 1\n'));
    rmSync(path.join(folder, 'stdout.log'));
    log.take(bytes('line 2\n'));
    assert.equal(readFileSync(path.join(folder, 'stdout.log'), 'utf8'), 'line 2\n');
    renameSync(folder, `${folder}-moved`);
    folder = `${folder}-moved`;
    log.take(bytes('line 3\n'));
    assert.equal(readFileSync(path.join(folder, 'stdout.log'), 'utf8'), 'line 2\nline 3\n');
  });
});
