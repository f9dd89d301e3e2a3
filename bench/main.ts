// npm run bench [-- --json] [-- --only NAME]: our numbers against named peers; a full run writes docs/BENCH.md.
import { mkdir, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { benchMemory } from './memory.ts';
import { createReport, formatMarkdown, formatText, type BenchResult } from './report.ts';
import { benchStep } from './step.ts';

const threads = availableParallelism();

// In this order: memory counts all that ran before in this process.
const benches: Readonly<Record<string, () => Promise<BenchResult>>> = {
  memory: () => benchMemory(threads),
  step: () => benchStep(threads),
};

const { values } = parseArgs({ options: { json: { type: 'boolean', default: false }, only: { type: 'string' } } });
const names = values.only === undefined ? Object.keys(benches) : [values.only];
for (const name of names) {
  if (benches[name]) continue;
  console.error(`There is no benchmark "${name}"; there are: ${Object.keys(benches).join(', ')}.`);
  process.exit(2);
}

const results: BenchResult[] = [];
for (const name of names) {
  console.error(`measuring ${name}…`);
  results.push(await benches[name]!());
}
const report = createReport(results, 'npm run bench');
console.log(values.json ? JSON.stringify(report, null, 2) : formatText(report));
if (values.only === undefined) {
  const file = fileURLToPath(new URL('../docs/BENCH.md', import.meta.url));
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, formatMarkdown(report));
  console.error(`wrote ${path.relative(process.cwd(), file)}`);
}
