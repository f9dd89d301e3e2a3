import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Random } from '../../src/core/random.ts';
import { parseMetrics } from '../../src/core/records/metrics.ts';
import { runFiles } from '../../src/core/records/run.ts';
import type { LaunchRequest } from '../../src/core/records/run.ts';
import { parseConfig } from '../../src/runs/config/loadConfig.ts';
import { planRuns } from '../../src/runs/planning/planRuns.ts';

/** Who is killed: who watches the command, the command itself, or one of the processes that it has started. */
type CommandVictim = 'supervisor' | 'command' | 'descendant';
const victims: readonly CommandVictim[] = ['supervisor', 'command', 'descendant'];

/** Milliseconds until all processes of a run have to be gone whose supervisor or command was killed. */
const settleMs = 60_000;
const lookMs = 20;
/** Milliseconds within which a kill comes. */
const latestMs = 500;

export interface CommandArena {
  /** An empty folder whose name no other process of the machine has heard of. */
  readonly folder: string;
  /** The program of the supervisor, `dist/supervisor.mjs`. */
  readonly supervisor: string;
}

export interface CommandRound {
  readonly kills: Readonly<Record<CommandVictim, number>>;
  /** Processes that were left when all should have been over. */
  readonly orphans: number;
  /** Lines that the command had printed, and of which the log has another one, or none although there was somebody to read it. */
  readonly lostLines: number;
  /** Steps that are in the log and not among the metrics, or the other way round. */
  readonly lostSteps: number;
  /** Lines in the log. */
  readonly lines: number;
  /** Milliseconds from the last kill until everything was over. */
  readonly settledMs: number;
  readonly faults: readonly string[];
}

/** Starts a command under a supervisor, kills its processes at random moments until one of the two was killed, and looks at what is left. */
export async function playCommandRound(arena: CommandArena, random: Random): Promise<CommandRound> {
  const { folder } = arena;
  const dir = path.join(folder, '.otb', 'runs', 'run');
  mkdirSync(dir, { recursive: true });
  const supervisor = start(arena, dir);
  const kills = { supervisor: 0, command: 0, descendant: 0 };
  for (let isOver = false; !isOver;) {
    const victim = victims[Math.floor(victims.length * random.uniform())] ?? 'supervisor';
    // A supervisor is also killed before there is a command.
    const isEarly = victim === 'supervisor' && random.uniform() < 0.3;
    while (!isEarly && !existsSync(printedIn(folder))) await delay(lookMs);
    await delay(latestMs * random.uniform() ** (isEarly ? 1 : 2));
    const pid = victim === 'supervisor' ? (supervisor.pid ?? 0) : pick(membersOf(folder)[victim], random);
    if (pid === undefined || !kill(pid)) continue;
    kills[victim]++;
    isOver = victim !== 'descendant';
  }
  const killed = performance.now();
  const left = await settled(folder, supervisor);
  const settledMs = performance.now() - killed;
  const faults = left.map(({ pid, command }) => `process ${pid} is left: ${command.replaceAll('\n', ' ').slice(0, 200)}`);
  // Where there was no command yet, there was no guard who could say it.
  if (existsSync(printedIn(folder)) && !existsSync(path.join(dir, runFiles.exit))) faults.push('no exit.json');
  const { lines, lostLines, lostSteps } = linesOf(folder, dir, kills.supervisor === 0);
  if (lostLines > 0) faults.push(`${lostLines} lines are lost`);
  if (lostSteps > 0) faults.push(`${lostSteps} steps are lost`);
  for (const { pid } of left) kill(pid);
  return { kills, orphans: left.length, lines, lostLines, lostSteps, settledMs, faults: faults.map((fault) => `${dir}: ${fault}`) };
}

/** A process that ignores to be asked, and whose own process names the folder as well. */
const deaf = `trap '' INT TERM
while :; do tail -f "$0"; done
`;

/**
 * A command that prints a line for each step, with a pause now and then, and remembers each when it is in the pipe; and that has processes
 * in all the places from which they are hard to reach.
 */
const program = `
const fs = require('node:fs');
const { spawn } = require('node:child_process');
const [, , deaf, printed] = process.argv;
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => undefined);
const start = (...command) => spawn(command[0], command.slice(1), { stdio: 'ignore' }).unref();
start('sh', deaf);
start('setsid', 'sh', deaf);
start('sh', '-c', '(setsid sh "$0" &)', deaf);
start('sh', '-c', '(env -i sh "$0" &)', deaf);
const file = fs.openSync(printed, 'a');
for (let step = 1; ; step++) {
  fs.writeSync(1, JSON.stringify({ step, data: { 'actor/grad_norm': step / 7, 'critic/score/mean': step % 5 } }) + '\\n');
  fs.writeSync(file, step + '\\n');
  if (step % 3 === 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
}
`;

