import assert from 'node:assert/strict';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import { LabelsFile } from '../../../src/runs/labels/labelsFile.ts';
import { RunLabels } from '../../../src/runs/labels/runLabels.ts';
import { eventually, temporaryFolder } from '../exampleRun.ts';

const open: RunLabels[] = [];
after(() => {
  for (const labels of open) labels.close();
});

async function labelsOf(...roots: readonly string[]): Promise<{ labels: RunLabels; own: string; problems: string[] }> {
  const own = path.join(temporaryFolder(), 'own');
  const problems: string[] = [];
  const labels = new RunLabels({ ownFolder: own, onChange: () => undefined, onProblem: (message) => problems.push(message) });
  open.push(labels);
  labels.setRoots(roots);
  await labels.ready;
  return { labels, own, problems };
}

function name(labels: RunLabels, dir: string, text: string): Promise<void> {
  return labels.change([{ kind: 'run', dir, label: () => ({ name: text }) }]);
}

describe('the labels of a window', () => {
  it('are kept in the workspace folder that the run is in; those of runs elsewhere, in the first', async () => {
    const first = temporaryFolder();
    const inner = path.join(first, 'inner');
    mkdirSync(inner);
    const { labels } = await labelsOf(first, inner);
    const runs = [path.join(first, '.otb/runs/a'), path.join(inner, 'logs/b.csv'), '/elsewhere/c.csv'];
    for (const run of runs) await name(labels, run, path.basename(run));
    const inFile = async (root: string): Promise<readonly (string | undefined)[]> => {
      const said = await new LabelsFile(path.join(root, '.otb/labels.json'), root).read();
      return runs.map((run) => said.run(run)?.name);
    };
    assert.deepEqual(await inFile(first), ['a', undefined, 'c.csv']);
    assert.deepEqual(await inFile(inner), [undefined, 'b.csv', undefined]);
    assert.deepEqual(
      runs.map((run) => labels.run(run)?.name),
      ['a', 'b.csv', 'c.csv'],
    );
  });

  it('are never kept in the folder of a run, nor where there is no workspace folder', async () => {
    const run = temporaryFolder();
    mkdirSync(path.join(run, 'plugins'));
    for (const roots of [[run], [path.join(run, 'plugins')], []]) {
      const { labels, own } = await labelsOf(...roots);
      await name(labels, run, 'theirs');
      assert.equal(labels.run(run)?.name, 'theirs');
      assert.ok(existsSync(path.join(own, 'labels.json')));
      for (const root of roots) assert.equal(existsSync(path.join(root, '.otb')), false);
    }
  });

  it('are those that another window has written', async () => {
    const root = temporaryFolder();
    const [{ labels: one }, { labels: other }] = [await labelsOf(root), await labelsOf(root)];
    await one.change([{ kind: 'group', runsDir: root, group: 'g', name: 'first' }]);
    await eventually(() => other.group(root, 'g') === 'first', 'the name in the other window');
    rmSync(path.join(root, '.otb/labels.json'));
    await eventually(() => one.group(root, 'g') === undefined, 'no name without the file');
  });

  it('stay as they were last where the file is damaged, which is told once', async () => {
    const root = temporaryFolder();
    const { labels, problems } = await labelsOf(root);
    await name(labels, path.join(root, 'a'), 'A');
    const file = path.join(root, '.otb/labels.json');
    writeFileSync(file, '{');
    await eventually(() => problems.length > 0, 'the problem');
    writeFileSync(file, '{"');
    await assert.rejects(name(labels, path.join(root, 'a'), 'B'), /not a JSON object/);
    assert.equal(labels.run(path.join(root, 'a'))?.name, 'A');
    writeFileSync(file, '{"runs": {"a": {"name": "C"}}}');
    await eventually(() => labels.run(path.join(root, 'a'))?.name === 'C', 'the name in the file that was repaired');
    assert.equal(problems.length, 1);
  });
});
