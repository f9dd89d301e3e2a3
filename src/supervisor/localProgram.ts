import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { listText } from '../core/notation.ts';
import type { StopConfig } from '../core/config/config.ts';
import type { ProcessIdentity } from '../core/records/run.ts';
import { GpuLeases } from '../runs/gpus/gpuLeases.ts';
import { endTree } from '../runs/process/endTree.ts';
import type { TreeEnd } from '../runs/process/endTree.ts';
import { processStartTime } from '../runs/process/processStartTime.ts';
import type { CommandTree } from '../runs/process/processTree.ts';
import { endingOf } from './ending.ts';
import type { CommandEnd } from './ending.ts';
import { Guard } from './guard.ts';
import { LastOutput } from './lastOutput.ts';
import { OomKills } from './oomKills.ts';
import type { Program, ProgramEnd, ProgramEnding, ProgramListener } from './program.ts';
import { secretsIn } from './programEnvironment.ts';
import type { Environment } from './programEnvironment.ts';
import { withoutSecrets } from './secretMask.ts';
import { spawnProblem } from './spawnError.ts';

/** Milliseconds that processes which a command has left behind have to end, after SIGTERM. */
const leftBehindMs = 5000;
/** Milliseconds that the pipes of a command that has ended may stay open, because somebody else has them. */
const pipesMs = 1000;

export interface LocalProgramOptions extends Pick<CommandEnd, 'of'> {
  readonly command: readonly string[];
  readonly cwd: string;
  /** With the mark. */
  readonly env: Environment;
  readonly stop: StopConfig;
  readonly mark: string;
  readonly runDir: string;
  /** GPUs that the run has for itself; undefined, or left out: it was given none. */
  readonly gpus?: readonly number[] | undefined;
  /** Program of the supervisor, for the guard. */
  readonly entry: string;
  /** What was chosen for `${python}`. */
  readonly python: string;
  /** The last step that was logged; null: none. */
  readonly lastStep: () => number | null;
  /** The last step that was logged before the run was resumed; null: none, or it was not. */
  readonly earlierStep: number | null;
  /** Steps that the run of TRL is to take; null: not known, or nobody's business. */
  readonly steps: number | null;
}

/** A command on this machine, with all the processes that it starts. */
export class LocalProgram implements Program {
  readonly ended: Promise<ProgramEnd>;
  private settle: (end: ProgramEnd) => void = () => undefined;
  private tree: CommandTree;
  private stopping: Promise<TreeEnd> | undefined;
  private readonly began = performance.now();
  private readonly leases = new GpuLeases();
  /** The guard, where it holds GPUs. */
  private guardian: ProcessIdentity | undefined;
  private readonly oomKills = new OomKills();
  private readonly last = { stdout: new LastOutput(), stderr: new LastOutput() };

  constructor(private readonly options: LocalProgramOptions) {
    this.ended = new Promise((resolve) => (this.settle = resolve));
    this.tree = { mark: options.mark, leader: null };
  }

  async start({ onOutput }: ProgramListener): Promise<void> {
    const { of, command, cwd, env, mark, runDir, entry } = this.options;
    const guard = new Guard({ runDir, mark, entry }, ({ message }) =>
      console.error(`Should this process be killed, nobody ends the command: its guard was not started: ${message}`),
    );
    let child: ChildProcess;
    await this.shareGpus(guard);
    try {
      child = await spawned(command, { cwd, env });
    } catch (error) {
      await guard.release();
      const { sentence, remedy } = spawnProblem(error as NodeJS.ErrnoException, { of, command, cwd, env });
      throw new Error(`${sentence} ${remedy}`, { cause: error });
    }
    const exited = new Promise<Pick<CommandEnd, 'code' | 'signal'>>((resolve) =>
      child.once('exit', (code, signal) => resolve({ code, signal })),
    );
    const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
    for (const stream of ['stdout', 'stderr'] as const) {
      child[stream]?.on('data', (chunk: Buffer) => {
        onOutput(stream, chunk);
        this.last[stream].feed(chunk);
      });
    }
    const { pid } = child;
    if (pid === undefined) throw new Error('The system does not say which process the command is.');
    const leader = { pid, processStartTime: await processStartTime(pid) };
    this.tree = { mark, leader };
    guard.watch(leader);
    const letGo = () => [child.stdout, child.stderr].forEach((pipe) => pipe?.destroy());
    void this.watch(exited, closed, guard).finally(letGo);
  }

  /** A command whose supervisor is killed has its GPUs until the guard has ended it. */
  private async shareGpus({ pid }: Guard): Promise<void> {
    const { gpus, runDir } = this.options;
    if (gpus === undefined || pid === undefined) return;
    this.guardian = { pid, processStartTime: await processStartTime(pid) };
    await this.leases.hold(runDir, this.guardian);
  }

  stop(): void {
    const { interruptSeconds, terminateSeconds } = this.options.stop;
    this.stopping ??= endTree(this.tree, { interruptMs: interruptSeconds * 1000, terminateMs: terminateSeconds * 1000 });
  }

  private async watch(exited: Promise<Pick<CommandEnd, 'code' | 'signal'>>, closed: Promise<void>, guard: Guard): Promise<void> {
    const { code, signal } = await exited;
    // What is left of it now would go on for ever, and nobody would know.
    const { left } = await (this.stopping ?? endTree(this.tree, { interruptMs: 0, terminateMs: leftBehindMs }));
    await Promise.race([closed, new Promise((resolve) => setTimeout(resolve, pipesMs))]);
    await guard.release();
    if (this.guardian) await this.leases.release(this.options.runDir, this.guardian);
    const seconds = (performance.now() - this.began) / 1000;
    const oomKill = this.oomKills.since();
    this.settle({ code, signal, describe: () => this.describe({ code, signal, seconds, oomKill }, left) });
  }

  private describe(end: Pick<CommandEnd, 'code' | 'signal' | 'seconds' | 'oomKill'>, left: TreeEnd['left']): ProgramEnding {
    const { of, command, env, python, lastStep, earlierStep, steps } = this.options;
    // What it said last may be quoted.
    const secrets = secretsIn(env);
    const { reason, sentence, remedy } = endingOf({
      ...end,
      of,
      stdout: withoutSecrets(this.last.stdout.text, secrets),
      stderr: withoutSecrets(this.last.stderr.text, secrets),
      lastStep: lastStep(),
      earlierStep,
      steps,
      wasAsked: this.stopping !== undefined,
      command,
      python,
    });
    return { reason, message: [sentence, ...(remedy === null ? [] : [remedy]), ...leftSentence(left)].join(' ') };
  }
}

/** Of processes that do not end: they wait for the kernel, or are another user's. */
function leftSentence(left: TreeEnd['left']): readonly string[] {
  if (left.length === 0) return [];
  const pids = listText(left.map(({ pid }) => String(pid)));
  return [
    `Still there, and not to be ended from here, ${left.length === 1 ? 'is the process' : 'are the processes'} ${pids}: most often a device or a network file system does not answer.`,
  ];
}

/** Throws the system's error. */
function spawned(
  [program = '', ...args]: readonly string[],
  { cwd, env }: { readonly cwd: string; readonly env: Environment },
): Promise<ChildProcess> {
  return new Promise((resolve, reject) => {
    // A session of its own: a Ctrl-C in the terminal that shows the run does not reach it.
    const child = spawn(program, args, { cwd, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'], windowsHide: true });
    child.once('error', reject);
    child.once('spawn', () => resolve(child));
  });
}
