import os from 'node:os';
import path from 'node:path';
import { builtinConfig } from '../core/config/programConfig.ts';
import type { BranchOrigin, ExitRecord, LaunchRequest, RunRecord } from '../core/records/run.ts';
import { plannedIdentity } from '../core/records/runIdentity.ts';
import { unixTime } from '../core/records/unixTime.ts';
import { runFiles, runSchemaVersion } from '../core/records/run.ts';
import { branchSentence } from '../runs/branching/automaticBranch.ts';
import { branchedEvent, readCheckpoint, readPast } from '../runs/branching/runPast.ts';
import type { RunPast } from '../runs/branching/runPast.ts';
import { listCheckpoints, stepName } from '../runs/directory/checkpoints.ts';
import { readBytesSync, sizeLimits } from '../runs/directory/regularFile.ts';
import { detectorFor } from '../runs/inspection/detectCollapse.ts';
import { holdRun, readResumed } from '../runs/process/heldRun.ts';
import { RunDirectoryError } from '../runs/directory/runDirectoryError.ts';
import { RunWriter } from '../runs/directory/runWriter.ts';
import type { Inherited } from '../runs/directory/runWriter.ts';
import { ownIdentity } from '../runs/process/processIdentity.ts';
import { restoreCheckpoint } from './checkpoint.ts';
import type { Engine } from './engines/engine.ts';
import { EngineUnusableError, type EngineSite } from './engines/engineEntry.ts';
import { createEngine, type EngineChoice, type EngineRequest } from './engines/selection.ts';
import { RunJournal } from './journal.ts';
import { createTask } from './tasks/taskRegistry.ts';
import { train } from './training.ts';
import { warmStart } from './warmStart.ts';

/**
 * The whole life of a run's process: trains as requested and leaves a complete run directory behind. Returns the exit code. Throws a
 * RunDirectoryError where the run is another process's, or where nothing can be written.
 */
export async function runProcess(request: LaunchRequest, site: EngineSite): Promise<number> {
  return holdRun(request, () => trainAlone(request, site));
}

async function trainAlone(request: LaunchRequest, site: EngineSite): Promise<number> {
  const resumed = request.kind === 'resume' ? await readResumed(request.runDir) : undefined;
  const planned = request.kind === 'start' ? request.run : resumed!.record;
  const config = builtinConfig(planned.config);
  const task = createTask(config);
  const origin = request.kind === 'start' ? request.run.branchedFrom : undefined;
  const past = origin && (await readPast(origin));
  const asked = request.kind === 'start' ? request.engine : resumed!.record.engine;
  // A branch goes on as its run would have.
  const begun = resumed?.record ?? (asked === 'auto' ? past?.record : undefined);
  const setup = { task, config, threads: request.threads, site, cacheDir: request.cacheDir };
  const { engine, reason } = await (begun ? goOn(begun, setup) : createEngine(asked, setup));
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
    writer = RunWriter.create(request.runDir, record, origin && past && inheritedFrom(origin, past, record, engine));
  }

  const before = resumed ?? (past && { records: past.metrics.length });
  const journal = new RunJournal(writer, engine, config, task.vocabulary);
  journal.listen('SIGTERM', 'SIGINT', 'SIGHUP');
  const checkpoint = listCheckpoints(request.runDir).at(-1);
  const doneSteps = checkpoint?.step ?? 0;
  let exit: Pick<ExitRecord, 'reason' | 'message' | 'lastStep'>;
  try {
    // The number of records tells where among them this process began, which no clock can.
    const found = before && { records: before.records };
    journal.lifecycle('started', doneSteps, { ...identity, resumed: resumed !== undefined, tellsSettled: true, ...found });
    if (checkpoint) {
      restoreCheckpoint(engine, {
        dir: checkpoint.dir,
        remedy: 'Delete its folder, and resume the run: it goes on from the checkpoint before.',
        read: (name) => readBytesSync(path.join(checkpoint.dir, name), sizeLimits.tensors),
      });
    }
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
            detector: detectorFor(plannedIdentity(planned)),
            history: past?.metrics ?? (resumed ? [...resumed.metrics.records()].filter(({ step }) => step <= doneSteps) : []),
            now: () => performance.now() / 1000,
          });
  } catch (error) {
    exit = { reason: 'failed', message: messageOf(error), lastStep: journal.lastStep ?? doneSteps };
    console.error(error);
  }
  const failed = exit.reason === 'failed';
  const branch = exit.reason === 'collapsed' && config.onCollapse === 'branch' ? ` ${await branchSentence(writer.dir)}` : '';
  const message = `${exit.message}${branch}${movedTo(writer)}`;
  console.log(message);
  try {
    journal.lifecycle(failed ? 'failed' : 'finished', exit.lastStep, { reason: exit.reason, message });
  } catch (error) {
    // The disk is full, or the directory is gone: exit.json says what there is to say, as far as it can be written.
    console.error(messageOf(error));
  }
  try {
    writer.writeExit({ ...exit, message, code: failed ? 1 : 0, signal: null, time: unixTime() });
  } finally {
    writer.close();
    await engine.dispose();
  }
  return failed ? 1 : 0;
}

/** The engine that a run began with: with another one its steps would not be the same. */
async function goOn({ id, engine }: RunRecord, setup: EngineRequest): Promise<EngineChoice> {
  try {
    const chosen = await createEngine(engine, setup);
    return { ...chosen, reason: `the one that ${id} began with` };
  } catch (error) {
    if (!(error instanceof EngineUnusableError)) throw error;
    const remedy = `Run ${id} began with it and goes on with no other. To train on from a checkpoint of it with another engine: otb run --branch ${id} --engine wasm-simd.`;
    throw new EngineUnusableError(error.problem, remedy);
  }
}

/** What a branch has from its run, whose checkpoint the engine can take: so that one which it cannot leaves no run behind. */
function inheritedFrom(origin: BranchOrigin, { record: of, metrics, events }: RunPast, record: RunRecord, engine: Engine): Inherited {
  const { step } = origin;
  const dir = path.join(origin.dir, runFiles.checkpoints, stepName(step));
  const files = readCheckpoint(origin);
  const read = (name: string): Uint8Array => {
    const file = files[name];
    if (file === undefined) throw new Error('it is not there');
    return file;
  };
  const found = restoreCheckpoint(engine, { dir, remedy: 'Branch from another checkpoint of the run.', read });
  if (found !== step)
    throw new RunDirectoryError(dir, `it is the checkpoint of step ${found}`, 'Branch from another checkpoint of the run.');
  const branched = branchedEvent(of, record, origin);
  return { metrics, events: [...events, branched], checkpoint: { step, files } };
}

/** What an error says; never empty. */
function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return error.errors.map(messageOf).join('; ');
  const { name, message } = error instanceof Error ? error : { name: 'The run failed', message: String(error) };
  return message.trim() === '' ? `${name}, without a message.` : message;
}

/** What a reader of the old path has to know. */
function movedTo(writer: RunWriter): string {
  try {
    const { dir } = writer;
    return writer.wasMoved ? ` The run directory was moved or renamed during the run, to ${dir}.` : '';
  } catch {
    return '';
  }
}
