import { mkdir, readdir } from 'node:fs/promises';
import path from 'node:path';
import type { MetricTable } from '../../core/records/metricTable.ts';
import { writePiecesAtomically } from '../directory/atomicFile.ts';
import { eventFile, isEventStep } from './eventFile.ts';

/** TensorBoard reads files whose names contain "tfevents"; an export into the same folder replaces the one before it. */
const fileName = 'events.out.tfevents.0000000000.otb';

/** A folder that has other event files, which TensorBoard would take for parts of the same run. The message is a sentence. */
export class OtherEventsError extends Error {
  override readonly name = 'OtherEventsError';
}

/** The event file that an export into this folder writes. */
export function eventFileIn(folder: string): string {
  return path.join(folder, fileName);
}

/**
 * Writes the metrics as an event file into a folder, which is made if need be and is then a run of TensorBoard. Throws an OtherEventsError,
 * or the system's error.
 */
export async function writeEventFolder(
  folder: string,
  metrics: MetricTable,
): Promise<{ readonly file: string; readonly steps: number; readonly leftOut: number }> {
  await mkdir(folder, { recursive: true });
  const other = (await readdir(folder)).find((name) => name.includes('tfevents') && name !== fileName);
  if (other !== undefined)
    throw new OtherEventsError(
      `${path.join(folder, other)} is there already, and TensorBoard takes all event files of a folder for one run. Name another folder with --out.`,
    );
  const file = eventFileIn(folder);
  await writePiecesAtomically(file, eventFile(metrics));
  const leftOut = metrics.steps.reduce((count, step) => count + (isEventStep(step) ? 0 : 1), 0);
  return { file, steps: metrics.length - leftOut, leftOut };
}
