import os from 'node:os';
import path from 'node:path';
import { createCollapseDetector } from '../core/collapse/detector.ts';
import type { ExitRecord, LaunchRequest, RunRecord } from '../core/records/run.ts';
import { runSchemaVersion } from '../core/records/run.ts';
import { listCheckpoints } from '../runs/directory/checkpoints.ts';
import { readBytesSync, sizeLimits } from '../runs/directory/regularFile.ts';
import { readRun } from '../runs/directory/readRun.ts';
import { RunWriter } from '../runs/directory/runWriter.ts';
import { ownIdentity } from '../runs/process/processIdentity.ts';
import { restoreCheckpoint } from './checkpoint.ts';
import { createEngine, type EngineSite } from './engines/selection.ts';
import { RunJournal, unixTime } from './journal.ts';
import { createTask } from './tasks/taskRegistry.ts';
import { train } from './training.ts';
import { warmStart } from './warmStart.ts';

/** The whole life of a run's process: trains as requested and leaves a complete run directory behind. Returns the exit code. */
export async function runProcess(request: LaunchRequest, site: EngineSite): Promise<number> {
  const resumed = request.kind === 'resume' ? await readRun(request.runDir) : undefined;
  const planned = request.kind === 'start' ? request.run : resumed!.record;
  const { config } = planned;
  const task = createTask(config);
  const wanted = request.kind === 'start' ? request.engine : resumed!.record.engine;
  const { engine, reason } = await createEngine(wanted, task, config, request.threads, site);
  const identity = await ownIdentity();
  console.log(`engine: ${engine.name} on ${engine.device} (${reason})`);

  let writer: RunWriter;
  if (resumed) {
    writer = RunWriter.resume(request.runDir);
  } else {
    const record: RunRecord = {
      ...planned,
      ...identity,
      schemaVersion: runSchemaVersion,
      command: process.argv,
      host: os.hostname(),
      engine: engine.name,
      device: engine.device,
      engineReason: reason,
      createdAt: new Date().toISOString(),
    };
    writer = RunWriter.create(request.runDir, record);
  }

  const journal = new RunJournal(writer, engine, config, task.vocabulary);
  journal.listen('SIGTERM', 'SIGINT', 'SIGHUP');
  const checkpoint = listCheckpoints(request.runDir).at(-1);
  const doneSteps = checkpoint?.step ?? 0;
  journal.lifecycle('started', doneSteps, { ...identity, resumed: resumed !== undefined });
  let exit: Pick<ExitRecord, 'reason' | 'message' | 'lastStep'>;
  try {
    if (checkpoint) restoreCheckpoint(engine, (name) => readBytesSync(path.join(checkpoint.dir, name), sizeLimits.tensors));
    const started = checkpoint
      ? 'resumed'
      : await warmStart(engine, task, config, request.cacheDir, {
          log: (line) => console.log(line),
          stopRequested: () => journal.stopRequested(0),
        });
    exit =
      started === 'stopped'
        ? { reason: 'stopped', message: 'Stopped on request during the warm start.', lastStep: 0 }
        : await train({
            config,
            engine,
            journal,
            doneSteps,
            detector: createCollapseDetector({ estimator: config.estimator, maxGradNorm: config.optimizer.maxGradNorm }),
            history: resumed ? [...resumed.metrics.records()].filter(({ step }) => step <= doneSteps) : [],
            now: () => performance.now() / 1000,
          });
  } catch (error) {
    exit = { reason: 'failed', message: error instanceof Error ? error.message : String(error), lastStep: doneSteps };
    console.error(error);
  }
  const failed = exit.reason === 'failed';
  console.log(exit.message);
  try {
    journal.lifecycle(failed ? 'failed' : 'finished', exit.lastStep, { reason: exit.reason, message: exit.message });
  } finally {
    // Tried also where the event could not be written: without this file nobody knows how the run ended.
    writer.writeExit({ ...exit, code: failed ? 1 : 0, signal: null, time: unixTime() });
  }
  writer.close();
  await engine.dispose();
  return failed ? 1 : 0;
}
