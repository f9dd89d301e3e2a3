// npm run bench:readers -- [--only logs|rollouts] [--mb N] [--steps N] [--gb N] [--json]: how fast logs of other programs are read, beside
// the readers that these programs have, how much memory a log takes that is bigger than the memory should be, and how soon a token lens has
// a step of rollouts. Writes docs/BENCH-READERS.md with the defaults.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { formats } from '../../src/runs/sources/formats.ts';
import { createReport, formatTable, formatText } from '../report.ts';
import type { BenchRow } from '../row.ts';
import { writeConsole, writeEvents, writeHistory, writeJsonLines } from './inputs.ts';
import { Peers, pinned } from './peers.ts';
import type { PeerTime } from './peers.ts';
import { readRun } from './reading.ts';
import type { Reading } from './reading.ts';
import { measureRollouts } from './rollouts.ts';

const { values: options } = parseArgs({
  options: {
    mb: { type: 'string', default: '200' },
    steps: { type: 'string', default: '1000000' },
    gb: { type: 'string', default: '2' },
    json: { type: 'boolean', default: false },
    only: { type: 'string' },
    // A process of its own, whose memory is measured.
    read: { type: 'string' },
    format: { type: 'string', default: 'verl-console' },
  },
});
const repeats = 3;
const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));

if (options.read !== undefined) {
  const reading = await readRun({ format: options.format, source: options.read });
  console.log(JSON.stringify({ ...reading, peakBytes: process.resourceUsage().maxRSS * 1024 }));
} else await measureAll();

