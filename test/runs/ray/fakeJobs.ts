import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { isObject } from '../../../src/core/records/json.ts';
import { FakeHead, exchanges } from './fakeHead.ts';

/** A head that runs its jobs on this machine, as a real one does: `sh -c` in a session of its own, both streams in one log. */
export async function headWithJobs(token: string | null = null): Promise<FakeHead> {
  const head = await FakeHead.start(token);
  const children = new Map<string, ChildProcess>();
  head.onSubmit = (id) => {
    const { entrypoint, runtime_env: runtimeEnv } = head.job(id).info;
    const { working_dir: cwd, env_vars: variables } = isObject(runtimeEnv) ? runtimeEnv : {};
    head.job(id).log = '2026-11-27 21:21:13,905\tINFO job_manager.py:581 -- Runtime env is setting up.\n';
    if (typeof cwd === 'string' && !existsSync(cwd)) return head.end(id, failedFor(cwd));
    const child = spawn('sh', ['-c', String(entrypoint)], {
      ...(typeof cwd === 'string' ? { cwd } : {}),
      env: { ...process.env, ...(isObject(variables) ? (variables as Record<string, string>) : {}) },
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    children.set(id, child);
    head.print(id, `Running entrypoint for job ${id}: ${String(entrypoint)}\n`);
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => head.print(id, text));
    child.once('close', (code, signal) => {
      const isStopped = head.stopped.has(id);
      if (isStopped) head.end(id, { status: 'STOPPED', message: 'Job was intentionally stopped.' });
      else if (code === 0) head.end(id, { status: 'SUCCEEDED', message: 'Job finished successfully.', driver_exit_code: 0 });
      else {
        const exitCode = code ?? (signal === 'SIGKILL' ? -9 : -15);
        const message = `Job entrypoint command failed with exit code ${exitCode}, last available logs (truncated to 20,000 chars):\n`;
        const changes = { status: 'FAILED', error_type: 'JOB_ENTRYPOINT_COMMAND_ERROR', driver_exit_code: exitCode };
        head.end(id, { ...changes, message: message + head.job(id).log.slice(-1000) });
      }
    });
  };
  head.onStop = (id) => {
    const { pid } = children.get(id) ?? {};
    if (pid !== undefined) process.kill(-pid, 'SIGTERM');
  };
  return head;
}

function failedFor(folder: string): Record<string, unknown> {
  const jobs = exchanges.findLast(({ request }) => request.path === '/api/jobs/')?.response.body;
  const failed = (jobs as readonly Record<string, unknown>[]).find(({ submission_id: id }) => id === 'otb-bad-env');
  const { status, error_type: errorType, message } = failed ?? {};
  return { status, error_type: errorType, message: String(message).replaceAll('/nowhere', folder) };
}
