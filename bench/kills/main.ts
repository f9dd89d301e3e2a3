// npm run bench:kills -- [--commands] [--kills N] [--seed S] [--keep] [--json]: kills trainers, queues and launchers at random moments, lets
// the runs go on, and looks whether a line was lost, a number differs from that of an uninterrupted run, or two trainers wrote into one run.
// With --commands it kills supervisors, the commands that they run, and what these have started, and looks whether a process is left, or a
// line that was printed is lost.
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Random } from '../../src/core/random.ts';
import { playCommandRound } from './commandRound.ts';
import type { CommandRound } from './commandRound.ts';
import { playRound, trainUndisturbed } from './round.ts';
import type { RoundResult } from './round.ts';

/** What came of killing, and how many kills there were. */
interface Outcome {
  readonly kills: number;
  readonly table: Readonly<Record<string, number>>;
}

/** Of more kills the runs would be over. */
const killsARound = 12;
/** Most of the time a command has to end is waiting. */
const commandsAtOnce = 4;
const { values } = parseArgs({
  options: {
    commands: { type: 'boolean', default: false },
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
const random = new Random(seed);
const { kills: done, table } = await (values.commands ? killCommands() : killTrainers());
if (values.json) console.log(JSON.stringify({ kills: done, seed, ...table }));
else for (const [name, count] of Object.entries(table)) console.log(`${String(count).padStart(8)}  ${name}`);
if (!values.keep && table['faults'] === 0) rmSync(folder, { recursive: true, force: true });
else console.error(`the runs are in ${folder}`);
process.exit(table['faults'] === 0 ? 0 : 1);

async function killTrainers(): Promise<Outcome> {
  const arena = (name: string) => ({ folder: path.join(folder, name), otb: program('otb.mjs'), cacheDir: path.join(folder, 'cache') });
  // The first fills the cache of warm starts, so that the second takes the time that the others do.
  await trainUndisturbed(arena('first'));
  const undisturbed = await trainUndisturbed(arena('reference'));
  const results: RoundResult[] = [];
  const total = (count: (result: RoundResult) => number): number => sum(results.map(count));
  let done = 0;
  while (done < kills) {
    const name = `round-${results.length + 1}`;
    const result = await playRound(arena(name), Math.min(killsARound, kills - done), random, undisturbed);
    results.push(result);
    done += sum(Object.values(result.kills));
    tell(name, done, result, results);
  }
  return {
    kills: done,
    table: {
      'trainers killed': total((result) => result.kills.trainer),
      'queues killed': total((result) => result.kills.queue),
      'launchers killed': total((result) => result.kills.launcher),
      'runs completed and compared': total(({ runs }) => runs),
      'times told to go on': total(({ resumes }) => resumes),
      'complete lines watched': total(({ lines }) => lines),
      'looks at which two trainers wrote into one run': total(({ twoTrainers }) => twoTrainers),
      faults: total(({ faults }) => faults.length),
    },
  };
}

async function killCommands(): Promise<Outcome> {
  const results: CommandRound[] = [];
  const total = (count: (result: CommandRound) => number): number => sum(results.map(count));
  let [begun, done] = [0, 0];
  const play = async (): Promise<void> => {
    while (done < kills) {
      const name = `round-${++begun}`;
      const result = await playCommandRound({ folder: path.join(folder, name), supervisor: program('supervisor.mjs') }, random);
      results.push(result);
      done += sum(Object.values(result.kills));
      tell(name, done, result, results);
    }
  };
  await Promise.all(Array.from({ length: commandsAtOnce }, play));
  const settled = results.map(({ settledMs }) => settledMs / 1000);
  return {
    kills: done,
    table: {
      'supervisors killed': total((result) => result.kills.supervisor),
      'commands killed': total((result) => result.kills.command),
      'descendants killed': total((result) => result.kills.descendant),
      'lines in the logs': total(({ lines }) => lines),
      'lines lost': total(({ lostLines }) => lostLines),
      'steps lost': total(({ lostSteps }) => lostSteps),
      'processes left': total(({ orphans }) => orphans),
      'seconds until all was over, at the most': Number(Math.max(...settled).toFixed(1)),
      faults: total(({ faults }) => faults.length),
    },
  };
}

function tell(
  name: string,
  done: number,
  result: RoundResult | CommandRound,
  results: readonly (Pick<RoundResult, 'faults'> & { readonly kills: Readonly<Record<string, number>> })[],
): void {
  for (const fault of result.faults) console.error(fault);
  const kinds = Object.keys(result.kills).map((kind) => `${kind} ${sum(results.map((one) => one.kills[kind] ?? 0))}`);
  console.error(`${name}: ${done} of ${kills} kills (${kinds.join(', ')}), ${sum(results.map(({ faults }) => faults.length))} faults`);
  if (result.faults.length === 0) rmSync(path.join(folder, name), { recursive: true, force: true });
}

function program(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url));
}

function sum(counts: readonly number[]): number {
  return counts.reduce((all, count) => all + count, 0);
}

function refuse(message: string): never {
  console.error(message);
  process.exit(2);
}
