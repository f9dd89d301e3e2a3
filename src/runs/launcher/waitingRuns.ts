import { existsSync } from 'node:fs';
import path from 'node:path';
import { runFiles } from '../../core/records/run.ts';
import { isLive, isResumable } from '../../core/records/runState.ts';
import type { RunPhase } from '../../core/records/runState.ts';
import { comingRun } from '../catalog/runOverview.ts';
import type { CatalogChange, GroupRun, RunOverview } from '../catalog/runOverview.ts';
import { readQueueFile } from './queueFile.ts';
import { runDirectory } from './trainingPlan.ts';
import type { QueuedRun } from './trainingPlan.ts';

/** Milliseconds between looks at queues of groups in which something goes on or waits: that one is lost, or takes runs on, shows in no run. */
const usualCheckMs = 3000;

/** Runs that were started together, by the folder of their directories and their name. */
export interface QueuedGroup {
  readonly runsDir: string;
  readonly group: string;
}

/** What is still to come in a group. */
export interface Waiting {
  /** Runs that have not begun, in the order of their turns. */
  readonly runs: readonly QueuedRun[];
  /** Directories of runs that have begun before, have ended, and are to go on. */
  readonly resuming: readonly string[];
  /** Nothing will begin what has not begun any more. */
  readonly isLost: boolean;
}

export const nothingWaits: Waiting = { runs: [], resuming: [], isLost: false };

export interface WaitingRunsOptions {
  /** A run that is known already. */
  readonly get: (dir: string) => RunOverview | undefined;
  /** What waits in some group is something else than before. */
  readonly onChange: () => void;
  readonly checkMs?: number;
}

interface Queue {
  readonly group: QueuedGroup;
  /** How each run of the group stands, by directory. */
  readonly processes: Map<string, RunOverview['process']>;
  /** What the queue's file listed last, and those it listed before that have begun since. */
  runs: readonly QueuedRun[];
  isLost: boolean;
  reading: Promise<void> | undefined;
  readsAgain: boolean;
}

/**
 * Which runs of each group wait for their turn: the one answer for everything that shows it. A run counts as waiting until the catalog
 * knows it, so whoever shows the catalog's runs and these has every run of a group exactly once, at any moment.
 */
export class WaitingRuns {
  private readonly queues = new Map<string, Queue>();
  private readonly timer: NodeJS.Timeout;
  private closed = false;

  constructor(private readonly options: WaitingRunsOptions) {
    this.timer = setInterval(() => this.check(), options.checkMs ?? usualCheckMs);
  }

  of({ runsDir, group }: QueuedGroup): Waiting {
    const queue = this.queues.get(keyOf(runsDir, group));
    if (!queue) return nothingWaits;
    const runs = queue.runs.filter((run) => run.resumes !== true && this.options.get(runDirectory(runsDir, run)) === undefined);
    // Those of a lost queue wait for nothing: they are runs that have ended, and can be resumed.
    const resumed = queue.isLost ? [] : queue.runs.filter(({ resumes }) => resumes === true).map((run) => runDirectory(runsDir, run));
    return { runs, resuming: resumed.filter((dir) => isToResume(this.options.get(dir))), isLost: queue.isLost };
  }

  /** Settles when every queue that is to be read has been. */
  async settled(): Promise<void> {
    for (;;) {
      const reading = [...this.queues.values()].flatMap((queue) => queue.reading ?? []);
      if (reading.length === 0) return;
      await Promise.all(reading);
    }
  }

  /** Takes in what changed in the catalog: a queue moves on when a run of its group begins or ends. */
  take({ added, changed, removed }: CatalogChange): void {
    const moved = new Set<Queue>();
    for (const { dir, process, identity } of [...added, ...changed]) {
      const queue = this.queueOf(path.dirname(dir), identity.group);
      if (queue.processes.get(dir) === process) continue;
      queue.processes.set(dir, process);
      moved.add(queue);
    }
    for (const { dir, identity } of removed) {
      const queue = this.queueOf(path.dirname(dir), identity.group);
      queue.processes.delete(dir);
      moved.add(queue);
    }
    for (const queue of moved) {
      if (queue.processes.size > 0) this.look(queue);
      else this.queues.delete(keyOf(queue.group.runsDir, queue.group.group));
    }
  }

  close(): void {
    this.closed = true;
    clearInterval(this.timer);
  }

  private queueOf(runsDir: string, group: string): Queue {
    const key = keyOf(runsDir, group);
    const known = this.queues.get(key);
    if (known) return known;
    const queue: Queue = {
      group: { runsDir, group },
      processes: new Map(),
      runs: [],
      isLost: false,
      reading: undefined,
      readsAgain: false,
    };
    this.queues.set(key, queue);
    return queue;
  }

  private check(): void {
    for (const queue of this.queues.values()) {
      const isActive = [...queue.processes.values()].some((process) => isLive({ process }));
      if (isActive || queue.runs.length > 0) this.look(queue);
    }
  }

  /** One reading after the other: an older one that ends later would say what is no longer so. */
  private look(queue: Queue): void {
    queue.readsAgain = true;
    queue.reading ??= this.read(queue).finally(() => (queue.reading = undefined));
  }

  private async read(queue: Queue): Promise<void> {
    while (queue.readsAgain && !this.closed) {
      queue.readsAgain = false;
      const { runsDir, group } = queue.group;
      const status = await readQueueFile(runsDir, group);
      const before = JSON.stringify(this.of(queue.group));
      const listed = status?.plan.runs ?? [];
      const ids = new Set(listed.map(({ id }) => id));
      // What has left the list and is on the disk is about to be in the catalog; what is not there was cancelled, or failed to start.
      const begun = queue.runs.filter((run) => run.resumes !== true && !ids.has(run.id) && this.isComing(runDirectory(runsDir, run)));
      queue.runs = [...begun, ...listed];
      queue.isLost = status?.state === 'lost';
      if (!this.closed && before !== JSON.stringify(this.of(queue.group))) this.options.onChange();
    }
  }

  /** Whether a run has begun and the catalog does not know it yet. */
  private isComing(dir: string): boolean {
    return this.options.get(dir) === undefined && existsSync(path.join(dir, runFiles.run));
  }
}

/** The runs of a group that have not begun. */
export function comingRuns(runsDir: string, { runs, isLost }: Waiting): readonly GroupRun[] {
  return runs.map((run) => comingRun(runDirectory(runsDir, run), run, isLost ? 'cancelled' : 'waiting'));
}

/** What a run does, or waits for. */
export function phaseOf({ dir, process }: GroupRun, { resuming }: Waiting): RunPhase {
  return resuming.includes(dir) ? 'waiting' : process;
}

function isToResume(run: RunOverview | undefined): boolean {
  return run !== undefined && isResumable(run);
}

function keyOf(runsDir: string, group: string): string {
  return JSON.stringify([runsDir, group]);
}
