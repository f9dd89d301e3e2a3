import os from 'node:os';
import { durationText } from '../../core/notation.ts';
import { printableLine } from '../../core/printable.ts';
import { reasonIn } from './clusterFault.ts';
import type { JobInfo, JobStatus } from './jobInfo.ts';

/** Characters of Ray's message that are shown where nothing better is known. */
const mostShown = 300;

/**
 * One sentence on why a job failed, with what to do where that is known. What the program itself had to say is in its log. Wordings are
 * those of Ray 2.60, `dashboard/modules/job/job_manager.py` and `job_supervisor.py`.
 */
export function failureSentence({ errorType, message, exitCode }: Pick<JobInfo, 'errorType' | 'message' | 'exitCode'>): string {
  const seconds = /failed to start within ([\d.]+) seconds/.exec(message)?.[1];
  switch (errorType) {
    case 'JOB_ENTRYPOINT_COMMAND_ERROR':
      return entrypointSentence(exitCode ?? codeIn(message));
    case 'RUNTIME_ENV_SETUP_FAILURE':
      return `Ray could not set up the runtime environment: ${withoutPrefix(message, 'runtime_env setup failed: ')} See "runtimeEnv" in the config.`;
    case 'JOB_SUPERVISOR_ACTOR_START_TIMEOUT':
      return (
        `The job did not get what it asks of the cluster${seconds === undefined ? '' : ` within ${durationText(Number(seconds))}`}. ` +
        'See what is free with `ray status`, then lower "entrypointResources" in the config.'
      );
    case 'JOB_SUPERVISOR_ACTOR_START_FAILURE':
      return startSentence(message);
    case 'JOB_SUPERVISOR_ACTOR_UNSCHEDULABLE':
      return `No node of the cluster can take the job: ${withoutPrefix(message, 'Job supervisor actor could not be scheduled: ')}`;
    case 'JOB_SUPERVISOR_ACTOR_DIED':
      return `The node or the process of Ray that ran the job died: ${withoutPrefix(message, 'Job supervisor actor died: ')}`;
    case 'JOB_ENTRYPOINT_COMMAND_START_ERROR':
      return `Ray could not start the program: ${sentence(reasonIn(message))}`;
    default:
      return exitCode !== null && exitCode !== 0 ? entrypointSentence(exitCode) : `The job failed: ${firstLine(message)}`;
  }
}

/** A cluster that had a job, and does not know it any more. */
export function forgottenSentence(url: string, id: string): string {
  return (
    `The Ray cluster at ${url} does not know the job ${id} any more: it was started anew, or somebody deleted the job. ` +
    'Resume the run to submit it again.'
  );
}

/** A log that the cluster does not give out. */
export function unreadableSentence(problem: string): string {
  const remedy = /UnicodeDecodeError/.test(problem)
    ? ' The program printed what is no UTF-8, and Ray gives no log out that is not all text: change what it prints, or write metrics into files.'
    : '';
  return `The end of the job's log cannot be read. ${sentence(problem)}${remedy}`;
}

/** A job that was asked to end, and has not in `seconds`; `status` null: the cluster does not answer. */
export function unstoppedSentence(url: string, id: string, status: JobStatus | null, seconds: number): string {
  const problem =
    status === null
      ? `The Ray cluster at ${url} does not answer, and the job may go on.`
      : status === 'PENDING'
        ? 'The job still waits on the Ray cluster, which ends a job only once it has begun. It was asked to.'
        : `The job still runs ${durationText(seconds)} after the Ray cluster was asked to end it.`;
  return `${problem} See to it with: ray job stop --address ${url} ${id}`;
}

function entrypointSentence(code: number | null): string {
  if (code === null) return 'The program failed.';
  if (code >= 0) return `The program ended with exit code ${code}.`;
  const signal = Object.entries(os.constants.signals).find(([, number]) => number === -code)?.[0] ?? `signal ${-code}`;
  return signal === 'SIGKILL'
    ? 'The program was killed by SIGKILL, as a node that runs out of memory does.'
    : `The program was ended by ${signal}.`;
}

function startSentence(message: string): string {
  const [, reason] = /^Failed to start supervisor actor \S+: '([^\n]*)'\. Full traceback:/.exec(message) ?? [];
  const remedy = /is not a valid path/.test(message)
    ? ' "working_dir" in "runtimeEnv" is a folder that the head of the cluster sees, or the URL of a zip file.'
    : '';
  return `Ray could not start the job: ${sentence(reason === undefined ? reasonIn(message) : printableLine(reason).slice(0, mostShown))}${remedy}`;
}

function codeIn(message: string): number | null {
  const [, code] = /failed with exit code (-?\d+)/.exec(message) ?? [];
  return code === undefined ? null : Number(code);
}

function withoutPrefix(message: string, prefix: string): string {
  return firstLine(message.startsWith(prefix) ? message.slice(prefix.length) : message);
}

function firstLine(text: string): string {
  const line = text.split('\n').find((each) => each.trim() !== '') ?? 'Ray does not say why';
  return sentence(printableLine(line.trim()).slice(0, mostShown));
}

function sentence(text: string): string {
  return /[.!?…]$/.test(text) ? text : `${text}.`;
}