async function measureAll(): Promise<void> {
  const load = loadavg()[0] ?? 0;
  const folder = mkdtempSync(path.join(tmpdir(), 'otb-readers-'));
  const rows: BenchRow[] = [];
  const notes: string[] = [];
  try {
    if (options.only !== 'rollouts') await measureLogs(folder, rows, notes);
    if (options.only !== 'logs') {
      const rollouts = await measureRollouts(folder, repeats);
      rows.push(...rollouts.rows);
      notes.push(rollouts.note);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  const report = createReport([{ rows, notes }], load, 'npm run bench:readers');
  console.log(options.json ? JSON.stringify(report, null, 2) : formatText(report));
  if (options.only === undefined && options.mb === '200' && options.steps === '1000000' && options.gb === '2') {
    const about = [
      '- Every number is the best of three readings, by the time that all threads used, through the same reader that the panel and the command line use, from the file to columns; files are in the',
      "  system's cache. The peers read the same files, once each.",
    ];
    writeFileSync(path.join(root, 'docs/BENCH-READERS.md'), formatTable('Reading logs of other programs', about, report));
    console.error('wrote docs/BENCH-READERS.md');
  }
}

async function measureLogs(folder: string, rows: BenchRow[], notes: string[]): Promise<void> {
  const [mb, steps, gb] = [count('mb'), count('steps'), count('gb')];
  const peers = new Peers(root);
  const log = path.join(folder, 'train.log');
  writeConsole(log, mb * 1e6);
  rows.push(...(await throughput('verl console', { format: 'verl-console', source: log }, notes, peers.time('regex', log))));
  rmSync(log);

  const lines = path.join(folder, 'metrics.jsonl');
  writeJsonLines(lines, mb * 1e6);
  const jsonFormat = formats.find(({ name }) => name === 'jsonl')?.name ?? 'metrics';
  rows.push(...(await throughput(`JSONL (format ${jsonFormat})`, { format: jsonFormat, source: lines }, notes)));
  rmSync(lines);

  const events = writeEvents(path.join(folder, 'events'), Math.ceil(steps / 5), 5);
  const eventsRow = `${steps.toLocaleString('en-US')} scalars of an event file, five a step`;
  rows.push(...(await against(eventsRow, { format: 'tensorboard', source: events }, `EventAccumulator ${pinned.tensorboard}`, peers.time('tensorboard', events), notes))); // prettier-ignore
  const long = writeEvents(path.join(folder, 'long'), steps, 1);
  const { seconds } = await best({ format: 'tensorboard', source: long });
  rows.push({ name: `an event file of ${steps.toLocaleString('en-US')} steps, from file to columns`, ours: seconds, peer: 'target', theirs: 1, ratio: seconds, unit: 's, less is better' }); // prettier-ignore

  const history = path.join(folder, 'run-bench.wandb');
  const records = Math.ceil(steps / 10);
  writeHistory(history, records);
  const historyRow = `${records.toLocaleString('en-US')} steps of a .wandb file, ten metrics`;
  rows.push(...(await against(historyRow, { format: 'wandb', source: history }, `wandb ${pinned.wandb}`, peers.time('wandb', history), notes))); // prettier-ignore

  if (gb > 0) {
    writeConsole(log, gb * 1e9);
    notes.push(memoryNote('a console log of verl', 'verl-console', log));
    rmSync(log);
    writeJsonLines(lines, gb * 1e9);
    notes.push(memoryNote('a file of JSON lines', jsonFormat, lines));
  }
}

async function best(place: Parameters<typeof readRun>[0]): Promise<Reading> {
  let found: Reading | undefined;
  for (let left = repeats; left > 0; left--) {
    const reading = await readRun(place);
    if (!found || reading.cpuSeconds < found.cpuSeconds) found = reading;
  }
  return found as Reading;
}

/** Megabytes a second on one core: by the processor's time, of all threads. */
async function throughput(what: string, place: { format: string; source: string }, notes: string[], peer?: PeerTime | string) {
  const mb = statSync(place.source).size / 1e6;
  const { seconds, cpuSeconds, steps, values } = await best(place);
  notes.push(`${what}: ${steps} steps, ${values} values, ${seconds.toFixed(2)} s by the clock, ${cpuSeconds.toFixed(2)} s of all threads.`);
  const name = `${what}, ${mb.toFixed(0)} MB`;
  const ours = mb / cpuSeconds;
  const rows: BenchRow[] = [{ name, ours, peer: 'target', theirs: 200, ratio: ours / 200, unit: 'MB/s, more is better' }];
  if (typeof peer === 'string') notes.push(`${what}, regular expressions in Python: skipped, ${peer}.`);
  else if (peer) {
    const theirs = mb / peer.seconds;
    rows.push({ name, ours, peer: 'regular expressions in Python', theirs, ratio: ours / theirs, unit: 'MB/s, more is better' });
  }
  return rows;
}

async function against(name: string, place: { format: string; source: string }, peer: string, time: PeerTime | string, notes: string[]) {
  const { cpuSeconds: seconds, values } = await best(place);
  if (typeof time === 'string') {
    notes.push(`${name}: ${seconds.toFixed(2)} s; ${peer} skipped, ${time}.`);
    return [];
  }
  if (time.values !== values) notes.push(`${name}: ours has ${values} values, ${peer} ${time.values}.`);
  const row: BenchRow = {
    name,
    ours: time.seconds / seconds,
    peer,
    theirs: 1,
    ratio: time.seconds / seconds,
    unit: 'times as fast; target 20',
  };
  notes.push(`${name}: ${seconds.toFixed(3)} s, ${peer} ${time.seconds.toFixed(2)} s.`);
  return [row];
}

function memoryNote(what: string, format: string, log: string): string {
  const asked = [fileURLToPath(import.meta.url), '--read', log, '--format', format];
  const { stdout, stderr, status } = spawnSync(process.execPath, asked, { encoding: 'utf8' });
  if (status !== 0) return `Memory: reading ${log} failed: ${stderr}`;
  const { peakBytes, steps, values, seconds } = JSON.parse(stdout) as Reading & { readonly peakBytes: number };
  const mib = (bytes: number) => `${(bytes / 2 ** 20).toFixed(0)} MiB`;
  return (
    `Memory: ${what} of ${(statSync(log).size / 1e9).toFixed(1)} GB with ${steps} steps and ${values} values takes ${seconds.toFixed(1)} s and at most ` +
    `${mib(peakBytes)} of a process, whose columns have ${mib(8 * values)} of numbers.`
  );
}

function count(name: 'mb' | 'steps' | 'gb'): number {
  const value = Number(options[name]);
  if (Number.isFinite(value) && value >= 0 && (value > 0 || name === 'gb')) return value;
  console.error(`--${name} takes a number from 0, not "${options[name]}".`);
  process.exit(2);
}
