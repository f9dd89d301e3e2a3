import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import path from 'node:path';
import { Random } from '../../src/core/random.ts';
import { eventFile, scalars, version } from '../../test/runs/sources/binary/eventBytes.ts';
import { historyRecord, logFile } from '../../test/runs/sources/binary/logBytes.ts';

/** Names of what verl logs at each step; real runs have about as many. */
const names = [
  ...['grad_norm', 'pg_loss', 'entropy', 'ppo_kl', 'pg_clipfrac', 'pg_clipfrac_lower', 'lr', 'kl_loss'].map((name) => `actor/${name}`),
  ...['score', 'rewards', 'advantages', 'returns', 'values'].flatMap((name) => ['mean', 'max', 'min'].map((of) => `critic/${name}/${of}`)),
  ...['response_length', 'prompt_length'].flatMap((name) => ['mean', 'max', 'min', 'clip_ratio'].map((of) => `${name}/${of}`)),
  ...['step', 'gen', 'reward', 'old_log_prob', 'ref', 'adv', 'update_actor'].map((name) => `timing_s/${name}`),
  ...['gen', 'ref', 'adv', 'update_actor'].map((name) => `timing_per_token_ms/${name}`),
  ...['total_num_tokens', 'time_per_step', 'throughput', 'max_memory_allocated_gb', 'cpu_memory_used_gb'].map((name) => `perf/${name}`),
];
/** Rows that are made; a file has them over and over with other steps. */
const rows = 1000;

type Write = (text: string) => void;

/** The console of a run of verl in Ray: a line for each step, every tenth with one of another process before it. */
export function writeConsole(file: string, bytes: number): void {
  const tails = valueRows(3).map((row) => names.map((name, index) => ` - ${name}:np.float64(${row[index]})`).join(''));
  fill(file, bytes, (step, write) => {
    if (step % 10 === 0) write('(WorkerDict pid=4711) compute_log_prob done\n');
    write(`(TaskRunner pid=2860) step:${step}${tails[step % rows]}\n`);
  });
}

/** What verl's file logger writes, which is what a run directory of ours has, with the time. */
export function writeJsonLines(file: string, bytes: number): void {
  const tails = valueRows(4).map((row) => JSON.stringify(Object.fromEntries(names.map((name, index) => [name, Number(row[index])]))));
  fill(file, bytes, (step, write) => write(`{"step":${step},"time":${(1.7e9 + step / 10).toFixed(3)},"data":${tails[step % rows]}}\n`));
}

/** An event file with five scalars a step, an event each, as SummaryWriter.add_scalar writes them. Returns its folder. */
export function writeEvents(folder: string, steps: number, metrics: number): string {
  mkdirSync(folder, { recursive: true });
  const values = valueRows(5);
  writeBytes(path.join(folder, 'events.out.tfevents.1700000000.host.1.0'), steps, (from, to) => {
    const events = from === 0 ? [version()] : [];
    for (let step = from; step < to; step++)
      for (let index = 0; index < metrics; index++)
        events.push(scalars(step, { [names[index] as string]: Number(values[step % rows]?.[index]) }));
    return eventFile(...events);
  });
  return folder;
}

/** A history of W&B with a record a step. */
export function writeHistory(file: string, steps: number): void {
  const values = valueRows(6);
  const records = Array.from({ length: steps }, (_, step) =>
    historyRecord(step, Object.fromEntries(names.slice(0, 10).map((name, index) => [name, values[step % rows]?.[index] as string]))),
  );
  writeBytes(file, 1, () => logFile(...records));
}

function valueRows(seed: number): readonly (readonly string[])[] {
  const random = new Random(seed);
  return Array.from({ length: rows }, () => names.map(() => String(Math.exp(4 * random.uniform() - 3))));
}

function fill(file: string, bytes: number, line: (step: number, write: Write) => void): void {
  const descriptor = openSync(file, 'w');
  let held: string[] = [];
  let [heldBytes, written] = [0, 0];
  const flush = () => {
    writeSync(descriptor, held.join(''));
    [held, heldBytes] = [[], 0];
  };
  for (let step = 1; written < bytes; step++) {
    line(step, (text) => {
      held.push(text);
      heldBytes += text.length;
      written += text.length;
    });
    if (heldBytes > 1 << 20) flush();
  }
  flush();
  closeSync(descriptor);
}

function writeBytes(file: string, steps: number, make: (from: number, to: number) => Buffer): void {
  const descriptor = openSync(file, 'w');
  const piece = 10_000;
  for (let from = 0; from < steps; from += piece) writeSync(descriptor, make(from, Math.min(steps, from + piece)));
  closeSync(descriptor);
}
