import { mkdtemp, open, rm } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import type { MetricsRecord } from '../src/core/records/metrics.ts';
import { MetricTable } from '../src/core/records/metricTable.ts';
import { runFiles } from '../src/core/records/run.ts';
import { median } from '../src/core/statistics/quantiles.ts';
import { ThreadedBulkReader } from '../src/runs/columns/bulkReader.ts';
import { LineSplitter } from '../src/runs/directory/lineSplitter.ts';
import { fillRun } from './editor/writtenRun.ts';
import type { MetricSet } from './editor/writtenRun.ts';
import type { BenchResult } from './report.ts';
import type { BenchRow } from './row.ts';

const workerFile = fileURLToPath(new URL('reader.mjs', import.meta.url));
const steps = 1_000_000;
const repeats = 3;
const peer = 'JSON.parse of each line into the same table';

/** From the metrics.jsonl of a very long run to its columns. The file is in the system's cache, as it is while a run writes it. */
export async function benchOpening(): Promise<BenchResult> {
  const rows: BenchRow[] = [];
  let longestPause = 0;
  for (const [set, metrics] of [
    ['lean', 5],
    ['full', 31],
  ] as const) {
    const measured = await onFile(set, measure);
    longestPause = Math.max(longestPause, measured.longestPause);
    const [ours, theirs] = [median(measured.ours), median(measured.theirs)];
    rows.push({
      name: `a run of 1,000,000 steps, ${metrics} metrics, from file to columns`,
      ours,
      peer,
      theirs,
      ratio: ours / theirs,
      unit: 's, less is better',
    });
  }
  return {
    rows,
    notes: [`From file to columns: reading blocks the program that shows the run for at most ${longestPause.toFixed(0)} ms at a time.`],
  };
}

async function onFile<T>(set: MetricSet, use: (file: FileHandle, bytes: number) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(path.join(tmpdir(), 'otb-opening-'));
  try {
    fillRun(folder, steps, set);
    const file = await open(path.join(folder, runFiles.metrics));
    try {
      return await use(file, (await file.stat()).size);
    } finally {
      await file.close();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

interface Measured {
  /** s */
  readonly ours: number[];
  /** s */
  readonly theirs: number[];
  /** ms */
  readonly longestPause: number;
}

async function measure(file: FileHandle, bytes: number): Promise<Measured> {
  const ours: number[] = [];
  const theirs: number[] = [];
  let longestPause = 0;
  for (let i = 0; i < repeats; i++) {
    const pauses = monitorEventLoopDelay({ resolution: 1 });
    pauses.enable();
    const fast = await timed(ours, () => new ThreadedBulkReader(workerFile, fail).read(file.fd, bytes, new AbortController().signal));
    pauses.disable();
    longestPause = Math.max(longestPause, pauses.max / 1e6);
    const slow = await timed(theirs, () => parseLines(file));
    assertSame(fast?.stretches.all[0]?.table, slow);
  }
  return { ours, theirs, longestPause };
}

async function timed<T>(seconds: number[], work: () => Promise<T>): Promise<T> {
  const start = performance.now();
  const result = await work();
  seconds.push((performance.now() - start) / 1000);
  return result;
}

async function parseLines(file: FileHandle): Promise<MetricTable> {
  const table = new MetricTable();
  const splitter = new LineSplitter();
  const chunk = Buffer.alloc(1 << 20);
  for (let at = 0; ;) {
    const { bytesRead } = await file.read(chunk, 0, chunk.length, at);
    if (bytesRead === 0) return table;
    at += bytesRead;
    for (const line of splitter.feed(chunk.subarray(0, bytesRead))) table.append(JSON.parse(line) as MetricsRecord);
  }
}

function assertSame(ours: MetricTable | undefined, theirs: MetricTable): void {
  for (const key of theirs.keys) {
    const [a, b] = [ours?.column(key)?.values, theirs.column(key)?.values];
    if (a?.length !== steps || !b?.every((value, row) => Object.is(value, a[row]))) throw new Error(`The two do not agree on ${key}.`);
  }
}

function fail(error: Error): never {
  throw error;
}
