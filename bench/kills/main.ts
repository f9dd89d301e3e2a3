// npm run bench:kills -- [--kills N] [--seed S] [--keep] [--json]: kills trainers, queues and launchers at random moments, lets the runs
// go on, and looks whether a line was lost, a number differs from that of an uninterrupted run, or two trainers wrote into one run.
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Random } from '../../src/core/random.ts';
import { playRound, trainUndisturbed } from './round.ts';
import type { RoundResult } from './round.ts';

/** Of more kills the runs would be over. */
const killsARound = 12;
const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '100' },
    seed: { type: 'string', default: '1' },
    keep: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});
const [kills, seed] = [Number(values.kills), Number(values.seed)];
if (!Number.isInteger(kills) || kills < 1) refuse(`--kills takes a whole number above 0, not "${values.kills}".`);
if (!Number.isInteger(seed) || seed < 0) refuse(`--seed takes a whole number, not "${values.seed}".`);
if (process.platform !== 'linux') refuse('This finds processes in /proc, so it needs Linux.');

const folder = mkdtempSync(path.join(os.tmpdir(), 'otb-kills-'));
const arena = (name: string) => ({
  folder: path.join(folder, name),
  otb: fileURLToPath(new URL('otb.mjs', import.meta.url)),
  cacheDir: path.join(folder, 'cache'),
});
const random = new Random(seed);
// The first fills the cache of warm starts, so that the second takes the time that the others do.
await trainUndisturbed(arena('first'));
const undisturbed = await trainUndisturbed(arena('reference'));
const results: RoundResult[] = [];
for (let done = 0; done < kills;) {
  const name = `round-${results.length + 1}`;
  const result = await playRound(arena(name), Math.min(killsARound, kills - done), random, undisturbed);
  results.push(result);
  done += killsOf(result);
  for (const fault of result.faults) console.error(fault);
  const kinds = (['trainer', 'queue', 'launcher'] as const).map((kind) => `${kind} ${total((one) => one.kills[kind])}`).join(', ');
  console.error(`${name}: ${done} of ${kills} kills (${kinds}), ${total((one) => one.faults.length)} faults`);
  if (result.faults.length === 0) rmSync(arena(name).folder, { recursive: true, force: true });
}
const table = {
  'trainers killed': total(({ kills: { trainer } }) => trainer),
  'queues killed': total(({ kills: { queue } }) => queue),
  'launchers killed': total(({ kills: { launcher } }) => launcher),
  'runs completed and compared': total(({ runs }) => runs),
  'times told to go on': total(({ resumes }) => resumes),
  'complete lines watched': total(({ lines }) => lines),
  'looks at which two trainers wrote into one run': total(({ twoTrainers }) => twoTrainers),
  faults: total(({ faults }) => faults.length),
};
if (values.json) console.log(JSON.stringify({ kills: total(killsOf), seed, ...table }));
else for (const [name, count] of Object.entries(table)) console.log(`${String(count).padStart(8)}  ${name}`);
if (!values.keep && table.faults === 0) rmSync(folder, { recursive: true, force: true });
else console.error(`the runs are in ${folder}`);
process.exit(table.faults === 0 ? 0 : 1);

function killsOf({ kills: { trainer, queue, launcher } }: RoundResult): number {
  return trainer + queue + launcher;
}

function total(count: (result: RoundResult) => number): number {
  return results.reduce((sum, result) => sum + count(result), 0);
}

function refuse(message: string): never {
  console.error(message);
  process.exit(2);
}
