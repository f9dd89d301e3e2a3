import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import type { RunLabel } from '../../../src/core/records/runLabel.ts';
import { LabelsFile } from '../../../src/runs/labels/labelsFile.ts';
import type { LabelChange } from '../../../src/runs/labels/labelsFile.ts';
import { temporaryFolder } from '../exampleRun.ts';

function labelsIn(root: string): LabelsFile {
  return new LabelsFile(path.join(root, '.otb/labels.json'), root);
}

function said(dir: string, label: RunLabel): LabelChange {
  return { kind: 'run', dir, label: (now) => ({ ...now, ...label }) };
}

function contentOf({ file }: LabelsFile): Readonly<Record<string, unknown>> {
  return JSON.parse(readFileSync(file, 'utf8')) as Readonly<Record<string, unknown>>;
}

describe('what is said of runs', () => {
  it('is kept by their places in the workspace, so that it stays right where that is moved', async () => {
    const [here, there] = [temporaryFolder(), temporaryFolder()];
    const file = labelsIn(here);
    const run = '.otb/runs/20260102-a';
    await file.change([
      said(path.join(here, run), { name: 'the good one', tags: ['paper', 'lr'], color: 'teal', isArchived: true }),
      said('/elsewhere/log.csv', { name: 'theirs' }),
      { kind: 'group', runsDir: path.join(here, '.otb/runs'), group: '20260102', name: 'first try' },
    ]);
    assert.deepEqual(contentOf(file), {
      runs: {
        [run]: { name: 'the good one', tags: ['paper', 'lr'], color: 'teal', archived: true },
        '/elsewhere/log.csv': { name: 'theirs' },
      },
      groups: { '.otb/runs': { '20260102': { name: 'first try' } } },
      schemaVersion: 1,
    });
    mkdirSync(path.join(there, '.otb'));
    writeFileSync(path.join(there, '.otb/labels.json'), readFileSync(file.file));
    const moved = await labelsIn(there).read();
    assert.deepEqual(moved.run(path.join(there, run))?.tags, ['paper', 'lr']);
    assert.equal(moved.run('/elsewhere/log.csv')?.name, 'theirs');
    assert.equal(moved.group(path.join(there, '.otb/runs'), '20260102'), 'first try');
    assert.deepEqual(readdirSync(path.join(here, '.otb')), ['labels.json']);
  });

  it('is gone when it is unsaid', async () => {
    const file = labelsIn(temporaryFolder());
    await file.change([said('/a', { name: 'a', tags: ['x'] }), { kind: 'group', runsDir: '/', group: 'g', name: 'G' }]);
    await file.change([
      { kind: 'run', dir: '/a', label: () => ({}) },
      { kind: 'group', runsDir: '/', group: 'g', name: ' ' },
    ]);
    assert.deepEqual(contentOf(file), { schemaVersion: 1 });
  });

  it('is all kept where several windows say something at the same time', async () => {
    const root = temporaryFolder();
    const names = Array.from({ length: 12 }, (_, index) => `run${index}`);
    await Promise.all(names.map((name) => labelsIn(root).change([said(path.join(root, name), { name })])));
    const labels = await labelsIn(root).read();
    assert.deepEqual(
      names.map((name) => labels.run(path.join(root, name))?.name),
      names,
    );
    assert.deepEqual(readdirSync(path.join(root, '.otb')), ['labels.json']);
  });

  it('is added to what the file says at that moment, and what this version does not know stays', async () => {
    const root = temporaryFolder();
    const file = labelsIn(root);
    mkdirSync(path.join(root, '.otb'));
    writeFileSync(
      file.file,
      '{"later": [1], "runs": {"a": {"tags": ["x"], "stars": 5}, "__proto__": {"stars": 1}}, "groups": {"g": "odd"}}',
    );
    await file.change([said(path.join(root, 'a'), { name: 'A' })]);
    const { runs, later, groups } = contentOf(file);
    assert.deepEqual([later, groups], [[1], { g: 'odd' }]);
    assert.equal(JSON.stringify(runs), '{"a":{"tags":["x"],"stars":5,"name":"A"},"__proto__":{"stars":1}}');
  });

  it('is left alone, with a sentence that says where, in a file that cannot be understood', async () => {
    const root = temporaryFolder();
    const file = labelsIn(root);
    mkdirSync(path.join(root, '.otb'));
    for (const [text, complaint] of [
      ['{"runs": {"a"', /labels\.json: this is not a JSON object\. .* repair it, or delete it/],
      ['{"schemaVersion": 2}', /its schemaVersion is 2, and this version knows 1\./],
    ] as const) {
      writeFileSync(file.file, text);
      await assert.rejects(file.read(), complaint);
      await assert.rejects(file.change([said('/a', { name: 'a' })]), complaint);
      assert.equal(readFileSync(file.file, 'utf8'), text);
    }
  });

  it('cannot be kept where nothing can be written, and says so', async () => {
    const root = temporaryFolder();
    writeFileSync(path.join(root, '.otb'), '');
    await assert.rejects(labelsIn(root).change([said('/a', { name: 'a' })]), /labels\.json: cannot be written: .* Nothing was changed\./);
  });

  it('has names and tags of one line, each tag once, and nothing that is no colour', async () => {
    const root = temporaryFolder();
    const file = labelsIn(root);
    mkdirSync(path.join(root, '.otb'));
    const odd = { name: ' two\n lines\u001b[31m ', tags: ['a', ' a ', 3, '', 'b,c'], color: 'url(x)', archived: 'yes' };
    writeFileSync(file.file, JSON.stringify({ runs: { a: odd, b: 'none', c: { name: 4 } } }));
    const labels = await file.read();
    assert.deepEqual(labels.run(path.join(root, 'a')), { name: 'two lines␛[31m', tags: ['a', 'b c'] });
    assert.deepEqual([labels.run(path.join(root, 'b')), labels.run(path.join(root, 'c'))], [{}, {}]);
  });

  it('is nothing, and makes no file, where nobody has said anything', async () => {
    const file = labelsIn(temporaryFolder());
    assert.equal((await file.read()).run('/a'), undefined);
    assert.equal(existsSync(path.dirname(file.file)), false);
  });
});

