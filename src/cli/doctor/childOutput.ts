import { execFile } from 'node:child_process';

export type ChildOutput = { readonly ok: true; readonly stdout: string } | { readonly ok: false; readonly reason: string };

/** Runs a program and collects what it prints; never rejects: a failure is an answer, with its reason in one line. */
export function childOutput(program: string, args: readonly string[], timeoutMs: number): Promise<ChildOutput> {
  return new Promise((resolve) => {
    execFile(program, args, { timeout: timeoutMs, maxBuffer: 4 << 20, windowsHide: true }, (error, stdout, stderr) => {
      if (error === null) return resolve({ ok: true, stdout });
      if (error.code === 'ENOENT') {
        const isPath = /[\\/]/.test(program);
        return resolve({ ok: false, reason: isPath ? 'there is no such file' : `${program} is not on the PATH` });
      }
      if (error.killed === true) return resolve({ ok: false, reason: `no answer within ${timeoutMs / 1000} s` });
      resolve({ ok: false, reason: errorLine(stderr) ?? `${program} failed with ${error.signal ?? `exit code ${error.code}`}` });
    });
  });
}

/** The line of an error output that names the error, which is seldom its last one; Node and Python both write "…Error: …". */
function errorLine(stderr: string): string | undefined {
  const lines = stderr.trim().split('\n');
  return (lines.findLast((line) => /Error\b.*:/.test(line)) ?? lines.at(-1))?.trim() || undefined;
}
