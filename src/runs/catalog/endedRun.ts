import { closeSync, existsSync, fstatSync, readSync, statSync } from 'node:fs';
import path from 'node:path';
import { parseEvent } from '../../core/records/events.ts';
import { parseMetrics } from '../../core/records/metrics.ts';
import { runFiles } from '../../core/records/run.ts';
import type { RunRecord } from '../../core/records/run.ts';
import { parseExitRecord, parseRunRecord } from '../../core/records/runRecord.ts';
import { stateAfter } from '../../core/records/runState.ts';
import { LineSplitter } from '../directory/lineSplitter.ts';
import { openRegularSync, readTextSync, sizeLimits } from '../directory/regularFile.ts';
import type { RunAssignment } from '../sources/foreignIdentity.ts';
import { KnownKeys, chosenOf, identityKnowing } from '../sources/knownKeys.ts';
import { directorySignature, signedFiles } from './directorySignature.ts';
import { SampledMetrics, samples } from './sampledMetrics.ts';
import type { RunOverview } from './runOverview.ts';
import { RunReading } from './runReading.ts';

/** A run whose process has said how it ended, as a catalog lists it. */
export interface EndedRun {
  readonly overview: RunOverview;
  /** What its directory looked like before it was read. */
  readonly signature: string;
}

/** How much of a run's metrics is read for its last numbers. */
export const lastBytes = 32 << 10;
/** Events of a run take a few kilobytes. */
const mostEventBytes = 1 << 20;

/**
 * Reads at once what a catalog tells of a run that has ended, as a `CatalogEntry` would that follows it: for threads that have many to
 * read. Undefined where it has not ended, or anything about its files is out of the ordinary: then it has to be followed.
 */
export function readEndedRun(dir: string, assigned?: RunAssignment): EndedRun | undefined {
  try {
    return read(dir, assigned);
  } catch {
    return undefined;
  }
}

function read(dir: string, assigned: RunAssignment | undefined): EndedRun | undefined {
  const signature = directorySignature(signedFiles(dir).map((file) => statSync(file, { throwIfNoEntry: false })));
  const record = parseRunRecord(readTextSync(path.join(dir, runFiles.run), sizeLimits.runRecord));
  const exit = parseExitRecord(readTextSync(path.join(dir, runFiles.exit), sizeLimits.exitRecord));
  if (typeof record === 'string' || !exit) return undefined;
  const lines = readTextSync(path.join(dir, runFiles.events), mostEventBytes).split('\n').slice(0, -1);
  const events = lines.flatMap((line) => parseEvent(line) ?? []);
  const reading = new RunReading(dir);
  reading.take({ type: 'identity', identity: identityKnowing(record, undefined, assigned) });
  if (events.length > 0) reading.take({ type: 'events', events });
  const metrics = path.join(dir, runFiles.metrics);
  // A run may have ended before its first step.
  if (existsSync(metrics)) readMetrics(metrics, reading, record, assigned);
  reading.take({ type: 'state', state: stateAfter(exit), exit });
  const overview = reading.overview();
  return overview && { overview, signature };
}

function readMetrics(file: string, reading: RunReading, record: RunRecord, assigned: RunAssignment | undefined): void {
  const descriptor = openRegularSync(file);
  try {
    const { size } = fstatSync(descriptor);
    const from = Math.max(0, size - lastBytes);
    const bytes = Buffer.allocUnsafe(size - from);
    const splitter = new LineSplitter();
    if (from > 0) splitter.skipLine();
    const lines = splitter.feed(bytes.subarray(0, readSync(descriptor, bytes, 0, bytes.length, from)));
    const records = lines.flatMap((line) => parseMetrics(line) ?? []);
    if (records.length === 0) return;
    const keys = new KnownKeys(chosenOf(record, assigned));
    if (keys.takeRecords(records)) reading.take({ type: 'identity', identity: identityKnowing(record, keys.found, assigned) });
    reading.take({ type: 'metrics', records });
    if ((reading.firstStep ?? 0) <= 1) return;
    const sampled = new SampledMetrics(size, samples);
    for (const offset of sampled.offsets) sampled.take(offset, readSync(descriptor, sampled.window, 0, sampled.window.length, offset));
    reading.addEarlier(sampled.records);
  } finally {
    closeSync(descriptor);
  }
}