function lineOf(step: number): string {
  return JSON.stringify({ step, data: { 'actor/grad_norm': step / 7, 'critic/score/mean': step % 5 } });
}

function printedIn(folder: string): string {
  return path.join(folder, 'printed');
}

function start({ folder, supervisor }: CommandArena, runDir: string): ChildProcess {
  const files = { deaf: path.join(folder, 'deaf.sh'), program: path.join(folder, 'program.cjs') };
  writeFileSync(files.deaf, deaf);
  writeFileSync(files.program, program);
  const config = {
    name: 'kills',
    trainer: 'command',
    command: [process.execPath, files.program, files.deaf, printedIn(folder)],
    estimators: ['grpo'],
    seeds: [1],
    stop: { interruptSeconds: 0.2, terminateSeconds: 0.2 },
  };
  const [run] = planRuns(parseConfig(JSON.stringify(config), 'kills.otb.json'), { now: new Date(), cwd: folder, git: null });
  if (run === undefined) throw new Error('there is no plan');
  const request: LaunchRequest = { kind: 'start', runDir, run, engine: '', threads: 1, cacheDir: '' };
  const child = spawn(process.execPath, [supervisor], { cwd: folder, detached: true, stdio: ['pipe', 'ignore', 'inherit'] });
  child.stdin?.on('error', () => undefined);
  child.stdin?.end(JSON.stringify(request));
  return child;
}

interface Member {
  readonly pid: number;
  readonly command: string;
}

/** The processes that name the folder in their command, or in their environment; the one that asks does not. */
function namingFolder(folder: string): readonly Member[] {
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name) || Number(name) === process.pid) return [];
    try {
      const command = readFileSync(`/proc/${name}/cmdline`, 'latin1');
      // What has ended has no command any more.
      if (command === '' || ![command, readFileSync(`/proc/${name}/environ`, 'latin1')].some((text) => text.includes(folder))) return [];
      return [{ pid: Number(name), command: command.replaceAll('\0', ' ').trim() }];
    } catch {
      // It has ended meanwhile.
      return [];
    }
  });
}

/** Whom of a command can be killed. */
function membersOf(folder: string): Readonly<Record<Exclude<CommandVictim, 'supervisor'>, readonly number[]>> {
  const members = namingFolder(folder);
  const pidsOf = (file: string): readonly number[] => members.filter(({ command }) => command.includes(file)).map(({ pid }) => pid);
  const command = members.filter(({ command }) => command.startsWith(`${process.execPath} ${folder}`)).map(({ pid }) => pid);
  return { command, descendant: pidsOf('deaf.sh').filter((pid) => !command.includes(pid)) };
}

/** Waits until nobody is left; returns who is. */
async function settled(folder: string, supervisor: ChildProcess): Promise<readonly Member[]> {
  const deadline = Date.now() + settleMs;
  for (;;) {
    const isOver = supervisor.exitCode !== null || supervisor.signalCode !== null;
    const left = namingFolder(folder);
    if ((isOver && left.length === 0) || Date.now() > deadline) return left;
    await delay(lookMs);
  }
}

/**
 * What of the lines of a command is in the log and among the metrics.
 *
 * @param hadReader whether somebody read what it printed for as long as it lived
 */
function linesOf(folder: string, dir: string, hadReader: boolean): Pick<CommandRound, 'lines' | 'lostLines' | 'lostSteps'> {
  // What was printed to both of its streams, from which also the metrics are read.
  const lines = textOf(path.join(dir, runFiles.console)).split('\n').slice(0, -1);
  const ofStream = textOf(path.join(dir, runFiles.stdout)).split('\n').length - 1;
  const wrong = lines.filter((line, index) => line !== lineOf(index + 1)).length + Math.max(0, ofStream - lines.length);
  const printed = textOf(printedIn(folder)).split('\n').length - 1;
  const steps = new Set(
    textOf(path.join(dir, runFiles.metrics))
      .split('\n')
      .flatMap((line) => parseMetrics(line)?.step ?? []),
  );
  const unlogged = lines.filter((_, index) => !steps.has(index + 1)).length;
  return {
    lines: lines.length,
    lostLines: wrong + (hadReader ? Math.max(0, printed - lines.length) : 0),
    lostSteps: unlogged + Math.max(0, steps.size - lines.length),
  };
}

function textOf(file: string): string {
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
}

/** Whether there was somebody to kill. */
function kill(pid: number): boolean {
  try {
    return process.kill(pid, 'SIGKILL');
  } catch {
    return false;
  }
}

function pick<T>(items: readonly T[], random: Random): T | undefined {
  return items[Math.floor(random.uniform() * items.length)];
}
