import { execFile } from 'node:child_process';

export type ChildOutput =
  | { readonly ok: true; readonly stdout: string }
  | {
      readonly ok: false;
      /** Why, in one line. */
      readonly reason: string;
      /** Whether there is no such program. */
      readonly isMissing: boolean;
      /** All that it printed, on whichever stream. */
      readonly printed: string;
    };

/**
 * Runs a program and collects what it prints; never rejects: a failure is an answer, with its reason in one line.
 *
 * @param env of the program, which is also where it is looked for
 */
export function childOutput(
  program: string,
  args: readonly string[],
  timeoutMs: number,
  env: NodeJS.ProcessEnv = process.env,
): Promise<ChildOutput> {
  return new Promise((resolve) => {
    execFile(program, args, { timeout: timeoutMs, maxBuffer: 4 << 20, windowsHide: true, env }, (error, stdout, stderr) => {
      if (error === null) return resolve({ ok: true, stdout });
      const fail = (reason: string): void =>
        resolve({ ok: false, reason, isMissing: error.code === 'ENOENT', printed: `${stdout}\n${stderr}`.trim() });
      if (error.code === 'ENOENT') return fail(/[\\/]/.test(program) ? 'there is no such file' : `${program} is not on the PATH`);
      if (error.killed === true) return fail(`no answer within ${timeoutMs / 1000} s`);
      fail(errorLine(stderr) ?? `${program} failed with ${error.signal ?? `exit code ${error.code}`}`);
    });
  });
}

/** The line of an error output that names the error, which is seldom its last one; Node and Python both write "…Error: …". */
function errorLine(stderr: string): string | undefined {
  const lines = stderr.trim().split('\n');
  return (lines.findLast((line) => /Error\b.*:/.test(line)) ?? lines.at(-1))?.trim() || undefined;
}
