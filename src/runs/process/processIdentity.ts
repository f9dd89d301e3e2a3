import type { ProcessIdentity } from '../../core/records/run.ts';
import { processStartTime, readStartTime } from './processStartTime.ts';

/** `same`: this very process runs. `gone`: it does not. `unknown`: its pid is in use, but the system does not say by whom. */
export type ProcessCheck = 'same' | 'gone' | 'unknown';

/** Whether the process that once had this identity on this machine still runs. */
export async function checkProcess(identity: ProcessIdentity): Promise<ProcessCheck> {
  const start = await readStartTime(identity.pid);
  if (start.kind === 'gone') return 'gone';
  if (start.kind === 'unknown' || identity.processStartTime === null) return 'unknown';
  return start.at === identity.processStartTime ? 'same' : 'gone';
}

/** The same as a yes or no, for display; in doubt yes. Never signal a process on the strength of this: see `checkProcess`. */
export async function isSameProcess(identity: ProcessIdentity): Promise<boolean> {
  return (await checkProcess(identity)) !== 'gone';
}

/** The identity of the process that calls. It never changes, and some systems have to start a program to tell it. */
export function ownIdentity(): Promise<ProcessIdentity> {
  own ??= processStartTime(process.pid).then((processStartTime) => ({ pid: process.pid, processStartTime }));
  return own;
}

let own: Promise<ProcessIdentity> | undefined;
