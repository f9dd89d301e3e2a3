import { mkdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { LensHostMessage } from '../../src/core/lens/messages.ts';
import { runFiles } from '../../src/core/records/run.ts';
import { stepName } from '../../src/runs/directory/checkpoints.ts';
import { LensThread } from '../../src/runs/rollouts/lensThread.ts';
import type { BenchRow } from '../row.ts';
import { writeRolloutFile } from './rolloutFile.ts';

const size = { trajectories: 128, tokens: 8192 };
const workerFile = path.join(path.dirname(fileURLToPath(import.meta.url)), 'rollouts.mjs');

interface Opening {
  /** Seconds from the question to the first row, to the last one, and to the noise. */
  readonly first: number;
  readonly last: number;
  readonly noise: number;
}

/** How long a token lens takes to have all rows of a step, its thread's start included, beside JSON.parse of all lines in the same run. */
export async function measureRollouts(
  folder: string,
  repeats: number,
): Promise<{ readonly rows: readonly BenchRow[]; readonly note: string }> {
  const dir = path.join(folder, 'run');
  mkdirSync(path.join(dir, runFiles.rollouts), { recursive: true });
  const file = path.join(dir, runFiles.rollouts, `${stepName(1)}.jsonl`);
  writeRolloutFile(file, size.trajectories, size.tokens);
  const openings: Opening[] = [];
  const parsings: number[] = [];
  for (let left = repeats; left > 0; left--) {
    parsings.push(parseAll(file));
    openings.push(await open(dir));
  }
  const mb = statSync(file).size / 1e6;
  rmSync(file);
  const least = (of: (opening: Opening) => number): number => Math.min(...openings.map(of));
  const [ours, theirs] = [least(({ last }) => last), Math.min(...parsings)];
  const name = `rollouts, ${size.trajectories} trajectories of ${size.tokens} tokens, ${mb.toFixed(0)} MB, until a lens has all rows`;
  const row = { name, ours, unit: 's, less is better' };
  return {
    rows: [
      { ...row, peer: 'JSON.parse of all lines', theirs, ratio: ours / theirs },
      { ...row, peer: 'target', theirs: 1, ratio: ours },
    ],
    note: `Rollouts: the first row is there after ${least(({ first }) => first).toFixed(2)} s, the noise under every estimator after ${least(({ noise }) => noise).toFixed(1)} s, computed in another thread.`,
  };
}

function parseAll(file: string): number {
  const started = performance.now();
  for (const line of readFileSync(file, 'utf8').split('\n')) if (line !== '') JSON.parse(line);
  return (performance.now() - started) / 1000;
}

async function open(dir: string): Promise<Opening> {
  const started = performance.now();
  const seconds = (): number => (performance.now() - started) / 1000;
  const at = { first: Number.NaN, last: Number.NaN };
  let thread: LensThread | undefined;
  try {
    return await new Promise<Opening>((resolve, reject) => {
      const tell = (message: LensHostMessage): void => {
        if (message.type === 'failure' || message.type === 'malformed') reject(new Error(JSON.stringify(message)));
        if (message.type === 'rows' && Number.isNaN(at.first)) at.first = seconds();
        if (message.type === 'rows' && message.isComplete) at.last = seconds();
        if (message.type === 'noise') resolve({ ...at, noise: seconds() });
      };
      thread = new LensThread({ workerFile, place: { format: 'run', path: dir }, tell, onFailure: reject });
      thread.ask({ type: 'show', step: null });
    });
  } finally {
    thread?.close();
  }
}
