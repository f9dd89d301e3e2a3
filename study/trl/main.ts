// `npm run study:trl`: trains five estimators with TRL on the preset trl-ledger, at two learning rates and over five seeds, and writes the
// section on TRL of docs/STUDY.md with its figures, and docs/study/trl.json, from which `npm run study` makes the section again. What is
// already done is kept in .otb/study, so an interrupted study goes on. `--only SETTING` keeps what the file has of the others; `--only none`
// writes the section anew.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { experiment } from '../experiment.ts';
import { parseResults, resultsText, trlRun } from './results.ts';
import type { TrlResults, TrlSetting } from './results.ts';
import { trlFindings, trlSection, wholeSteps, withSection } from './section.ts';

const preset = 'trl-ledger';
const estimators = ['reinforce', 'dr_grpo', 'grpo', 'optimal_trajectory_baseline', 'tir_optimal_token_baseline'];
const experiments = [
  { name: preset, purpose: 'The preset as it is: learning rate 5e-4, no clipping.', trl: {} },
  { name: `${preset}-1e-3`, purpose: 'Twice the learning rate, at which policies collapse.', trl: { learning_rate: 1e-3 } },
];

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '5' },
    steps: { type: 'string', default: String(wholeSteps) },
    only: { type: 'string', multiple: true },
    parallel: { type: 'string', default: String(os.availableParallelism()) },
  },
});
const seeds = Array.from({ length: Number(values.seeds) }, (_, i) => i + 1);
const steps = Number(values.steps);
const site = { root, folder: path.join(root, '.otb', 'study'), parallel: Number(values.parallel), python: python() };
const log = (line: string): void => console.error(`${new Date().toTimeString().slice(0, 8)} ${line}`);

const folder = path.join(root, 'docs', 'study');
const file = path.join(folder, 'trl.json');
const before = existsSync(file) ? parseResults(readFileSync(file, 'utf8')).settings : [];
const settings: TrlSetting[] = [];
for (const { name, purpose, trl } of experiments) {
  const kept = before.find((setting) => setting.name === name);
  if (values.only && !values.only.includes(name)) settings.push(...(kept ? [kept] : []));
  else {
    const runs = await experiment({ preset, name, trl, estimators, seeds, steps }, site, log);
    settings.push({ name, purpose, steps, seeds, runs: runs.map(trlRun) });
  }
}
const results: TrlResults = {
  environment: {
    ...versions(),
    machine: `${os.type()} ${os.arch()}, ${os.availableParallelism()} × ${os.cpus()[0]?.model.trim() ?? 'unknown'}, one thread a run`,
  },
  settings,
};
const { markdown, figures } = trlSection(results, trlFindings(root));
mkdirSync(folder, { recursive: true });
writeFileSync(file, resultsText(results));
for (const [name, svg] of figures) writeFileSync(path.join(folder, name), svg);
const page = path.join(root, 'docs', 'STUDY.md');
writeFileSync(page, withSection(readFileSync(page, 'utf8'), markdown));
log(`wrote the section on TRL of ${page}`);

/** That of the environment in which the tests run, too, with the versions that its lock names. */
function python(): string {
  return said('import sys; print(sys.executable)');
}

function versions(): Record<string, string> {
  const names = ['trl', 'transformers', 'torch'];
  const listed = said(`from importlib.metadata import version; print(*(version(name) for name in ${JSON.stringify(names)}))`).split(' ');
  return Object.fromEntries(names.map((name, index) => [name, listed[index] ?? '']));
}

/** The first line that a program of Python prints. */
function said(program: string): string {
  const { status, stdout } = spawnSync(process.execPath, [path.join(root, 'tools', 'python.mjs'), '-c', program], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (status !== 0) throw new Error('There is no Python with TRL: see above.');
  return stdout.split(/\r?\n/)[0] ?? '';
}
