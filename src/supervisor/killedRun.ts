import path from 'node:path';
import type { ProgramRunConfig } from '../core/config/config.ts';
import { isProgram, nounOf } from '../core/config/programConfig.ts';
import type { MetricTable } from '../core/records/metricTable.ts';
import type { MetricsRecord } from '../core/records/metrics.ts';
import { runFiles } from '../core/records/run.ts';
import { unixTime } from '../core/records/unixTime.ts';
import { hasFile } from '../runs/directory/ownFile.ts';
import { readRun } from '../runs/directory/readRun.ts';
import { readRunRecord } from '../runs/directory/runFile.ts';
import { RunWriter } from '../runs/directory/runWriter.ts';
import { endTree } from '../runs/process/endTree.ts';
import type { EndTimes } from '../runs/process/endTree.ts';
import { holdRun } from '../runs/process/heldRun.ts';
import type { OrphanedCommand } from './guard.ts';
import { PrintedMetrics } from './loggedMetrics.ts';
import { ProgramJournal } from './programJournal.ts';

/** Milliseconds that a command has to end after its supervisor was killed, where its config does not say. */
const usualTimes: EndTimes = { interruptMs: 3000, terminateMs: 3000 };

/**
 * Ends what a supervisor that was killed has left of its command, and then writes what the supervisor could not. Nobody goes on with the run
 * meanwhile: two trainings would be at work on one GPU.
 */
export async function endOrphaned({ runDir, tree }: OrphanedCommand): Promise<void> {
  const times = await timesOf(runDir);
  try {
    await holdRun({ kind: 'resume', runDir }, async () => {
      await endTree(tree, times);
      await completeKilled(runDir);
    });
  } catch (error) {
    // Somebody goes on with the run already, or its directory is gone: the command goes all the same.
    await endTree(tree, times);
    throw error;
  }
}

/** How long the command of a run may take to end. Never fails. */
async function timesOf(runDir: string): Promise<EndTimes> {
  try {
    const { config } = await readRunRecord(runDir);
    if (!isProgram(config)) return usualTimes;
    const { interruptSeconds, terminateSeconds } = config.stop;
    return { interruptMs: interruptSeconds * 1000, terminateMs: terminateSeconds * 1000 };
  } catch {
    return usualTimes;
  }
}

/**
 * Logs the steps that had been printed, or written into the run's own directory, when the supervisor was killed, and that are not in
 * `logged`: those after its last step, and of a run that was resumed from before that, those of a later time.
 */
export async function takePrinted(
  runDir: string,
  { metrics }: Pick<ProgramRunConfig, 'metrics'>,
  logged: MetricTable,
  journal: ProgramJournal,
): Promise<void> {
  const name = ownLog(metrics);
  const file = path.join(runDir, name ?? '');
  if (name === undefined || !hasFile(file)) return;
  const { lastStep = 0, times } = logged;
  const latest = times.reduce((most, time) => (time > most ? time : most), Number.NEGATIVE_INFINITY);
  // Of what is printed there is often no time.
  const isNew = ({ step, time }: MetricsRecord): boolean => time > latest || (!(time < latest) && step > lastStep);
  const take = (records: readonly MetricsRecord[]): void => journal.metrics(records.filter(isNew));
  const listener = { metrics: take, forget: () => undefined, restart: () => undefined };
  await new PrintedMetrics(() => file, metrics.format, listener).read(true);
}

/** The file with all that the program of this run has logged, and no other, in its run directory; undefined: there is none for certain. */
function ownLog({ from, path: place }: ProgramRunConfig['metrics']): string | undefined {
  return from === 'stdout' ? runFiles.console : /^\$\{runDir\}\/([^/\\$]+)$/.exec(place ?? '')?.[1];
}

/** Writes what a supervisor that was killed could not: the steps that had been printed, and how the run ended. */
async function completeKilled(runDir: string): Promise<void> {
  if (hasFile(path.join(runDir, runFiles.exit))) return;
  const { record, metrics } = await readRun(runDir);
  const writer = RunWriter.resume(runDir);
  const journal = new ProgramJournal(writer, record, metrics, () => undefined);
  if (isProgram(record.config)) await takePrinted(runDir, record.config, metrics, journal);
  const noun = nounOf(isProgram(record.config) ? record.config.trainer : 'command');
  const message = `The process that watched the ${noun} was killed, so the ${noun} was ended too, after step ${journal.lastStep}.`;
  journal.lifecycle('failed', { reason: 'failed', message });
  writer.writeExit({ code: null, signal: 'SIGKILL', lastStep: journal.lastStep, reason: 'failed', message, time: unixTime() });
  writer.close();
}
