import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Random } from '../../src/core/random.ts';
import { readRun } from '../../src/runs/directory/readRun.ts';
import { queuedGroups, readQueue } from '../../src/runs/launcher/queueFile.ts';
import { resumeRuns } from '../../src/runs/launcher/resumeRuns.ts';
import { processesIn } from './processes.ts';
import type { Victim } from './processes.ts';
import { LineMemory, faultsOf, nameOf, runsIn, valuesOf } from './writtenRuns.ts';
import type { Reference } from './writtenRuns.ts';

/** A run that is over in a second, with a checkpoint every fifth step: something is being written all the time. */
const config = {
  name: 'kills',
  estimators: ['reinforce', 'grpo'],
  seeds: [1],
  steps: 300,
  task: { name: 'ledger', operations: [1, 2], maxTurns: 6 },
  policy: { kind: 'gru', width: 8 },
  warmStart: { steps: 20, batchSize: 8 },
  rollout: { promptsPerStep: 2, groupSize: 4, maxResponseTokens: 80 },
  checkpoint: { every: 5 },
  trajectories: { every: 10 },
  earlyStop: null,
};

/** Milliseconds between looks for two trainers of one run. */
const lookMs = 20;
/** Milliseconds that runs may take to their end. */
const settleMs = 600_000;
/** How often a run may have to be told to go on when nobody is killed any more. */
const mostAttempts = 5;

export interface Arena {
  /** An empty folder. */
  readonly folder: string;
  /** The command line, `dist/otb.mjs`. */
  readonly otb: string;
  /** Where warm starts are kept from round to round. */
  readonly cacheDir: string;
}

export interface RoundResult {
  readonly kills: Readonly<Record<Victim, number>>;
  /** Runs that were completed in the end, and the lines that they had at the kills. */
  readonly runs: number;
  readonly lines: number;
  readonly resumes: number;
  /** Looks at which two trainers wrote into one run. */
  readonly twoTrainers: number;
  readonly faults: readonly string[];
}

/** What happens when nobody is killed. */
export interface Undisturbed {
  readonly reference: Reference;
  /** Milliseconds from the start of the command to its end. */
  readonly durationMs: number;
}

/** Trains the runs undisturbed, and remembers what they log. */
export async function trainUndisturbed(arena: Arena): Promise<Undisturbed> {
  const round = new Round(arena);
  const started = performance.now();
  const { code, said } = await round.otb('run', 'kills.otb.json', '--threads', '1');
  if (code !== 0) throw new Error(`the reference cannot be made: ${said}`);
  const runs = runsIn(round.runsDir).map(async (dir) => [nameOf(await readRun(dir)), valuesOf(dir)] as const);
  return { reference: new Map(await Promise.all(runs)), durationMs: performance.now() - started };
}

/** Starts runs, kills what belongs to them at random moments, lets them go on, and looks at what is left. */
export function playRound(arena: Arena, kills: number, random: Random, undisturbed: Undisturbed): Promise<RoundResult> {
  return new Round(arena).play(kills, random, undisturbed);
}

class Round {
  readonly runsDir: string;
  private readonly kills: Record<Victim, number> = { trainer: 0, queue: 0, launcher: 0 };
  private readonly faults: string[] = [];
  private readonly memory = new LineMemory();
  private resumes = 0;
  private twoTrainers = 0;

  constructor(private readonly arena: Arena) {
    const { folder } = arena;
    this.runsDir = path.join(folder, '.otb', 'runs');
    mkdirSync(folder, { recursive: true });
    writeFileSync(path.join(folder, 'kills.otb.json'), JSON.stringify(config));
  }

  async play(kills: number, random: Random, { reference, durationMs }: Undisturbed): Promise<RoundResult> {
    const watch = setInterval(() => this.lookForTwo(), lookMs);
    try {
      this.start(random);
      for (let kill = 0; kill < kills;) {
        // A kill comes while the programs start, while they train, or when they are at their end; most often while they train.
        if (random.uniform() < 0.8) await this.trainerIsThere();
        await delay(random.uniform() ** 2 * durationMs);
        if (this.killOne(random)) kill++;
        await this.lookAtLines();
        if (runsIn(this.runsDir).length === 0) {
          if (processesIn(this.arena.folder).length === 0) this.start(random);
        } else if (await this.isDone()) break;
        else if (processesIn(this.arena.folder).length === 0 || random.uniform() < 0.5) void this.resume(random);
      }
      await this.finish(random);
      for (const dir of runsIn(this.runsDir)) this.faults.push(...(await faultsOf(dir, reference)));
    } finally {
      clearInterval(watch);
    }
    const { resumes, twoTrainers, faults } = this;
    return { kills: this.kills, runs: runsIn(this.runsDir).length, lines: this.memory.lines, resumes, twoTrainers, faults };
  }

  /** Starts the runs, watched by their launcher or left to a queue. */
  private start(random: Random): void {
    const detach = random.uniform() < 0.5 ? ['--detach'] : [];
    void this.otb('run', 'kills.otb.json', '--threads', '1', ...detach);
  }

