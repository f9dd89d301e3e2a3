// npm run bench:detector -- [--json] [--only SECTION] [--half tuning|reporting] [--variant NAME] [--runs]: how well the collapse detector does on runs
// of which it is known whether they collapse. `--variant` takes a part of a variant's name, with `--only synthetic` of a made run's; `--runs` names
// every run that was missed, falsely flagged, warned, or given a wrong onset or state. A run of all on the half for reporting writes the tables into
// docs/DETECTOR.md.
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Measures } from './measures.ts';
import { publicLogs, recordedRuns } from './packedRuns.ts';
import { labelSection, logSection, partSection, ruleSection, syntheticSection, variantSection } from './sections.ts';
import type { Runs, Section } from './sections.ts';
import { markdownTable, textTable } from './table.ts';
import { variants } from './variants.ts';

const { values: options } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    only: { type: 'string' },
    half: { type: 'string', default: 'reporting' },
    variant: { type: 'string' },
    runs: { type: 'boolean', default: false },
  },
});
const { half, only, variant } = options;
if (half !== 'tuning' && half !== 'reporting') refuse(`There is no half "${half}"; there are: tuning, reporting.`);
const wanted = (name: string): boolean => variant === undefined || name.toLowerCase().includes(variant.toLowerCase());
if (only !== 'synthetic' && !variants.some(({ name }) => wanted(name)))
  refuse(`No variant has "${variant}" in its name; there are: ${variants.map(({ name }) => name).join('; ')}.`);

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const data = path.join(root, 'bench/detector/data');
const runs: Runs = { half, recorded: recordedRuns(data).filter((run) => run.half === half), logs: publicLogs(data) };

const sections: Readonly<Record<string, () => Section>> = {
  recorded: () => variantSection(runs, wanted),
  logs: () => logSection(runs),
  synthetic: () => syntheticSection(runs, only === 'synthetic' ? wanted : () => true),
  rules: () => ruleSection(runs),
  labels: () => labelSection(runs),
  parts: () => partSection(runs),
};
const chosen = Object.entries(sections).filter(([name]) => only === undefined || name === only);
if (chosen.length === 0) refuse(`There is no section "${only}"; there are: ${Object.keys(sections).join(', ')}.`);

const results: Record<string, Section> = {};
for (const [name, section] of chosen) {
  const started = performance.now();
  const result = section();
  results[name] = result;
  console.error(`${name}: ${((performance.now() - started) / 1000).toFixed(1)} s`);
  if (options.json) continue;
  for (const [title, table] of Object.entries(result.tables)) console.log(`${title}, half for ${half}\n\n${textTable(table)}\n`);
  if (options.runs) for (const measures of name === 'synthetic' ? result.measures.slice(0, 1) : result.measures) listRuns(measures);
}
if (options.json)
  console.log(JSON.stringify(results, (key, value: unknown) => (key === 'findings' && !options.runs ? undefined : value), 2));
if (only === undefined && variant === undefined && half === 'reporting') writeTables(path.join(root, 'docs/DETECTOR.md'));

function listRuns({ judge, set, findings }: Measures): void {
  console.log(`${set}, ${judge}: ${findings.length === 0 ? 'nothing to say' : ''}`);
  for (const { run, what, detail } of findings) console.log(`  ${what.padEnd(12)}  ${run.padEnd(26)}  ${detail}`);
  console.log('');
}

/** Puts each table between its marks `<!-- table NAME -->` and `<!-- end -->`; what stands around them stays. */
function writeTables(file: string): void {
  let text = readFileSync(file, 'utf8');
  for (const [name, table] of Object.values(results).flatMap(({ tables }) => Object.entries(tables))) {
    const marked = new RegExp(`(<!-- table ${name} -->\n)[^]*?(<!-- end -->)`);
    if (!marked.test(text))
      refuse(`${file} has no place for the table "${name}": a line <!-- table ${name} -->, and below it a line <!-- end -->.`);
    text = text.replace(marked, (_, begin: string, end: string) => `${begin}\n${markdownTable(table)}\n\n${end}`);
  }
  writeFileSync(file, text);
  console.error(`wrote ${path.relative(process.cwd(), file)}`);
}

function refuse(message: string): never {
  console.error(message);
  process.exit(2);
}