describe('odd names and many of them', () => {
  it('reads a name and tags as they were written: no half of an emoji, and nothing that cannot be seen', async () => {
    const root = temporaryFolder();
    const file = labelsIn(root);
    const run = path.join(root, 'a');
    const written = await file.change([said(run, { name: `a${'😀'.repeat(100)}`, tags: [`a${'😀'.repeat(40)}`, '\u200B'] })]);
    assert.deepEqual((await file.read()).run(run), written.run(run));
    assert.equal(written.run(run)?.tags?.length, 1);
    assert.doesNotMatch(written.run(run)?.name ?? '', /\p{Cs}/u);
  });

  it('leaves the file alone where it would become too big to be read', async () => {
    const root = temporaryFolder();
    const file = labelsIn(root);
    mkdirSync(path.dirname(file.file));
    const before = JSON.stringify({ other: 'x'.repeat((16 << 20) - 100) });
    writeFileSync(file.file, before);
    await assert.rejects(file.change([said(path.join(root, 'a'), { name: 'n'.repeat(100) })]), /has no room for more/);
    assert.equal(readFileSync(file.file, 'utf8') === before, true);
    assert.deepEqual(readdirSync(path.dirname(file.file)), ['labels.json']);
  });

  it('can be read again with a hundred thousand runs', async () => {
    const root = temporaryFolder();
    const file = labelsIn(root);
    mkdirSync(path.dirname(file.file));
    const runs = Object.fromEntries(Array.from({ length: 100_000 }, (_, index) => [`r${index}`, { name: 'n', tags: ['a', 'b'] }]));
    writeFileSync(file.file, JSON.stringify({ runs }));
    assert.equal((await file.read()).run(path.join(root, 'r99999'))?.name, 'n');
  });
});
