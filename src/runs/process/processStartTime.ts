import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** What the system says about a pid. A zombie is gone: it only waits for its parent to take note. */
export type StartTime = { readonly kind: 'started'; readonly at: string } | { readonly kind: 'gone' } | { readonly kind: 'unknown' };

/**
 * When the process with this pid started, as an opaque string that no other process with the same pid has; null where there is
 * no such process or the system does not say.
 */
export async function processStartTime(pid: number): Promise<string | null> {
  const start = await readStartTime(pid);
  return start.kind === 'started' ? start.at : null;
}

export async function readStartTime(pid: number): Promise<StartTime> {
  if (!pidInUse(pid)) return { kind: 'gone' };
  try {
    if (process.platform === 'linux') return await linuxStartTime(pid);
    if (process.platform === 'win32') return await windowsStartTime(pid);
    return found(
      (await execute('ps', ['-o', 'lstart=', '-p', String(pid)], { timeout: 5000, env: { ...process.env, LC_ALL: 'C', TZ: 'UTC' } }))
        .stdout,
    );
  } catch {
    // The program that knows is not there, or the process went away while it was asked about.
    return pidInUse(pid) ? { kind: 'unknown' } : { kind: 'gone' };
  }
}

async function linuxStartTime(pid: number): Promise<StartTime> {
  const [stat, boot] = await Promise.all([readFile(`/proc/${pid}/stat`, 'utf8'), readFile(bootFile, 'utf8')]);
  const { state, ticks } = parseStat(stat);
  if (isGone(state)) return { kind: 'gone' };
  return ticks === undefined ? { kind: 'unknown' } : found(linuxStart(boot, ticks));
}

/** Differs between two boots of a machine. */
export const bootFile = '/proc/sys/kernel/random/boot_id';

/** Fields of proc_pid_stat(5). */
export interface LinuxStat {
  /** "R" running, "S" sleeping, "T" stopped, "Z" a zombie … */
  readonly state: string;
  readonly parent: number;
  readonly group: number;
  readonly session: number;
  /** Clock ticks from boot to start. */
  readonly ticks: string | undefined;
}

export function parseStat(stat: string): LinuxStat {
  // Field 2 is the program's name in parentheses and may itself have spaces and parentheses; field 3 follows the last one.
  const [state = '', parent, group, session, ...more] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return { state, parent: Number(parent), group: Number(group), session: Number(session), ticks: more[15] };
}

/** Whether a process in this state has ended, and only waits for its parent to take note. */
export function isGone(state: string): boolean {
  return state.startsWith('Z') || state.startsWith('X');
}

/** A start time on Linux: ticks, with the boot that they are counted from. */
export function linuxStart(boot: string, ticks: string): string {
  return `${boot.trim()}:${ticks}`;
}

async function windowsStartTime(pid: number): Promise<StartTime> {
  const query = `(Get-CimInstance Win32_Process -Filter 'ProcessId=${Math.trunc(pid)}').CreationDate.ToUniversalTime().Ticks`;
  return found(
    (await execute('powershell.exe', ['-NoProfile', '-NonInteractive', '-Command', query], { timeout: 10_000, windowsHide: true })).stdout,
  );
}

function found(text: string): StartTime {
  const at = text.trim();
  return at === '' ? { kind: 'unknown' } : { kind: 'started', at };
}

function pidInUse(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Not permitted: somebody else's process, but a process.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
