import { spawn } from 'node:child_process';
import { endTree } from '../process/endTree.ts';
import { processStartTime } from '../process/processStartTime.ts';
import { newMark, treeVariables } from '../process/processTree.ts';

export interface StepPlace {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
}

interface StepEnd {
  readonly ok: boolean;
  /** The end of all that it has printed. */
  readonly output: string;
}

/** Most characters that are kept of what a program prints. */
const mostOutput = 64_000;
/** Milliseconds that processes have to end by themselves. */
const endTimes = { interruptMs: 1000, terminateMs: 2000 };

/** Runs a program to its end. Once `signal` is aborted, ends it with all that it has started, and resolves when nothing of it is left. */
export async function runStep(program: string, args: readonly string[], { cwd, env, signal }: StepPlace): Promise<StepEnd> {
  if (signal.aborted) return { ok: false, output: '' };
  const mark = newMark();
  const child = spawn(program, args, {
    cwd,
    env: { ...env, [treeVariables.mark]: mark },
    // A session of its own, so that all that it starts can be found.
    detached: process.platform !== 'win32',
    // On Windows npm is a script of the shell's.
    shell: process.platform === 'win32',
    stdio: ['ignore', 'pipe', 'pipe'],
    windowsHide: true,
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (output = `${output}${text}`.slice(-mostOutput)));
  const ended = new Promise<boolean>((resolve) => {
    child.once('error', (error) => {
      output += error.message;
      resolve(false);
    });
    child.once('close', (code) => resolve(code === 0));
  });
  const aborted = new Promise<'aborted'>((resolve) => signal.addEventListener('abort', () => resolve('aborted'), { once: true }));
  const { pid } = child;
  const startTime = pid === undefined ? null : await processStartTime(pid);
  const ok = await Promise.race([ended, aborted]);
  if (ok !== 'aborted') return { ok, output };
  const leader = pid === undefined ? null : { pid, processStartTime: startTime };
  await endTree({ mark, leader }, endTimes);
  return { ok: false, output };
}
