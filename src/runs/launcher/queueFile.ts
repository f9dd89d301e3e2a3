import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { isResumable } from '../../core/records/runState.ts';
import { isObject, parse, stringify } from '../../core/records/json.ts';
import { runFiles } from '../../core/records/run.ts';
import type { ProcessIdentity } from '../../core/records/run.ts';
import { writeAtomically, writeNew } from '../directory/atomicFile.ts';
import { hasFile } from '../directory/ownFile.ts';
import { readText, readTextSync, sizeLimits } from '../directory/regularFile.ts';
import { readRunStatus } from '../directory/runStatus.ts';
import { ownIdentity, isSameProcess } from '../process/processIdentity.ts';
import { isRuns, isTrainingPlan, runDirectory } from './trainingPlan.ts';
import type { QueuedRun, TrainingPlan } from './trainingPlan.ts';

const queueSchemaVersion = 1;
const suffix = '.queue.json';

/** `<group>.queue.json` beside the run directories: which runs wait, and the process that starts them. */
interface QueueRecord extends ProcessIdentity {
  readonly schemaVersion: typeof queueSchemaVersion;
  readonly host: string;
  /** With the runs that wait. */
  readonly plan: TrainingPlan;
}

/** How the queue of a group stands. */
export interface QueueStatus {
  readonly group: string;
  /** `lost`: the process is gone, so what waits does not start by itself. One on another machine counts as live. */
  readonly state: 'live' | 'lost';
  readonly process: ProcessIdentity;
  /** Whether the process is on this machine, where its pid means something. */
  readonly here: boolean;
  /** With the runs that wait, in the order of their turns. */
  readonly plan: TrainingPlan;
}

/** A queue's own hold on its file. The file is there as long as a run waits; while it is not, another queue of the group may have one. */
export class QueueFile {
  private readonly file: string;
  private readonly cancellation: string;
  private readonly addition: string;
  private isThere: boolean;

  private constructor(
    private readonly plan: TrainingPlan,
    private readonly own: ProcessIdentity,
    group: string,
  ) {
    this.file = queueFile(plan.runsDir, group);
    this.cancellation = cancelRequest(plan.runsDir, group);
    this.addition = addRequest(plan.runsDir, group);
    // It may have been made to reserve the name of the group.
    this.isThere = hasFile(this.file);
    // Asked of an earlier queue of this group.
    this.forgetRequests();
  }

  /** The file of a plan; nothing is written yet. */
  static async of(plan: TrainingPlan, group = queueName(plan.runs)): Promise<QueueFile> {
    return new QueueFile(plan, await ownIdentity(), group);
  }

  get cancelRequested(): boolean {
    return hasFile(this.cancellation);
  }

  /** Runs that are to wait too. To remove the request is to accept it: whoever asked removes it where nobody does. */
  takeAdded(): readonly QueuedRun[] {
    if (!hasFile(this.addition)) return [];
    try {
      const runs = parse(readTextSync(this.addition, sizeLimits.queue));
      rmSync(this.addition);
      return isRuns(runs) ? runs : [];
    } catch {
      return [];
    }
  }

  /** Says what waits now. A queue that cannot say so still does its work. */
  write(waiting: readonly QueuedRun[]): void {
    const { runsDir, engine, parallel, threads, cacheDir, python } = this.plan;
    const plan: TrainingPlan = { runs: waiting, runsDir, engine, parallel, threads, cacheDir, ...(python !== undefined && { python }) };
    const record: QueueRecord = { schemaVersion: queueSchemaVersion, ...this.own, host: os.hostname(), plan };
    try {
      if (waiting.length > 0) writeAtomically(this.file, `${stringify(record)}\n`);
      else if (this.isThere) rmSync(this.file, { force: true });
      this.isThere = waiting.length > 0;
    } catch {
      // The disk is full, or there is no folder yet: the runs themselves will say it.
    }
  }

  forgetRequests(): void {
    try {
      rmSync(this.cancellation, { force: true });
      rmSync(this.addition, { force: true });
    } catch {
      // There is no such folder, or none to write to.
    }
  }
}

