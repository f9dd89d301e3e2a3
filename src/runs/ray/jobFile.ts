import { closeSync, writeSync } from 'node:fs';
import path from 'node:path';
import { isObject, parse, stringify } from '../../core/records/json.ts';
import { writeAtomically } from '../directory/atomicFile.ts';
import { openForOverwriting } from '../directory/ownFile.ts';
import { readTextSync, sizeLimits } from '../directory/regularFile.ts';

/** `ray.json` in a run directory: the job that does the run, by which it is found again. */
export interface JobFile {
  /** URL of the dashboard of the cluster. */
  readonly address: string;
  readonly submissionId: string;
  /** How often the run has been submitted. */
  readonly submission: number;
  /** `sending` until the cluster has said that it has the job; `ended` once its end is in the run directory. */
  readonly state: 'sending' | 'sent' | 'ended';
}

/** Null where there is none, or none that can be read: the run is then submitted anew. */
export function readJobFile(runDir: string): JobFile | null {
  const value = readJson(fileIn(runDir));
  if (!isObject(value)) return null;
  const { address, submissionId, submission, state } = value;
  if (typeof address !== 'string' || typeof submissionId !== 'string' || submissionId === '') return null;
  if (!isCount(submission) || submission === 0 || (state !== 'sending' && state !== 'sent' && state !== 'ended')) return null;
  return { address, submissionId, submission, state };
}

/** Throws a RunWriteError. */
export function writeJobFile(runDir: string, file: JobFile): void {
  writeAtomically(fileIn(runDir), `${stringify(file, 2)}\n`);
}

/** `ray.position`: how far a job's log has been taken, at the end of a line. */
export interface LogPosition {
  readonly submissionId: string;
  /** Bytes of the job's log that are in the run's output. */
  readonly taken: number;
  /** Bytes of the file with the output at that time. */
  readonly outputSize: number;
}

const positionBytes = 400;

/** Bytes of a job's log that are in the run's output, which has `outputSize` bytes now; 0 where nobody has said. */
export function takenOf(runDir: string, submissionId: string, outputSize: number): number {
  const value = readJson(positionIn(runDir));
  if (!isObject(value) || value['submissionId'] !== submissionId) return 0;
  const { taken, outputSize: before } = value;
  if (!isCount(taken) || !isCount(before)) return 0;
  // What came after that was said, before the process was killed, is in the output too.
  return taken + Math.max(0, outputSize - before);
}

/** Overwrites it in place, about once a second for as long as a run prints: all of it in one call of the system. Throws the system's error. */
export function writePosition(runDir: string, position: LogPosition): void {
  const descriptor = openForOverwriting(positionIn(runDir));
  try {
    writeSync(descriptor, `${stringify(position)}`.padEnd(positionBytes - 1) + '\n', 0);
  } finally {
    closeSync(descriptor);
  }
}

function readJson(file: string): unknown {
  try {
    return parse(readTextSync(file, sizeLimits.exitRecord));
  } catch {
    return undefined;
  }
}

function fileIn(runDir: string): string {
  return path.join(runDir, 'ray.json');
}

function positionIn(runDir: string): string {
  return path.join(runDir, 'ray.position');
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
