import { execFile, spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { quantile } from '../src/core/statistics/quantiles.ts';
import type { BenchResult } from './report.ts';
import { benchPython } from './python.ts';

const otb = fileURLToPath(new URL('otb.mjs', import.meta.url));
const repeats = 5;
const pollMs = 2;

/** The setting of the paper's figure with a short warm start, which the first run leaves in the cache. */
const config = {
  name: 'startup',
  estimators: ['tir_optimal_token_baseline'],
  steps: 1,
  warmStart: { steps: 10 },
  checkpoint: { every: null },
  trajectories: { every: null },
};

/** From the command line to the first metrics of a run whose warm start is cached; the peer does no more than load its library. */
export async function benchStartup(): Promise<BenchResult> {
  const folder = await mkdtemp(path.join(tmpdir(), 'otb-startup-'));
  try {
    await writeFile(path.join(folder, 'startup.otb.json'), JSON.stringify(config));
    await secondsToFirstMetric(folder, 0);
    const ours: number[] = [];
    const theirs: number[] = [];
    let note: string | undefined;
    for (let i = 1; i <= repeats; i++) {
      ours.push(await secondsToFirstMetric(folder, i));
      try {
        theirs.push(await secondsToImport('torch'));
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        note = `PyTorch is left out: ${reason} Our first metrics come after ${quantile(ours, 0.5).toFixed(2)} s.`;
      }
    }
    if (note !== undefined) return { rows: [], notes: [note] };
    const [a, b] = [quantile(ours, 0.5), quantile(theirs, 0.5)];
    const name = 'otb run to the first metrics, warm start cached';
    return { rows: [{ name, ours: a, peer: 'Python, import torch alone', theirs: b, ratio: a / b, unit: 's, less is better' }], notes: [] };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function secondsToFirstMetric(folder: string, repeat: number): Promise<number> {
  const runs = path.join(folder, `runs-${repeat}`);
  const start = performance.now();
  const child = spawn(process.execPath, [otb, 'run', 'startup.otb.json', '--out', runs], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  const exit = new Promise<number | null>((resolve, reject) => child.on('error', reject).on('close', resolve));
  while (!(await hasMetrics(runs)) && child.exitCode === null) await setTimeout(pollMs);
  const seconds = (performance.now() - start) / 1000;
  if ((await exit) !== 0) throw new Error(`otb run failed: ${errors.trim()}`);
  return seconds;
}

async function hasMetrics(runs: string): Promise<boolean> {
  const [run] = await readdir(runs).catch(() => []);
  if (run === undefined) return false;
  const text = await readFile(path.join(runs, run, 'metrics.jsonl'), 'utf8').catch(() => '');
  return text.includes('\n');
}

async function secondsToImport(module: string): Promise<number> {
  const start = performance.now();
  await promisify(execFile)(benchPython(), ['-c', `import ${module}`]);
  return (performance.now() - start) / 1000;
}
