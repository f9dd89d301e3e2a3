import { readFileSync, readdirSync } from 'node:fs';

/** Ends what a test left running: every process whose command line or working environment names `folder`. */
export function killProcessesOf(folder: string): void {
  for (const pid of readdirSync('/proc').map(Number).filter((id) => id > 0 && id !== process.pid)) {
    if (names(pid, folder)) kill(pid);
  }
}

function names(pid: number, folder: string): boolean {
  try {
    return ['cmdline', 'environ'].some((file) => readFileSync(`/proc/${pid}/${file}`, 'utf8').includes(folder));
  } catch {
    return false; // It has ended, or is another user's.
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}
