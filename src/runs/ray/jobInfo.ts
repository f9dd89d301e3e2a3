import { isObject } from '../../core/records/json.ts';

/** Ray's states of a job, of which the last three are final. */
export type JobStatus = 'PENDING' | 'RUNNING' | 'STOPPED' | 'SUCCEEDED' | 'FAILED';

/** What a cluster says of a job: `GET /api/jobs/ID` (Ray 2.60), as far as it is of use here. */
export interface JobInfo {
  readonly submissionId: string;
  readonly status: JobStatus;
  /** Why it is in that state, in Ray's words, of which there may be many. */
  readonly message: string;
  /** Of a failure, e.g. RUNTIME_ENV_SETUP_FAILURE. */
  readonly errorType: string | null;
  /** Of the entrypoint: a negative one is a signal's number. */
  readonly exitCode: number | null;
  readonly metadata: Readonly<Record<string, unknown>>;
}

const statuses: readonly string[] = ['PENDING', 'RUNNING', 'STOPPED', 'SUCCEEDED', 'FAILED'] satisfies JobStatus[];

/** Narrows an answer; undefined where it is no job. */
export function parseJobInfo(value: unknown): JobInfo | undefined {
  if (!isObject(value)) return undefined;
  const { submission_id: submissionId, status, message, error_type: errorType, driver_exit_code: exitCode, metadata } = value;
  if (typeof submissionId !== 'string' || !isStatus(status)) return undefined;
  return {
    submissionId,
    status,
    message: typeof message === 'string' ? message : '',
    errorType: typeof errorType === 'string' ? errorType : null,
    exitCode: typeof exitCode === 'number' && Number.isSafeInteger(exitCode) ? exitCode : null,
    metadata: isObject(metadata) ? metadata : {},
  };
}

/** Whether a job has ended, however. */
export function hasEnded({ status }: Pick<JobInfo, 'status'>): boolean {
  return status !== 'PENDING' && status !== 'RUNNING';
}

/** Narrows what a look at a job came to. */
export function isJob(info: JobInfo | Error | null): info is JobInfo {
  return info !== null && !(info instanceof Error);
}

function isStatus(value: unknown): value is JobStatus {
  return typeof value === 'string' && statuses.includes(value);
}
