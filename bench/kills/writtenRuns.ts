import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { parseMetrics } from '../../src/core/records/metrics.ts';
import type { RunContents } from '../../src/runs/directory/readRun.ts';
import { readRun } from '../../src/runs/directory/readRun.ts';

const lineFiles = ['metrics.jsonl', 'events.jsonl'] as const;

/** What an uninterrupted run logs, by estimator and seed. */
export type Reference = ReadonlyMap<string, ReadonlyMap<number, string>>;

/** The directories under a folder of runs that hold a run. */
export function runsIn(runsDir: string): readonly string[] {
  if (!existsSync(runsDir)) return [];
  return readdirSync(runsDir)
    .map((name) => path.join(runsDir, name))
    .filter((dir) => existsSync(path.join(dir, 'run.json')));
}

/** The name under which the reference has a run. */
export function nameOf({ record: { estimator, seed } }: RunContents): string {
  return `${estimator}, seed ${seed}`;
}

/** What a run logged, by step, the later line winning, without what depends on the clock. */
export function valuesOf(dir: string): ReadonlyMap<number, string> {
  const values = new Map<number, string>();
  for (const line of completeLines(path.join(dir, 'metrics.jsonl')).split('\n')) {
    const record = parseMetrics(line);
    if (!record) continue;
    const entries = Object.entries(record.data).filter(([key]) => !key.startsWith('timing_s/') && key !== 'perf/throughput');
    values.set(record.step, JSON.stringify(entries));
  }
  return values;
}

/** Remembers the complete lines of runs, and tells of every one that is no longer there as it was. */
export class LineMemory {
  private readonly remembered = new Map<string, string>();

  /** Complete lines that are remembered. */
  get lines(): number {
    return [...this.remembered.values()].reduce((sum, text) => sum + text.split('\n').length - 1, 0);
  }

  look(runsDir: string): readonly string[] {
    const faults: string[] = [];
    for (const [file, before] of this.remembered)
      if (!completeLines(file).startsWith(before)) faults.push(`${file}: lines were lost or changed`);
    for (const dir of runsIn(runsDir))
      for (const name of lineFiles) this.remembered.set(path.join(dir, name), completeLines(path.join(dir, name)));
    return faults;
  }
}

/** What is wrong with a run that is said to be at its end. */
export async function faultsOf(dir: string, reference: Reference): Promise<readonly string[]> {
  const faults: string[] = [];
  const run = await readRun(dir);
  if (run.exit?.reason !== 'completed') faults.push(`it ended as ${run.exit?.reason ?? run.state}: ${run.exit?.message ?? ''}`);
  const [values, expected] = [valuesOf(dir), reference.get(nameOf(run))];
  if (expected === undefined) faults.push('there is no such run in the reference');
  else {
    const wrong = [...expected].filter(([step, value]) => values.get(step) !== value).map(([step]) => step);
    if (wrong.length > 0) faults.push(`${wrong.length} steps differ from an uninterrupted run, the first is ${wrong[0]}`);
    if (values.size !== expected.size) faults.push(`${values.size} steps instead of ${expected.size}`);
  }
  const left = readdirSync(dir, { recursive: true }).map(String);
  const unfinished = left.filter((name) => /\.(tmp|old|reserve)$|run\.lock/.test(name));
  if (unfinished.length > 0) faults.push(`left behind: ${unfinished.join(', ')}`);
  return faults.map((fault) => `${dir}: ${fault}`);
}

function completeLines(file: string): string {
  if (!existsSync(file)) return '';
  const text = readFileSync(file, 'utf8');
  return text.slice(0, text.lastIndexOf('\n') + 1);
}