/**
 * Reserves the name of a group under a folder of runs: the first process that makes the file of the group's queue has it, and the
 * others get false. In that file nothing waits until the queue itself says so. Where nothing can be written, the runs will say it.
 */
export function claimGroup(runsDir: string, group: string): boolean {
  try {
    mkdirSync(runsDir, { recursive: true });
    writeNew(queueFile(runsDir, group), '{}\n');
    return true;
  } catch (error) {
    const { code, syscall } = error as NodeJS.ErrnoException;
    return !(code === 'EEXIST' && syscall === 'open');
  }
}

/** What still waits in a group; undefined: nothing does. Never fails. */
export async function readQueue(runsDir: string, group: string): Promise<QueueStatus | undefined> {
  const status = await readQueueFile(runsDir, group);
  const waiting = status === undefined ? [] : await stillWaiting(runsDir, status.plan.runs);
  return status === undefined || waiting.length === 0 ? undefined : { ...status, plan: { ...status.plan, runs: waiting } };
}

/** What the queue of a group has said last, also of runs that have begun since; undefined: it has said nothing, or is done. Never fails. */
export async function readQueueFile(runsDir: string, group: string): Promise<QueueStatus | undefined> {
  const record = parseQueueRecord(await readText(queueFile(runsDir, group), sizeLimits.queue).catch(() => ''));
  if (record === undefined) return undefined;
  const { pid, processStartTime, host, plan } = record;
  const here = host === os.hostname();
  const live = !here || (await isSameProcess({ pid, processStartTime }));
  // The folder may have been moved since the plan was made.
  return { group, state: live ? 'live' : 'lost', process: { pid, processStartTime }, here, plan: { ...plan, runsDir } };
}

/** Those of a queue's runs that have not begun, or gone on, meanwhile: just now, or just before the queue was lost. */
export async function stillWaiting(runsDir: string, runs: readonly QueuedRun[]): Promise<readonly QueuedRun[]> {
  const waits = await Promise.all(
    runs.map(async (run) => {
      const dir = runDirectory(runsDir, run);
      if (run.resumes !== true) return !existsSync(path.join(dir, runFiles.run));
      const status = await readRunStatus(dir).catch(() => undefined);
      return status !== undefined && isResumable({ process: status.state, exit: status.exit });
    }),
  );
  return runs.filter((_, index) => waits[index]);
}

/** The groups under a folder of runs in which something waits; none where there is no such folder. */
export async function queuedGroups(runsDir: string): Promise<readonly string[]> {
  const names = await readdir(runsDir).catch(() => []);
  return names.filter((name) => name.endsWith(suffix)).map((name) => name.slice(0, -suffix.length));
}

/** What the queue of a plan is called: like the group of its runs. */
export function queueName(runs: readonly QueuedRun[]): string {
  return runs[0]?.group ?? 'runs';
}

/** Its presence asks the queue of a group to start nothing more and to stop what it has started. */
export function cancelRequest(runsDir: string, group: string): string {
  return beside(runsDir, `${group}.queue.cancel`);
}

/** Asks the queue of a group to take on the runs that it lists. */
export function addRequest(runsDir: string, group: string): string {
  return beside(runsDir, `${group}.queue.add`);
}

export function queueFile(runsDir: string, group: string): string {
  return beside(runsDir, `${group}${suffix}`);
}

/** What the process of a detached queue has to say. */
export function queueLog(runsDir: string, group: string): string {
  return beside(runsDir, `${group}.log`);
}

/** A run.json that somebody else wrote may give any text for a group, also one that leads out of the folder. */
function beside(runsDir: string, name: string): string {
  return path.join(runsDir, name.replaceAll(/[\\/]/g, '-'));
}

function parseQueueRecord(text: string): QueueRecord | undefined {
  const value = parse(text);
  if (!isObject(value) || value['schemaVersion'] !== queueSchemaVersion) return undefined;
  const { pid, processStartTime, host, plan } = value;
  if (typeof pid !== 'number' || typeof host !== 'string' || !isTrainingPlan(plan) || plan.runs.length === 0) return undefined;
  return {
    schemaVersion: queueSchemaVersion,
    pid,
    processStartTime: typeof processStartTime === 'string' ? processStartTime : null,
    host,
    plan,
  };
}