  /** Runs the command line in the folder; `said` is its standard error. A killed one has no exit code. */
  otb(...args: readonly string[]): Promise<{ readonly code: number | null; readonly said: string }> {
    const { folder, otb, cacheDir } = this.arena;
    const env = { ...process.env, OTB_CACHE_DIR: cacheDir };
    const child = spawn(process.execPath, [otb, ...args], { cwd: folder, env, stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
    return new Promise((resolve, reject) => {
      child.once('error', reject);
      // Not `close`: what it has started may keep its pipe open.
      child.once('exit', (code) => {
        if (/unexpected error|\n {4}at /.test(said)) this.faults.push(`otb ${args[0]}: ${said}`);
        resolve({ code, said });
      });
    });
  }

  /** Kills one of the processes that are there, each kind being as likely. Returns whether there was one. */
  private killOne(random: Random): boolean {
    const present = processesIn(this.arena.folder);
    const kinds = [...new Set(present.map(({ kind }) => kind))];
    const kind = pick(kinds, random);
    const victim = pick(
      present.filter((process) => process.kind === kind),
      random,
    );
    if (victim === undefined) return false;
    try {
      process.kill(victim.pid, 'SIGKILL');
      this.kills[victim.kind]++;
    } catch {
      // It ended by itself in this very moment.
    }
    return true;
  }

  /** Tells all runs to go on: by the command line, or, as the editor does, by a queue, which also starts those that never began. */
  private async resume(random: Random): Promise<void> {
    this.resumes++;
    if (random.uniform() < 0.5) {
      await this.otb('resume', this.runsDir, '--threads', '1');
      return;
    }
    for (const group of await this.groups()) {
      const found = await Promise.all(runsIn(this.runsDir).map((dir) => readRun(dir).catch(() => undefined)));
      const runs = found.flatMap((run) => (run?.record.group === group ? [run] : []));
      const env = { OTB_CACHE_DIR: this.arena.cacheDir };
      // The queue is to be found among the processes of the folder.
      process.chdir(this.arena.folder);
      // That there is nothing to go on with, that others are at it, or that what was started was killed, is no fault.
      await resumeRuns({ runsDir: this.runsDir, group, runs, limits: { threads: 1 } }, { otbEntry: this.arena.otb, env }).catch(
        () => undefined,
      );
    }
  }

  private async groups(): Promise<readonly string[]> {
    const ofRuns = await Promise.all(runsIn(this.runsDir).map(async (dir) => (await readRun(dir).catch(() => undefined))?.record.group));
    return [...new Set([...ofRuns, ...(await queuedGroups(this.runsDir))])].filter((group) => group !== undefined);
  }

  /** Kills nobody any more, and has every run completed. */
  private async finish(random: Random): Promise<void> {
    for (let attempt = 0; attempt < mostAttempts; attempt++) {
      await this.settle();
      if (await this.isDone()) return;
      await this.resume(random);
    }
    await this.settle();
    if (!(await this.isDone())) this.faults.push(`${this.runsDir}: not everything went on when it was told to`);
  }

  private async isDone(): Promise<boolean> {
    const runs = await Promise.all(runsIn(this.runsDir).map((dir) => readRun(dir)));
    const waiting = await Promise.all((await queuedGroups(this.runsDir)).map((group) => readQueue(this.runsDir, group)));
    return runs.every(({ exit }) => exit?.reason === 'completed') && waiting.every((queue) => queue === undefined);
  }

  /** Waits until a trainer works, or nothing does. */
  private async trainerIsThere(): Promise<void> {
    for (;;) {
      const present = processesIn(this.arena.folder);
      if (present.length === 0 || present.some(({ writes }) => writes !== undefined)) return;
      await delay(lookMs);
    }
  }

  /** Waits until no process is there. */
  private async settle(): Promise<void> {
    const deadline = Date.now() + settleMs;
    for (let quiet = 0; quiet < 3;) {
      await delay(50);
      quiet = processesIn(this.arena.folder).length === 0 ? quiet + 1 : 0;
      if (Date.now() > deadline) throw new Error(`${this.arena.folder}: processes do not end`);
    }
    await this.lookAtLines();
  }

  /** Every run can be read at every moment, and what was written stays. */
  private async lookAtLines(): Promise<void> {
    this.faults.push(...this.memory.look(this.runsDir));
    for (const dir of runsIn(this.runsDir)) await readRun(dir).catch((error: Error) => this.faults.push(`${dir}: ${error.message}`));
  }

  private lookForTwo(): void {
    const written = processesIn(this.arena.folder).flatMap(({ writes }) => writes ?? []);
    if (new Set(written).size < written.length) {
      this.twoTrainers++;
      this.faults.push(`two trainers at once: ${written.join(', ')}`);
    }
  }
}

function pick<T>(items: readonly T[], random: Random): T | undefined {
  return items[Math.floor(random.uniform() * items.length)];
}
