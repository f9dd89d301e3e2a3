import { existsSync } from 'node:fs';
import path from 'node:path';
import { runFiles } from '../../core/records/run.ts';
import { isLive, isResumable } from '../../core/records/runState.ts';
import type { RunPhase } from '../../core/records/runState.ts';
import { comingRun } from '../catalog/runOverview.ts';
import type { CatalogChange, GroupRun, RunOverview } from '../catalog/runOverview.ts';
import { DirectoryWatch } from '../directory/directoryWatch.ts';
import { queuedGroups, readQueueFile } from './queueFile.ts';
import { runDirectory } from './trainingPlan.ts';
import type { QueuedRun } from './trainingPlan.ts';
import { noTurns, waitReasons } from './turns.ts';
import type { Turns, WaitReason } from './turns.ts';
import { TurnsFile } from './turnsFile.ts';

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
  /** What each of them waits for, by directory: see `waitReasons`. */
  readonly reasons: Readonly<Record<string, string>>;
}

export const nothingWaits: Waiting = { runs: [], resuming: [], isLost: false, reasons: {} };

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
  reasons: Readonly<Record<string, string>>;
  reading: Promise<void> | undefined;
  readsAgain: boolean;
}

/** A folder of runs that is looked at for queues, of groups too of which no run has begun. */
interface QueueFolder {
  readonly watch: DirectoryWatch;
  readonly turns: TurnsFile;
  /** What was said last in the queue that its groups share. */
  said: Turns;
}

/**
 * Which runs of each group wait for their turn, and for what: the one answer for everything that shows it. A run counts as waiting until the catalog
 * knows it, so whoever shows the catalog's runs and these has every run of a group exactly once, at any moment.
 */
export class WaitingRuns {
  private readonly queues = new Map<string, Queue>();
  private readonly folders = new Map<string, QueueFolder>();
  private readonly timer: NodeJS.Timeout;
  private closed = false;

  constructor(private readonly options: WaitingRunsOptions) {
    this.timer = setInterval(() => this.check(), options.checkMs ?? usualCheckMs);
  }

  /** Looks from now on for queues in these folders, and in no others. */
  setFolders(runsDirs: readonly string[]): void {
    for (const [runsDir, { watch }] of this.folders) {
      if (runsDirs.includes(runsDir)) continue;
      watch.close();
      this.folders.delete(runsDir);
    }
    for (const runsDir of new Set(runsDirs)) {
      if (this.folders.has(runsDir)) continue;
      const watch = new DirectoryWatch(runsDir, () => this.lookInto(runsDir));
      this.folders.set(runsDir, { watch, turns: new TurnsFile(runsDir), said: noTurns });
    }
  }

  of({ runsDir, group }: QueuedGroup): Waiting {
    const queue = this.queues.get(keyOf(runsDir, group));
    if (!queue) return nothingWaits;
    const runs = queue.runs.filter((run) => run.resumes !== true && this.options.get(runDirectory(runsDir, run)) === undefined);
    // Those of a lost queue wait for nothing: they are runs that have ended, and can be resumed.
    const resumed = queue.isLost ? [] : queue.runs.filter(({ resumes }) => resumes === true).map((run) => runDirectory(runsDir, run));
    const resuming = resumed.filter((dir) => isToResume(this.options.get(dir)));
    return { runs, resuming, isLost: queue.isLost, reasons: queue.isLost ? {} : queue.reasons };
  }

  /** The groups in which something is to come, or was, of which nothing may have begun. */
  get groups(): readonly QueuedGroup[] {
    return [...this.queues.values()].filter(({ runs }) => runs.length > 0).map(({ group }) => group);
  }

  /** Whether somebody has paused the queue of a folder. */
  isPaused(runsDir: string): boolean {
    return this.folders.get(runsDir)?.said.paused ?? false;
  }

  /** Most runs at once in a folder, where somebody has set that; null: as each plan says. */
  parallel(runsDir: string): number | null {
    return this.folders.get(runsDir)?.said.parallel ?? null;
  }

  /** The folders that are looked into. */
  get runsDirs(): readonly string[] {
    return [...this.folders.keys()];
  }

  /** Takes in what somebody has just changed. */
  async lookNow(runsDir: string): Promise<void> {
    await this.folders.get(runsDir)?.watch.lookNow();
  }

  /** Settles when every queue that is to be read has been. */
  async settled(): Promise<void> {
    await Promise.all([...this.folders.values()].map(({ watch }) => watch.firstLook));
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
    for (const { watch } of this.folders.values()) watch.close();
  }

  /** Finds queues of groups that no run has told of yet, and what the runs of all wait for. */
  private async lookInto(runsDir: string): Promise<boolean> {
    const groups = await queuedGroups(runsDir);
    const folder = this.folders.get(runsDir);
    if (this.closed || folder === undefined) return existsSync(runsDir);
    for (const group of groups) if (!this.queues.has(keyOf(runsDir, group))) this.look(this.queueOf(runsDir, group));
    const { turns } = folder.turns.read();
    if (folder.said === turns) return existsSync(runsDir);
    const isOtherwise = folder.said.paused !== turns.paused || folder.said.parallel !== turns.parallel;
    folder.said = turns;
    const own = [...this.queues.values()].filter(({ group, runs }) => group.runsDir === runsDir && runs.length > 0);
    const before = JSON.stringify(own.map(({ reasons }) => reasons));
    const reasons = waitReasons(turns);
    for (const queue of own) this.sort(queue, reasons);
    if (isOtherwise || before !== JSON.stringify(own.map((queue) => queue.reasons))) this.options.onChange();
    return existsSync(runsDir);
  }

  /** Puts the runs of a queue into the order of their turns, with what they wait for. */
  private sort(queue: Queue, reasons: ReadonlyMap<string, WaitReason>): void {
    const turns = new Map([...reasons.keys()].map((id, index) => [id, index]));
    const turnOf = ({ id }: QueuedRun): number => turns.get(id) ?? -1;
    queue.runs = queue.runs.toSorted((a, b) => turnOf(a) - turnOf(b));
    const dirOf = (run: QueuedRun): string => runDirectory(queue.group.runsDir, run);
    queue.reasons = Object.fromEntries(queue.runs.map((run) => [dirOf(run), reasons.get(run.id)?.text ?? 'is about to start']));
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
      reasons: {},
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
      this.sort(queue, waitReasons(this.turnsIn(runsDir)));
      if (queue.runs.length === 0 && queue.processes.size === 0) this.queues.delete(keyOf(runsDir, group));
      if (!this.closed && before !== JSON.stringify(this.of(queue.group))) this.options.onChange();
    }
  }

  private turnsIn(runsDir: string): Turns {
    return (this.folders.get(runsDir)?.turns ?? new TurnsFile(runsDir)).read().turns;
  }

  /** Whether a run has begun and the catalog does not know it yet. */
  private isComing(dir: string): boolean {
    return this.options.get(dir) === undefined && existsSync(path.join(dir, runFiles.run));
  }
}

/** The runs of a group that have not begun. */
export function comingRuns(runsDir: string, { runs, isLost, reasons }: Waiting): readonly GroupRun[] {
  return runs.map((run) => {
    const dir = runDirectory(runsDir, run);
    return { ...comingRun(dir, run, isLost ? 'cancelled' : 'waiting'), note: reasons[dir] ?? null };
  });
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
