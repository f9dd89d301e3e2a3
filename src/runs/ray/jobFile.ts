import path from 'node:path';
import { isObject, parse, stringify } from '../../core/records/json.ts';
import { writeAtomically } from '../directory/atomicFile.ts';
import { readTextSync, sizeLimits } from '../directory/regularFile.ts';

/** `ray.json` in a run directory: the job that does the run, by which it is found again. */
export interface JobFile {
  /** URL of the dashboard of the cluster. */
  readonly address: string;
  readonly submissionId: string;
  /** How often the run has been submitted. */
  readonly submission: number;
  /** Bytes of output that the run had before this job. */
  readonly outputBefore: number;
  /** `sending` until the cluster has said that it has the job; `ended` once its end is in the run directory. */
  readonly state: 'sending' | 'sent' | 'ended';
}

const states: readonly unknown[] = ['sending', 'sent', 'ended'] satisfies JobFile['state'][];

/** Null where there is none, or none that can be read: the run is then submitted anew. */
export function readJobFile(runDir: string): JobFile | null {
  let value: unknown;
  try {
    value = parse(readTextSync(fileOf(runDir), sizeLimits.exitRecord));
  } catch {
    return null;
  }
  if (!isObject(value)) return null;
  const { address, submissionId, submission, outputBefore, state } = value;
  if (typeof address !== 'string' || typeof submissionId !== 'string' || submissionId === '') return null;
  if (!isCount(submission) || submission === 0 || !isCount(outputBefore) || !isState(state)) return null;
  return { address, submissionId, submission, outputBefore, state };
}

/** Throws a RunWriteError. */
export function writeJobFile(runDir: string, file: JobFile): void {
  writeAtomically(fileOf(runDir), `${stringify(file, 2)}\n`);
}

function fileOf(runDir: string): string {
  return path.join(runDir, 'ray.json');
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function isState(value: unknown): value is JobFile['state'] {
  return states.includes(value);
}
