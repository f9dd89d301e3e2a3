import { nounOf } from '../core/config/programConfig.ts';
import os from 'node:os';
import { lastWords, ownError } from './traces.ts';
import type { Cause, CommandEnd, Traces } from './traces.ts';

const signals: Readonly<Record<string, readonly [what: string, remedy: string]>> = {
  SIGKILL: [
    'was killed (SIGKILL) from outside',
    'Most often the machine was out of memory: see dmesg, or what your job scheduler says. If so, lower what the processes keep in memory.',
  ],
  SIGTERM: [
    'was ended from outside (SIGTERM)',
    'See who did it: a job scheduler at its time limit, a shutdown of the machine, somebody with kill.',
  ],
  SIGHUP: ['was ended because its terminal was closed (SIGHUP)', 'Start it again.'],
  SIGSEGV: [
    'crashed with a segmentation fault (SIGSEGV)',
    'Most often packages with native code do not fit together (torch, CUDA, flash-attn, vLLM). PYTHONFAULTHANDLER=1 in "env" prints where it happened.',
  ],
  SIGBUS: [
    'crashed with a bus error (SIGBUS)',
    'Most often shared memory is used up: give a container more of it (docker run --shm-size=16g), or use fewer data loader workers.',
  ],
  SIGABRT: ['aborted itself (SIGABRT)', 'The lines before its end say why; for NCCL set NCCL_DEBUG=INFO in "env".'],
  SIGILL: [
    'crashed with an illegal instruction (SIGILL)',
    'A package was built for another processor: install one that is made for this machine.',
  ],
  SIGFPE: ['crashed with an arithmetic error (SIGFPE)', 'PYTHONFAULTHANDLER=1 in "env" prints where it happened.'],
};

/** The signal that ended a command; a shell says of the program that it ran by the exit code 128 + its number. */
export function signalOf({ code, signal }: CommandEnd): string | null {
  return signal ?? (code !== null && code > 128 && code < 160 ? nameOf(code - 128) : null);
}

/** What a signal says that ended a command, or one of its processes. */
export function signalCause(traces: Traces, signal: string, who = `The ${nounOf(traces.of)}`): Cause {
  const [what, remedy] = signals[signal] ?? [`was ended by ${signal}`, 'See its output.'];
  const words = signal === 'SIGABRT' ? lastWords(traces) : undefined;
  return { sentence: `${who} ${what}${traces.at}${words === undefined ? '' : `: ${words}`}.`, remedy };
}

/** What torchrun says of a process that was ended by a signal, and torch of a data loader's. */
const ofProcess =
  /exitcode\s*: -(\d{1,2}) |Signal (\d{1,2}) \(SIG\w+\) received by PID|DataLoader worker \(pid[^)]*\) is killed by signal: (Killed)/;

/** The signal that ended a process of a command that itself ended by an exit code; null: none is told of. */
export function signalOfProcess({ lines }: Traces): string | null {
  const [, code, number, killed] = lines.map(({ text }) => ofProcess.exec(text)).findLast((match) => match !== null) ?? [];
  return killed === undefined ? nameOf(Number(code ?? number)) : 'SIGKILL';
}

/** The cause where one of several processes was ended by a signal, and none had an error of its own. */
export function processCause(traces: Traces): Cause | undefined {
  const signal = signalOfProcess(traces);
  // torchrun ends the others when one has failed.
  if (signal === null || ownError(traces.errors) !== undefined) return undefined;
  return signalCause(traces, signal, `A process of the ${nounOf(traces.of)}`);
}

function nameOf(number: number): string | null {
  return Object.entries(os.constants.signals).find(([, value]) => value === number)?.[0] ?? null;
}
