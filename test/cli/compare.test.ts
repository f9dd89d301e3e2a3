import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { otb, temporaryFolder } from './otb.ts';
import { writeRunDirectory } from './runFixture.ts';

interface ComparedGroup {
  readonly estimator: string;
  readonly count: number;
  readonly collapsed: number;
  readonly onsetStep: { readonly median: number } | null;
  readonly finalScore: { readonly mean: number; readonly std: number };
  readonly runs: readonly { readonly dir: string; readonly seed: number; readonly state: string; readonly onsetStep: number | null }[];
}

function writeRuns(folder: string): void {
  for (const seed of [1, 2, 3]) {
    writeRunDirectory(folder, { estimator: 'reinforce', seed, steps: 300, collapseAt: 150 + seed });
    writeRunDirectory(folder, { estimator: 'tir_optimal_token_baseline', seed, steps: 300, collapseAt: null });
  }
}

test('runs are grouped by estimator over their seeds, with collapses counted and the verdict in words', async (t) => {
  const folder = temporaryFolder(t);
  writeRuns(folder);
  const { code, stdout, stderr } = await otb(['compare', folder, '--json']);
  assert.deepEqual([code, stderr], [0, '']);
  const { groups, verdict } = JSON.parse(stdout) as { groups: ComparedGroup[]; verdict: string[] };
  const [otbGroup, plain] = groups.toSorted((a, b) => a.collapsed - b.collapsed);
  assert.deepEqual(
    [otbGroup?.estimator, otbGroup?.count, otbGroup?.collapsed, otbGroup?.onsetStep],
    ['tir_optimal_token_baseline', 3, 0, null],
  );
  assert.deepEqual([plain?.estimator, plain?.count, plain?.collapsed], ['reinforce', 3, 3]);
  assert.ok(
    plain?.onsetStep !== null && plain !== undefined && Math.abs(plain.onsetStep.median - 152) < 25,
    `onset ${plain?.onsetStep?.median}`,
  );
  assert.ok((otbGroup?.finalScore.mean ?? 0) > 0.6 && plain.finalScore.mean < 0.1);
  assert.deepEqual(
    plain.runs.map(({ seed, state }) => [seed, state]),
    [
      [1, 'collapsed'],
      [2, 'collapsed'],
      [3, 'collapsed'],
    ],
  );
  assert.ok(plain.runs.every(({ dir }) => dir.startsWith(folder)));
  assert.match(verdict.join('\n'), /3 of 6 runs collapsed/);
});

test('the table is plain text in a pipe: no colours, a line for each estimator', async (t) => {
  const folder = temporaryFolder(t);
  writeRuns(folder);
  const { code, stdout } = await otb(['compare', folder]);
  assert.equal(code, 0);
  assert.doesNotMatch(stdout, /\u001b/);
  assert.match(stdout, /^estimator +runs +collapsed +onset +best score/);
  assert.match(stdout, /^reinforce +3 +3 /m);
  assert.match(stdout, /^tir_optimal_token_baseline +3 +0 +– /m);
});

test('runs that were made twice count once, and the output says which', async (t) => {
  const folder = temporaryFolder(t);
  const [once, again] = [path.join(folder, 'once'), path.join(folder, 'again')];
  writeRuns(once);
  const dir = writeRunDirectory(again, { estimator: 'reinforce', seed: 1, steps: 200, collapseAt: 151, planned: 300, reason: 'stopped' });
  const read = async (...folders: string[]) => {
    const { code, stdout } = await otb(['compare', ...folders, '--json']);
    assert.equal(code, 0);
    return JSON.parse(stdout) as { groups: ComparedGroup[]; tests: unknown; verdict: string[]; repeats: object[] };
  };
  const [first, both] = [await read(once), await read(again, once)];
  assert.deepEqual(both.tests, first.tests);
  const of = path.join(once, path.basename(dir));
  assert.deepEqual([first.repeats, both.repeats], [[], [{ dir, of, estimator: 'reinforce', seed: 1 }]]);
  assert.match(both.verdict.at(-1) ?? '', /1 run is a repeat of the same config and seed/);
  const { stdout } = await otb(['compare', again, once]);
  assert.match(stdout, /^reinforce +3 +3 /m);
  assert.match(stdout.replaceAll(/\s+/g, ' '), /max norm: highest of all\. .*1 run is a repeat of the same config and seed/);
});

test('the report is one HTML file with its figure, which is also written beside it', async (t) => {
  const folder = temporaryFolder(t);
  writeRuns(folder);
  const { code, stderr } = await otb(['compare', '.', '--report', 'out/report.html', '--title', 'A & B'], { cwd: folder });
  assert.equal(code, 0);
  const html = readFileSync(path.join(folder, 'out/report.html'), 'utf8');
  for (const part of ['<h1>A &amp; B</h1>', 'otb compare . --report out/report.html', '<svg', 'reinforce, seed 2'])
    assert.ok(html.includes(part), part);
  assert.match(readFileSync(path.join(folder, 'out/report.svg'), 'utf8'), /^<svg/);
  assert.match(stderr, /report\.html\n.*report\.svg/);
});

test('bad input is one message and exit 2', async (t) => {
  const folder = temporaryFolder(t);
  const missing = await otb(['compare', 'nowhere'], { cwd: folder });
  assert.deepEqual(
    [missing.code, missing.stderr],
    [2, 'otb: nowhere: there is no such file or directory. Give the directory of a run, a log, or a folder of them.\n'],
  );
  const empty = await otb(['compare', '.'], { cwd: folder });
  assert.equal(empty.code, 2);
  assert.match(empty.stderr, /no run was found in it: no run directory \(one with a run\.json\)/);
  const report = await otb(['compare', '.', '--report', 'report.pdf'], { cwd: folder });
  assert.deepEqual([report.code, report.stderr], [2, 'otb: --report report.pdf: expected a file name that ends in .html.\n']);
});
