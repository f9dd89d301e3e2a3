// `npm run study:trl`: trains five estimators with TRL on the preset trl-ledger over five seeds, and writes the section on TRL of
// docs/STUDY.md with its figure, and docs/study/trl.json, from which `npm run study` makes the section again. What is already done is
// kept in .otb/study, so an interrupted study goes on.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { experiment } from '../experiment.ts';
import { resultsText, trlRun } from './results.ts';
import type { TrlResults } from './results.ts';
import { trlSection, withSection } from './section.ts';

const preset = 'trl-ledger';
const estimators = ['reinforce', 'dr_grpo', 'grpo', 'optimal_trajectory_baseline', 'tir_optimal_token_baseline'];
/** With five seeds, an hour and a half on two cores. */
const wholeSteps = 1000;

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '5' },
    steps: { type: 'string', default: String(wholeSteps) },
    parallel: { type: 'string', default: String(os.availableParallelism()) },
  },
});
const seeds = Array.from({ length: Number(values.seeds) }, (_, i) => i + 1);
const steps = Number(values.steps);
const site = { root, folder: path.join(root, '.otb', 'study'), parallel: Number(values.parallel), python: python() };
const log = (line: string): void => console.error(`${new Date().toTimeString().slice(0, 8)} ${line}`);

const runs = await experiment(preset, { estimators, seeds, steps }, site, log);
const results: TrlResults = {
  command: `npm run study:trl${process.argv.length > 2 ? ` -- ${process.argv.slice(2).join(' ')}` : ''}`,
  wholeSteps,
  steps,
  seeds,
  environment: {
    ...versions(),
    machine: `${os.type()} ${os.arch()}, ${os.availableParallelism()} × ${os.cpus()[0]?.model.trim() ?? 'unknown'}, one thread a run`,
  },
  runs: runs.map(trlRun),
};
const { markdown, figures } = trlSection(results);
const folder = path.join(root, 'docs', 'study');
mkdirSync(folder, { recursive: true });
writeFileSync(path.join(folder, 'trl.json'), resultsText(results));
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
