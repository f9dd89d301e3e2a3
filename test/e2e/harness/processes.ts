import { readFileSync, readdirSync } from 'node:fs';

/** Ends what a test left running, detached or not: every process that inherited an environment which names `folder`. */
export function killProcessesOf(folder: string): void {
  for (const pid of readdirSync('/proc')
    .map(Number)
    .filter((id) => id > 0 && id !== process.pid)) {
    if (environmentOf(pid).includes(folder)) kill(pid);
  }
}

function environmentOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8');
  } catch {
    return ''; // It has ended, or is another user's.
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}
