// npm run bench:editor -- [--only NAME] [--minutes N] [--json]: the extension's speed and memory in a real VS Code with a real
// browser. A run of everything, with ten minutes of soak, writes docs/BENCH-EDITOR.md.
import { writeFile } from 'node:fs/promises';
import { availableParallelism, cpus, loadavg } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { benchActivation } from './activation.ts';
import { benchCommand } from './command.ts';
import { benchHidden } from './hidden.ts';
import { benchLatency } from './latency.ts';
import { benchLongRun } from './longRun.ts';
import { benchManyRuns } from './manyRuns.ts';
import type { EditorRow } from './row.ts';
import { Session } from '../../test/e2e/harness/session.ts';
import { benchSixtyRuns } from './sixtyRuns.ts';
import { benchSoak } from './soak.ts';

const { values } = parseArgs({
  options: { only: { type: 'string' }, minutes: { type: 'string', default: '10' }, json: { type: 'boolean', default: false } },
});
const minutes = Number(values.minutes);
const benches: Readonly<Record<string, (session: Session) => Promise<EditorRow[]>>> = {
  activation: benchActivation,
  latency: benchLatency,
  command: benchCommand,
  hidden: benchHidden,
  lean: (session) => benchLongRun(session, 'lean'),
  full: (session) => benchLongRun(session, 'full'),
  many: benchManyRuns,
  sixty: benchSixtyRuns,
  soak: (session) => benchSoak(session, minutes),
};
if (!(minutes > 0)) refuse(`--minutes takes a number above 0, not "${values.minutes}".`);
if (values.only !== undefined && !(values.only in benches))
  refuse(`There is no benchmark "${values.only}"; there are: ${Object.keys(benches).join(', ')}.`);

const load = loadavg()[0] ?? 0;
const rows: EditorRow[] = [];
for (const [name, bench] of Object.entries(benches)) {
  if (values.only !== undefined && values.only !== name) continue;
  console.error(`measuring ${name}…`);
  // A server keeps the extension hosts of closed windows for some minutes, and they would work beside the next benchmark.
  const session = await Session.start();
  try {
    rows.push(...(await bench(session)));
  } finally {
    await session.stop();
  }
}
const machine = `${cpus()[0]?.model.trim() ?? 'unknown processor'}, ${availableParallelism()} cores, load ${load.toFixed(1)} before the start, ${(loadavg()[0] ?? 0).toFixed(1)} at the end`;
console.log(values.json ? JSON.stringify({ machine, rows }, null, 2) : formatText());
if (!values.json) console.error(machine);
if (values.only === undefined && minutes >= 10) {
  const file = path.resolve('docs/BENCH-EDITOR.md');
  await writeFile(file, formatMarkdown());
  console.error(`wrote ${path.relative('.', file)}`);
}

function formatText(): string {
  const width = Math.max(...rows.map(({ name }) => name.length));
  return rows
    .map((row) => `${row.name.padEnd(width)}  ${quantity(row.measured).padStart(8)} ${row.unit.padEnd(8)} ${verdict(row)}`)
    .join('\n');
}

function formatMarkdown(): string {
  return [
    '# Benchmarks of the extension',
    '',
    `Made by \`npm run bench:editor\` on ${new Date().toISOString().slice(0, 10)}; it writes this file. The packaged extension in a real VS Code server,`,
    'with a headless Chromium as its window; server, browser and the process that writes the runs share the machine. Medians of five; what',
    'runs go on for minutes is measured once.',
    '',
    `Machine: ${machine}`,
    '',
    '| measured | | unit | to be below |',
    '| --- | ---: | --- | --- |',
    ...rows.map(({ name, measured, unit, below }) => `| ${name} | ${quantity(measured)} | ${unit} | ${below ?? '–'} |`),
    '',
  ].join('\n');
}

function verdict({ measured, below }: EditorRow): string {
  return below === null ? '' : measured < below ? `below ${below}` : `NOT below ${below}`;
}

function quantity(value: number): string {
  return Number.isInteger(value) ? String(value) : value.toLocaleString('en-US', { maximumSignificantDigits: 3 });
}

function refuse(message: string): never {
  console.error(message);
  process.exit(2);
}
