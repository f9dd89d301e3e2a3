import { execFile } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { promisify } from 'node:util';
import type { ProcessIdentity } from '../../core/records/run.ts';
import { bootFile, isGone, linuxStart, parseStat } from './processStartTime.ts';

const execute = promisify(execFile);

/** A process as the system lists it. */
export interface ProcessRow extends ProcessIdentity {
  readonly parent: number;
  /** Its process group, which a Ctrl-C reaches as a whole. */
  readonly group: number;
  /** Its session; where the system does not list sessions (macOS), its group. Nobody joins either from outside. */
  readonly session: number;
  /** Whether it was stopped (SIGSTOP), so that it cannot act on a signal before it is told to go on. */
  readonly isStopped: boolean;
  /**
   * Whether its environment has the wanted entry. `unknown`: it cannot be read, or is no environment any more, because a program that
   * gives itself a title (Ray's and vLLM's workers do) writes it there.
   */
  readonly environment: 'has' | 'lacks' | 'unknown';
}

/**
 * All processes of this machine that this one can see, without zombies.
 *
 * @param entry of an environment, "NAME=value"
 */
export async function processTable(entry: string): Promise<readonly ProcessRow[]> {
  if (process.platform === 'linux') return linuxTable(entry);
  const columns = ['pid=', 'ppid=', 'pgid=', 'stat=', 'lstart=', 'command='].flatMap((column) => ['-o', column]);
  const { stdout } = await execute('ps', [process.platform === 'darwin' ? '-axwwE' : 'axwwe', ...columns], {
    timeout: 10_000,
    maxBuffer: 256 << 20,
    env: { ...process.env, LC_ALL: 'C', TZ: 'UTC' },
  });
  return parseProcessList(stdout, entry);
}

/** What `ps` lists: pid, parent, group, state, start ("Sat Nov 28 13:02:32 2026"), and the command line with the environment behind it. */
export function parseProcessList(text: string, entry: string): readonly ProcessRow[] {
  const row = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\S+)\s+(\w{3}\s+\w{3}\s+\d+\s+[\d:]+\s+\d{4})(?:\s+(.*))?$/;
  return text.split('\n').flatMap((line) => {
    const [, pid, parent, group, state = '', start = '', command = ''] = row.exec(line) ?? [];
    if (pid === undefined || isGone(state)) return [];
    const words = command.split(' ');
    const environment = words.includes(entry) ? 'has' : words.some((word) => isEntry(word)) ? 'lacks' : 'unknown';
    const isStopped = state.startsWith('T');
    return [
      {
        pid: Number(pid),
        processStartTime: start,
        parent: Number(parent),
        group: Number(group),
        session: Number(group),
        isStopped,
        environment,
      },
    ];
  });
}

function linuxTable(entry: string): readonly ProcessRow[] {
  const boot = readFileSync(bootFile, 'utf8');
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      const { state, ticks, ...relations } = parseStat(readFileSync(`/proc/${name}/stat`, 'utf8'));
      if (isGone(state) || ticks === undefined) return [];
      const environment = linuxEnvironment(name, entry);
      return [{ pid: Number(name), processStartTime: linuxStart(boot, ticks), ...relations, isStopped: state === 'T', environment }];
    } catch {
      // It has ended meanwhile.
      return [];
    }
  });
}

function linuxEnvironment(pid: string, entry: string): ProcessRow['environment'] {
  let entries: readonly string[];
  try {
    entries = readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0');
  } catch {
    return 'unknown';
  }
  if (entries.includes(entry)) return 'has';
  return entries.some((one) => isEntry(one)) ? 'lacks' : 'unknown';
}

function isEntry(text: string): boolean {
  return /^[A-Za-z_]\w*=/.test(text);
}
