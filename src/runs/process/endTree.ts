import { execFile } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { ProcessIdentity } from '../../core/records/run.ts';
import { checkProcess } from './processIdentity.ts';
import { findTree } from './processTree.ts';
import type { CommandTree, TreeProcess } from './processTree.ts';

/** Milliseconds between looks at what is left: the first, and the most. */
const lookMs = { first: 5, most: 200 } as const;
/** Milliseconds until a process that SIGKILL does not end is given up. */
const killMs = 10_000;

/** How long a command may take to end; 0: it is not asked in this way. */
export interface EndTimes {
  /** Milliseconds after SIGINT. */
  readonly interruptMs: number;
  /** Milliseconds after SIGTERM. */
  readonly terminateMs: number;
}

/** How a command came to its end. */
export interface TreeEnd {
  /**
   * `gone`: nothing was left of it. `interrupted`, `terminated`, `killed`: the last of its processes ended upon SIGINT, SIGTERM or SIGKILL.
   * `left`: some do not end at all, or may not be signalled.
   */
  readonly how: 'gone' | 'interrupted' | 'terminated' | 'killed' | 'left';
  readonly left: readonly ProcessIdentity[];
}

/**
 * Ends a command with all that it has started, and nobody else: SIGINT, after a while SIGTERM, after another while SIGKILL, which is
 * repeated until no new process appears.
 *
 * SIGINT comes as from a terminal, once to each process of the command's group, because programs take a second one for impatience and
 * break off what they do for a clean end. Who has a group of their own is interrupted once nobody is there any more who started them, and
 * could tell them.
 *
 * @param onSignal is told before each stage of it
 */
export async function endTree(
  tree: CommandTree,
  { interruptMs, terminateMs }: EndTimes,
  onSignal: (signal: NodeJS.Signals) => void = () => undefined,
): Promise<TreeEnd> {
  if (process.platform === 'win32') return endOnWindows(tree, { interruptMs, terminateMs });
  const stages = [
    { signal: 'SIGINT', how: 'interrupted', tell: interrupt, forMs: interruptMs },
    { signal: 'SIGTERM', how: 'terminated', tell: terminate, forMs: terminateMs },
    { signal: 'SIGKILL', how: 'killed', tell: kill, forMs: killMs },
  ] as const;
  const known = new Map<string, ProcessIdentity>();
  let left = await findAll(tree, known);
  if (left.length === 0) return { how: 'gone', left };
  for (const { signal, how, tell, forMs } of stages) {
    if (forMs <= 0) continue;
    onSignal(signal);
    const told = new Set<string>();
    const deadline = Date.now() + forMs;
    for (let waitMs: number = lookMs.first; Date.now() < deadline; waitMs = Math.min(2 * waitMs, lookMs.most)) {
      await tell(left, told);
      await delay(Math.min(waitMs, deadline - Date.now()));
      left = await findAll(tree, known);
      if (left.length === 0) return { how, left };
    }
  }
  return { how: 'left', left: left.map(({ pid, processStartTime }) => ({ pid, processStartTime })) };
}

/**
 * None is only believed at the second look: who ends while the processes are listed may have started another one that is not yet listed.
 * Whoever was found stays known, also when the parent by whom it was has ended.
 */
async function findAll(tree: CommandTree, known: Map<string, ProcessIdentity>): Promise<readonly TreeProcess[]> {
  for (let look = 1; ; look++) {
    const found = await findTree(tree, [...known.values()]);
    for (const { pid, processStartTime } of found) known.set(nameOf({ pid, processStartTime }), { pid, processStartTime });
    if (found.length > 0 || look === 2) return found;
  }
}

function nameOf({ pid, processStartTime }: ProcessIdentity): string {
  return `${pid} ${processStartTime}`;
}

async function interrupt(processes: readonly TreeProcess[], told: Set<string>): Promise<void> {
  const pids = new Set(processes.map(({ pid }) => pid));
  for (const process of processes)
    if (!pids.has(process.parent) && isNew(String(targetOf(process)), told)) await signal(process, 'SIGINT', targetOf(process));
}

async function terminate(processes: readonly TreeProcess[], told: Set<string>): Promise<void> {
  const signalled = processes.map(async (process) => {
    if (isNew(nameOf(process), told)) await signal(process, 'SIGTERM');
    if (process.isStopped) await signal(process, 'SIGCONT');
  });
  await Promise.all(signalled);
}

async function kill(processes: readonly TreeProcess[]): Promise<void> {
  const targets = new Map(processes.map((process) => [targetOf(process), process]));
  await Promise.all([...targets].map(([target, process]) => signal(process, 'SIGKILL', target)));
}

/** The whole group of a process, which reaches also whom it is just forking; the process alone where others may be in its group. */
function targetOf({ pid, group, ownSession }: TreeProcess): number {
  return ownSession && group > 1 ? -group : pid;
}

function isNew(key: string, told: Set<string>): boolean {
  const isFirst = !told.has(key);
  told.add(key);
  return isFirst;
}

/** Signals a process, or with the negative number of its group all of that, if the process is still the one that was found. */
async function signal(found: TreeProcess, name: NodeJS.Signals, target = found.pid): Promise<void> {
  if ((await checkProcess(found)) !== 'same') return;
  try {
    process.kill(target, name);
  } catch {
    // It has ended in this very moment, or is another user's: then it is found again, and told of.
  }
}

/** Windows knows who started whom, but no signals: programs with a window are asked to close it, others are ended. */
async function endOnWindows({ leader }: CommandTree, { interruptMs, terminateMs }: EndTimes): Promise<TreeEnd> {
  if (leader === null || (await checkProcess(leader)) !== 'same') return { how: 'gone', left: [] };
  const stages = [
    { how: 'terminated', force: [], forMs: interruptMs + terminateMs },
    { how: 'killed', force: ['/F'], forMs: killMs },
  ] as const;
  for (const { how, force, forMs } of stages) {
    if (forMs <= 0) continue;
    // It fails where a process does not let itself be ended so; the next one is harder.
    await promisify(execFile)('taskkill', ['/PID', String(leader.pid), '/T', ...force], { windowsHide: true }).catch(() => undefined);
    for (const deadline = Date.now() + forMs; Date.now() < deadline; await delay(lookMs.most))
      if ((await checkProcess(leader)) === 'gone') return { how, left: [] };
  }
  return { how: 'left', left: [leader] };
}
