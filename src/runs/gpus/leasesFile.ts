import { mkdirSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { isObject, parse, stringify } from '../../core/records/json.ts';
import type { ProcessIdentity } from '../../core/records/run.ts';
import { removeUnfinished, writeAtomically } from '../directory/atomicFile.ts';
import { readTextSync, sizeLimits } from '../directory/regularFile.ts';
import { isSameProcess } from '../process/processIdentity.ts';
import { ProcessLock } from '../process/processLock.ts';
import { GpuError } from './gpuError.ts';

/** GPUs that a run has for itself. */
export interface GpuLease {
  /** Indices, ascending. */
  readonly gpus: readonly number[];
  /** The run's directory. */
  readonly runDir: string;
  /** "grpo seed 1 of qwen". */
  readonly title: string;
  /** The processes that keep it, any of which is enough: the run's own, and until that has begun, the one that starts it. */
  readonly holders: readonly ProcessIdentity[];
}

const version = 1;
const fileName = 'leases.json';
const lockName = 'leases.lock';
/** Milliseconds that a process may keep the lock; it needs a few. */
const lockLimitMs = 30_000;
const lookMs = 15;

/**
 * Where the leases of this user on this machine are kept. The same for all processes, whatever their environment says of caches: one that
 * looked elsewhere would take what is taken. A home directory may be shared by machines, hence the name of this one.
 */
function leasesFolder(env: NodeJS.ProcessEnv): string {
  return env['OTB_GPU_LEASES_DIR'] || path.join(os.homedir(), '.cache', 'otb', 'gpus', os.hostname());
}

/** The leases as they are now, without those whose holders are all gone. Never fails: what cannot be read says nothing. */
export async function readLeases(env: NodeJS.ProcessEnv): Promise<readonly GpuLease[]> {
  return living(parsed(path.join(leasesFolder(env), fileName)));
}

/**
 * Changes the leases, as the only one who does. `work` gets those that count, and gives those that are to. Throws a GpuError where they
 * cannot be written, or another process does not let go of them.
 */
export async function changeLeases<Result>(
  env: NodeJS.ProcessEnv,
  work: (leases: readonly GpuLease[]) => Promise<{ readonly leases: readonly GpuLease[]; readonly result: Result }>,
): Promise<Result> {
  const folder = leasesFolder(env);
  const file = path.join(folder, fileName);
  const lock = await locked(folder);
  try {
    const before = parsed(file);
    const { leases, result } = await work(await living(before));
    if (stringify(leases) !== stringify(before)) write(file, leases);
    return result;
  } finally {
    lock.release();
  }
}

async function locked(folder: string): Promise<ProcessLock> {
  for (const deadline = Date.now() + lockLimitMs; ;) {
    const attempt = await take(folder);
    if (attempt.kind === 'taken') return attempt.lock;
    if (Date.now() > deadline)
      throw new GpuError(
        `the list of taken GPUs in ${folder} is locked by ${attempt.by ? `process ${attempt.by.pid}` : 'another process'}`,
        'See why that process does not go on, or end it.',
      );
    await delay(lookMs * (0.5 + Math.random()));
  }
}

function take(folder: string): ReturnType<typeof ProcessLock.take> {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    return ProcessLock.take(() => folder, lockName).catch((error: unknown) => Promise.reject(unwritable(folder, error)));
  } catch (error) {
    throw unwritable(folder, error);
  }
}

function write(file: string, leases: readonly GpuLease[]): void {
  try {
    removeUnfinished(path.dirname(file));
    writeAtomically(file, `${stringify({ version, leases }, 1)}\n`);
  } catch (error) {
    throw unwritable(file, error);
  }
}

function unwritable(file: string, error: unknown): GpuError {
  return new GpuError(
    `which GPUs are taken cannot be written to ${file}: ${(error as Error).message.replace(/\.$/, '')}`,
    'See to the permissions and the room there, or set OTB_GPU_LEASES_DIR to another folder for all programs.',
  );
}

async function living(leases: readonly GpuLease[]): Promise<readonly GpuLease[]> {
  const alive = await Promise.all(
    leases.map(async (lease) => {
      const are = await Promise.all(lease.holders.map((holder) => isSameProcess(holder)));
      return { ...lease, holders: lease.holders.filter((_, at) => are[at]) };
    }),
  );
  return alive.filter(({ holders }) => holders.length > 0);
}

function parsed(file: string): readonly GpuLease[] {
  let value: unknown;
  try {
    value = parse(readTextSync(file, sizeLimits.queue));
  } catch {
    return [];
  }
  if (!isObject(value) || value['version'] !== version || !Array.isArray(value['leases'])) return [];
  return value['leases'].flatMap((lease: unknown): readonly GpuLease[] => {
    if (!isObject(lease)) return [];
    const { gpus, runDir, title, holders } = lease;
    if (!Array.isArray(gpus) || !Array.isArray(holders) || typeof runDir !== 'string' || typeof title !== 'string') return [];
    return [{ gpus: gpus.filter(isIndex), runDir, title, holders: holders.flatMap(holderOf) }];
  });
}

function isIndex(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function holderOf(value: unknown): readonly ProcessIdentity[] {
  if (!isObject(value) || !isIndex(value['pid'])) return [];
  const { pid, processStartTime } = value;
  return [{ pid, processStartTime: typeof processStartTime === 'string' ? processStartTime : null }];
}
