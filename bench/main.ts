// npm run bench -- [--json] [--only NAME] [--threads N] [--build simd|relaxed-simd]: our numbers against named peers. A run of all
// benchmarks on all cores, and on the build that `--engine auto` takes, writes docs/BENCH.md.
import { mkdir, writeFile } from 'node:fs/promises';
import { availableParallelism, loadavg } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { KernelBuild } from '../src/trainer/engines/wasm/kernelModule.ts';
import { benchAdvantages } from './advantages.ts';
import { benchCollapse } from './collapse.ts';
import { fastestBuild } from './fastestBuild.ts';
import { benchKernels } from './kernels.ts';
import { benchMemory } from './memory.ts';
import { benchOpening } from './opening.ts';
import { createReport, formatMarkdown, formatText, type BenchResult } from './report.ts';
import { benchRollouts } from './rollouts.ts';
import { benchStartup } from './startup.ts';
import { benchStep } from './step.ts';

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    only: { type: 'string' },
    threads: { type: 'string' },
    build: { type: 'string' },
  },
});
const { only } = values;
const threads = Number(values.threads ?? availableParallelism());
if (!Number.isInteger(threads) || threads < 1) refuse(`--threads takes a whole number from 1, not "${values.threads}".`);
const { build: named } = values;
if (named !== undefined && !isBuild(named)) refuse(`There is no build "${named}"; there are: simd, relaxed-simd.`);

// In this order: memory counts all that ran before in this process, and depends on no build.
const benches: Readonly<Record<string, () => Promise<BenchResult>>> = {
  memory: () => benchMemory(threads, named ?? 'simd'),
  step: async () => benchStep(threads, named ?? (await fastestBuild(threads))),
  kernels: async () => benchKernels(),
  advantages: benchAdvantages,
  startup: benchStartup,
  opening: benchOpening,
  rollouts: () => benchRollouts(threads),
  collapse: async () => benchCollapse(),
};
if (only !== undefined && !benches[only]) refuse(`There is no benchmark "${only}"; there are: ${Object.keys(benches).join(', ')}.`);

const load = loadavg()[0]!;
const results: BenchResult[] = [];
for (const [name, bench] of Object.entries(benches)) {
  if (only !== undefined && name !== only) continue;
  console.error(`measuring ${name}…`);
  results.push(await bench());
}
const report = createReport(results, load, 'npm run bench');
console.log(values.json ? JSON.stringify(report, null, 2) : formatText(report));
if (only === undefined && values.threads === undefined && named === undefined) {
  const file = fileURLToPath(new URL('../docs/BENCH.md', import.meta.url));
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, formatMarkdown(report));
  console.error(`wrote ${path.relative(process.cwd(), file)}`);
}

function isBuild(name: string): name is KernelBuild {
  return name === 'simd' || name === 'relaxed-simd';
}

function refuse(message: string): never {
  console.error(message);
  process.exit(2);
}
