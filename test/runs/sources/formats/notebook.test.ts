import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { findRuns } from '../../../../src/runs/sources/findRuns.ts';
import { readSource } from '../../../../src/runs/sources/readSource.ts';

/** As `text_to_html_table` of transformers writes it. */
function table(columns: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const head = columns.map((name) => `      <th>${name}</th>\n`).join('');
  const body = rows.map((row) => `    <tr>\n${row.map((cell) => `      <td>${cell}</td>\n`).join('')}    </tr>\n`).join('');
  return `<div><progress value='3' max='3'></progress>[3/3 00:01]</div>\n<table border="1" class="dataframe">\n  <thead>\n <tr style="text-align: left;">\n${head}    </tr>\n  </thead>\n  <tbody>\n${body}  </tbody>\n</table><p>`;
}

test('the dicts in the outputs of a notebook are steps, counted through its cells, quoted numbers and all', async (t) => {
  const sft = [1.124, 0.9796].map((norm) => `{'loss': '1.676', 'grad_norm': '${norm}', 'epoch': '0.08772'}\n`);
  const grpo = [4.636, 3.735].map((norm, row) => `{'loss': '0.007', 'grad_norm': '${norm}', 'reward': '0.${row}', 'epoch': '0.03571'}\n`);
  const place = await onlyPlace(
    notebookOf(t, [
      [{ output_type: 'stream', name: 'stdout', text: sft }],
      [{ output_type: 'stream', name: 'stdout', text: `${grpo.join('')}{'loss': '0.1', 'grad_no` }],
    ]),
  );
  assert.equal(place.format, 'notebook');
  const { metrics, malformed } = await readSource(place);
  const { steps, values } = metrics.series('grad_norm') ?? {};
  assert.deepEqual([...(steps ?? [])], [1, 2, 3, 4]);
  assert.deepEqual([...(values ?? [])], [1.124, 0.9796, 4.636, 3.735]);
  assert.deepEqual(malformed, [{ line: 3, why: 'in the output of cell 2, the record is cut off' }]);
});

test('the tables that a trainer shows in a notebook are steps; another training in a later cell is the run', async (t) => {
  const first = table(
    ['Step', 'Training Loss'],
    [
      [1, '1.500000'],
      [2, '1.250000'],
      [3, '1.000000'],
    ],
  );
  const second = table(
    ['Step', 'Training Loss', 'reward', 'rewards / f&lt;1&gt; / mean'],
    [
      [1, '0.500000', '-0.125000', '0.250000'],
      [2, 'No log', '0.750000', 'nan'],
    ],
  );
  const { metrics, lives } = await readSource(
    await onlyPlace(
      notebookOf(t, [
        [
          {
            output_type: 'display_data',
            data: { 'text/html': first.split(/(?<=\n)/), 'text/plain': ['<IPython.core.display.HTML object>'] },
          },
        ],
        [{ output_type: 'execute_result', data: { 'text/html': second } }],
      ]),
    ),
  );
  assert.deepEqual(
    lives.map((life) => life.steps),
    [3, 2],
  );
  assert.deepEqual(metrics.keys, ['Training Loss', 'reward', 'rewards / f<1> / mean']);
  assert.deepEqual([...(metrics.series('reward')?.values ?? [])], [-0.125, 0.75]);
  assert.deepEqual([...(metrics.series('Training Loss')?.values ?? [])], [0.5]);
});

test('a notebook without a training is no run, nor is a table of something else', async (t) => {
  const pandas = '<table border="1" class="dataframe"><thead><tr style="text-align: right;"><th></th><th>Step</th></tr></thead></table>';
  assert.deepEqual((await findRuns(notebookOf(t, [[{ output_type: 'execute_result', data: { 'text/html': pandas } }], []]))).places, []);
});

async function onlyPlace(file: string) {
  const { places } = await findRuns(file);
  assert.equal(places.length, 1);
  return places[0] as (typeof places)[number];
}

function notebookOf(t: { after(callback: () => void): void }, cells: readonly (readonly unknown[])[]): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'otb-notebook-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const file = path.join(folder, 'train.ipynb');
  const all = cells.map((outputs) => ({ cell_type: 'code', outputs, source: [] }));
  writeFileSync(file, JSON.stringify({ cells: all, metadata: {}, nbformat: 4, nbformat_minor: 5 }));
  return file;
}
