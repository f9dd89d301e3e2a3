// `npm run study`: trains every estimator on every preset over many seeds, measures the variance of the gradient at fixed policies,
// and writes docs/STUDY.md with its figures. What is already done is kept in .otb/study, so an interrupted study goes on.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { studyDocument, type StudyResults } from './document.ts';
import { exactBias } from './exactBias.ts';
import { comparedRun } from '../src/runs/inspection/comparedRun.ts';
import { experiment, type StudySite } from './experiment.ts';
import { varianceAtFixedPolicies } from './fixedPolicies.ts';
import { parseResults } from './trl/results.ts';
import { trlFindings, trlSection, withSection } from './trl/section.ts';

const purposes: Readonly<Record<string, string>> = {
  figure1: 'The main setting: no clipping, 800 tokens, tools that fail for good in one trajectory out of ten, learning rate 8e-3.',
  'figure1-smooth': 'The same with back-propagation cut every 64 tokens, which takes away the recurrent network’s own exploding gradients.',
  gentle: 'Half the learning rate and 1,000 steps: learn first, crater later.',
  clip: 'Counter-example: the main setting with the gradient clipped at norm 1.',
  'no-outage': 'Counter-example: the main setting with tools that never fail for good, so that length and failure are barely tied.',
  transformer: 'A decoder-only transformer instead of the recurrent network, at a horizon of 240 tokens.',
};

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '10' },
    only: { type: 'string', multiple: true },
    parallel: { type: 'string', default: String(os.availableParallelism()) },
  },
});
const seeds = Array.from({ length: Number(values.seeds) }, (_, i) => i + 1);
const site: StudySite = { root, folder: path.join(root, '.otb', 'study'), parallel: Number(values.parallel) };
const log = (line: string): void => console.error(`${new Date().toTimeString().slice(0, 8)} ${line}`);

const experiments: StudyResults['experiments'][number][] = [];
for (const [preset, purpose] of Object.entries(purposes)) {
  if (values.only && !values.only.includes(preset)) continue;
  const runs = await experiment({ preset, seeds }, site, log);
  experiments.push({ preset, purpose, runs: runs.map(comparedRun) });
}
const findings = path.join(root, 'study', 'findings.md');
const { markdown, figures } = studyDocument({
  command: `npm run study${process.argv.length > 2 ? ` -- ${process.argv.slice(2).join(' ')}` : ''}`,
  seeds,
  environment: {
    engine: 'wasm-simd: the same bits on every machine',
    Node: process.versions.node,
    machine: `${os.type()} ${os.arch()}, ${os.availableParallelism()} × ${os.cpus()[0]?.model.trim() ?? 'unknown'}`,
  },
  findings: existsSync(findings) ? readFileSync(findings, 'utf8') : '',
  experiments,
  variance: !values.only || values.only.includes('variance') ? await varianceAtFixedPolicies(site, log) : [],
  bias: await exactBias(root),
});
const folder = values.only ? site.folder : path.join(root, 'docs');
mkdirSync(path.join(folder, 'study'), { recursive: true });
// The section on TRL is made by `npm run study:trl`, whose results lie here.
const trl = path.join(root, 'docs', 'study', 'trl.json');
const section =
  existsSync(trl) && !values.only ? trlSection(parseResults(readFileSync(trl, 'utf8')), trlFindings(root)).markdown : undefined;
writeFileSync(path.join(folder, 'STUDY.md'), section === undefined ? markdown : withSection(markdown, section));
for (const [name, svg] of figures) writeFileSync(path.join(folder, 'study', name), svg);
log(`wrote ${path.join(folder, 'STUDY.md')} and ${figures.size} figures`);
