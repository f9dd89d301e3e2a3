import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import path from 'node:path';
import type { ProcessIdentity } from '../core/records/run.ts';
import type { CommandTree } from '../runs/process/processTree.ts';

/** What the guard starts when the supervisor is gone: `node dist/supervisor.mjs --after RUNDIR MARK PID START`, the last two empty where not known. */
const afterFlag = '--after';

/**
 * The guard itself, a shell of a megabyte that sleeps in `read` until a line comes, or the end of the pipe. Everything is handed to it in its
 * environment: nothing of it is code, and no `pkill -f` for the supervisor finds the guard by its arguments.
 */
const script = [
  'while read -r word pid start; do case $word in',
  'done) exit 0;;',
  'leader) OTB_GUARD_PID=$pid OTB_GUARD_START=$start;;',
  'esac; done',
  // Three times, should that be killed as well.
  'for attempt in 1 2 3; do',
  `"$OTB_GUARD_NODE" "$OTB_GUARD_ENTRY" ${afterFlag} "$OTB_GUARD_DIR" "$OTB_GUARD_MARK" "$OTB_GUARD_PID" "$OTB_GUARD_START" && exit 0`,
  'sleep 1; done',
].join('\n');

interface GuardOptions {
  readonly runDir: string;
  readonly mark: string;
  /** Program of the supervisor, `dist/supervisor.mjs`. */
  readonly entry: string;
  /** The Node that runs it; default this one. */
  readonly nodePath?: string;
  /** The shell that waits; default /bin/sh. */
  readonly shell?: string;
}

/**
 * Ends a command when its supervisor cannot: a process of its own session that does nothing for as long as the supervisor lives. When that
 * dies without having said that all is done, be it by SIGKILL, the guard starts the program that ends what is left of the command. Start it
 * before the command. There is none on Windows.
 */
export class Guard {
  private readonly child: ChildProcess | undefined;

  /** Throws nothing: a guard that cannot be started is told to `onFailure`, and the command runs without. */
  constructor({ runDir, mark, entry, nodePath = process.execPath, shell = '/bin/sh' }: GuardOptions, onFailure: (error: Error) => void) {
    if (process.platform === 'win32') return;
    this.child = spawn(shell, ['-c', script, 'otb-guard'], {
      // No folder is kept from being deleted or unmounted.
      cwd: path.parse(runDir).root,
      detached: true,
      env: {
        ...process.env,
        OTB_GUARD_NODE: nodePath,
        OTB_GUARD_ENTRY: entry,
        OTB_GUARD_DIR: runDir,
        OTB_GUARD_MARK: mark,
        OTB_GUARD_PID: '',
        OTB_GUARD_START: '',
      },
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    this.child.once('error', onFailure);
    // Its death closes the pipe; nothing can be told to it then.
    this.child.stdin?.on('error', () => undefined);
    this.child.unref();
    (this.child.stdin as { unref?: () => void } | null)?.unref?.();
  }

  get pid(): number | undefined {
    return this.child?.pid;
  }

  /** Says which process the command is. */
  watch(leader: ProcessIdentity): void {
    this.child?.stdin?.write(`leader ${leader.pid} ${leader.processStartTime ?? ''}\n`);
  }

  /** Nothing is left of the command: the guard goes. Resolves when it has been told. */
  async release(): Promise<void> {
    const stdin = this.child?.stdin;
    if (!stdin || stdin.destroyed) return;
    await new Promise<void>((resolve) => stdin.end('done\n', () => resolve()));
  }
}

/** A command whose supervisor is gone. */
export interface OrphanedCommand {
  readonly runDir: string;
  readonly tree: CommandTree;
}

/** What these arguments of the program ask to end; undefined: nothing, they are no guard's. */
export function orphanedCommand(args: readonly string[]): OrphanedCommand | undefined {
  const [flag, runDir = '', mark = '', pid = '', start = ''] = args;
  if (flag !== afterFlag || runDir === '' || mark === '') return undefined;
  const leader = /^\d{1,10}$/.test(pid) && start !== '' ? { pid: Number(pid), processStartTime: start } : null;
  return { runDir, tree: { mark, leader } };
}
