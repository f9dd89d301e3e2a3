import { existsSync, rmSync } from 'node:fs';
import { readFile, readdir } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { isObject, parse, stringify } from '../../core/records/json.ts';
import { runFiles } from '../../core/records/run.ts';
import type { PlannedRun, ProcessIdentity } from '../../core/records/run.ts';
import { writeAtomically } from '../directory/atomicFile.ts';
import { ownIdentity, isSameProcess } from '../process/processIdentity.ts';
import { isTrainingPlan, runDirectory } from './trainingPlan.ts';
import type { TrainingPlan } from './trainingPlan.ts';

const queueSchemaVersion = 1;
const suffix = '.queue.json';

/** `<group>.queue.json` beside the run directories: which runs have not begun, and the process that starts them. */
interface QueueRecord extends ProcessIdentity {
  readonly schemaVersion: typeof queueSchemaVersion;
  readonly host: string;
  /** With the runs that have not begun. */
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
  /** With the runs that have not begun, in the order in which they do. */
  readonly plan: TrainingPlan;
}

/** A queue's own hold on its file. The file is there as long as a run has not begun. */
export class QueueFile {
  private readonly file: string;
  private readonly request: string;

  private constructor(private readonly plan: TrainingPlan, private readonly own: ProcessIdentity, group: string) {
    this.file = queueFile(plan.runsDir, group);
    this.request = cancelRequest(plan.runsDir, group);
    // Asked of an earlier queue of this group.
    this.forgetRequest();
  }

  /** The file of a plan; nothing is written yet. The first run's group names it. */
  static async of(plan: TrainingPlan): Promise<QueueFile> {
    return new QueueFile(plan, await ownIdentity(), plan.runs[0]?.group ?? 'runs');
  }

  get cancelRequested(): boolean {
    return existsSync(this.request);
  }

  /** Says what waits now. A queue that cannot say so still does its work. */
  write(waiting: readonly PlannedRun[]): void {
    const { runsDir, engine, parallel, threads, cacheDir } = this.plan;
    const plan: TrainingPlan = { runs: waiting, runsDir, engine, parallel, threads, cacheDir };
    const record: QueueRecord = { schemaVersion: queueSchemaVersion, ...this.own, host: os.hostname(), plan };
    try {
      if (waiting.length === 0) rmSync(this.file, { force: true });
      else writeAtomically(this.file, `${stringify(record)}\n`);
    } catch {
      // The disk is full, or there is no folder yet: the runs themselves will say it.
    }
  }

  /** Nothing waits any more. */
  remove(): void {
    this.write([]);
    this.forgetRequest();
  }

  private forgetRequest(): void {
    try {
      rmSync(this.request, { force: true });
    } catch {
      // There is no such folder, or none to write to.
    }
  }
}

/** What still waits to be started in a group; undefined: nothing does. Never fails. */
export async function readQueue(runsDir: string, group: string): Promise<QueueStatus | undefined> {
  const record = parseQueueRecord(await readFile(queueFile(runsDir, group), 'utf8').catch(() => ''));
  if (record === undefined) return undefined;
  const { pid, processStartTime, host, plan } = record;
  const here = host === os.hostname();
  const live = !here || (await isSameProcess({ pid, processStartTime }));
  // One may have begun just now, or just before the queue was lost.
  const waiting = plan.runs.filter((run) => !existsSync(path.join(runDirectory(runsDir, run), runFiles.run)));
  if (waiting.length === 0) return undefined;
  // The folder may have been moved since the plan was made.
  return { group, state: live ? 'live' : 'lost', process: { pid, processStartTime }, here, plan: { ...plan, runs: waiting, runsDir } };
}

/** The groups under a folder of runs in which something waits; none where there is no such folder. */
export async function queuedGroups(runsDir: string): Promise<readonly string[]> {
  const names = await readdir(runsDir).catch(() => []);
  return names.filter((name) => name.endsWith(suffix)).map((name) => name.slice(0, -suffix.length));
}

/** Its presence asks the queue of a group to start nothing more and to stop what it has started. */
export function cancelRequest(runsDir: string, group: string): string {
  return beside(runsDir, `${group}.queue.cancel`);
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
  return { schemaVersion: queueSchemaVersion, pid, processStartTime: typeof processStartTime === 'string' ? processStartTime : null, host, plan };
}
