import { statSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { commandLine, filledIn } from '../core/config/commandTemplate.ts';
import type { CommandVariables } from '../core/config/commandTemplate.ts';
import type { ProgramRunConfig } from '../core/config/config.ts';
import { isProgram } from '../core/config/programConfig.ts';
import { runFiles, runSchemaVersion } from '../core/records/run.ts';
import type { ExitRecord, LaunchRequest, PlannedRun, RunRecord } from '../core/records/run.ts';
import { unixTime } from '../core/records/unixTime.ts';
import { usualPython } from '../runs/launcher/pythonChoice.ts';
import { workingFolder } from '../runs/launcher/workingFolder.ts';
import { branchSentence } from '../runs/branching/automaticBranch.ts';
import { branchedEvent, readPast } from '../runs/branching/runPast.ts';
import { holdRun, readResumed } from '../runs/process/heldRun.ts';
import { GpuLeases } from '../runs/gpus/gpuLeases.ts';
import { gpuEnvironment } from '../runs/gpus/visibleGpus.ts';
import { ownIdentity } from '../runs/process/processIdentity.ts';
import { newMark, treeVariables } from '../runs/process/processTree.ts';
import { RunWriter } from '../runs/directory/runWriter.ts';
import { goingOn } from './branchStart.ts';
import { takePrinted } from './killedRun.ts';
import { LocalProgram } from './localProgram.ts';
import type { Program, ProgramEnd } from './program.ts';
import { givenEnvironment, programEnvironment, secretsIn } from './programEnvironment.ts';
import type { Environment } from './programEnvironment.ts';
import { ProgramJournal } from './programJournal.ts';
import { RayJob } from './rayJob.ts';
import { withoutSecrets } from './secretMask.ts';
import { Supervision } from './supervision.ts';
import { trlEnvironment } from './trlEnvironment.ts';

/**
 * The whole life of a supervisor: runs a program, writes what it prints and logs into a complete run directory, and ends it where that is
 * asked for. Returns the exit code. Throws a RunDirectoryError where the run is another process's, or where nothing can be written.
 *
 * @param entry this program itself
 */
export function superviseRun(request: LaunchRequest, entry: string): Promise<number> {
  return holdRun(request, () => superviseAlone(request, entry));
}

async function superviseAlone(request: LaunchRequest, entry: string): Promise<number> {
  const dir = request.runDir;
  const resumed = request.kind === 'resume' ? await readResumed(dir) : undefined;
  const planned: PlannedRun | undefined = request.kind === 'start' ? request.run : resumed?.record;
  if (planned === undefined || !isProgram(planned.config)) throw new Error('This run has no command: the built-in trainer takes it.');
  const { config } = planned;
  // The process that has taken them for the run may end before it.
  if (request.gpus !== undefined) await new GpuLeases().hold(dir);
  const identity = await ownIdentity();
  const variables = variablesOf(planned, request);
  const past = request.kind === 'start' && planned.branchedFrom ? await readPast(planned.branchedFrom) : undefined;
  const going = await goingOn(dir, planned, config, resumed !== undefined);
  const start = { command: config.command, resume: going };
  const command = commandLine(start, variables, going !== null);
  const record: RunRecord = resumed?.record ?? {
    ...planned,
    ...identity,
    schemaVersion: runSchemaVersion,
    command,
    host: os.hostname(),
    engine: config.trainer,
    device: request.gpus === undefined ? '' : `GPU ${request.gpus.join(', ')}`,
    engineReason: '',
    createdAt: new Date().toISOString(),
  };
  const inherited = past && { metrics: past.metrics, events: [...past.events, branchedEvent(past.record, record, past.origin)] };
  const writer = resumed ? RunWriter.resume(dir) : RunWriter.create(dir, record, inherited);
  let supervision: Supervision | undefined;
  const journal = new ProgramJournal(writer, record, resumed?.metrics ?? past?.table, () => supervision?.noteCollapse());
  // The number of records tells where among them this process began, which no clock can.
  const found = resumed ? { records: resumed.records } : past && { records: past.metrics.length };
  journal.lifecycle('started', { ...identity, resumed: resumed !== undefined, tellsSettled: true, ...found });
  let program: Program | undefined;
  let end: ProgramEnd;
  try {
    const mark = newMark();
    const cwd = path.resolve(workingFolder(dir, planned), config.cwd ?? '.');
    const env = environmentOf(config, variables, { cwd, mark, request, entry });
    journal.secrets = secretsIn(env);
    if (config.command.length === 0) throw new Error('The run has no command: its run.json was changed. Start it again from its config.');
    supervision = new Supervision({
      config,
      journal,
      writer,
      env,
      gpus: request.gpus,
      metricsPath: config.metrics.path === null ? null : path.resolve(cwd, filledIn(config.metrics.path, variables, env)),
    });
    const filled = commandLine(start, variables, going !== null, env);
    const lastStep = (): number | null => (journal.count === 0 ? null : journal.lastStep);
    const earlierStep = journal.lastStep === 0 ? null : journal.lastStep;
    const { python } = variables;
    // A job went on while nobody watched it, a program of this machine for a moment. What had been told of it is not told again.
    if (resumed?.exit === null && config.trainer !== 'command') await takePrinted(dir, config, resumed.metrics, journal);
    if (config.trainer === 'ray') {
      const { estimator, seed, group } = planned;
      const { address, headers, runtimeEnv, metadata, entrypointResources } = config;
      program = new RayJob({
        ...{ runDir: dir, estimator, seed, group, command: filled, python, lastStep, earlierStep },
        ...{ address, headers, runtimeEnv, metadata, entrypointResources },
        env: { ...givenEnvironment(config, env, cwd), OTB_ESTIMATOR: estimator, OTB_SEED: String(seed) },
        cwd,
        environment: env,
        host: os.hostname(),
        isResumed: resumed !== undefined,
        canSubmitAgain: config.resume !== null,
        stopSeconds: config.stop.interruptSeconds + config.stop.terminateSeconds,
        folder: () => writer.dir,
        outputSize: () => statSync(path.join(writer.dir, runFiles.stdout), { throwIfNoEntry: false })?.size ?? 0,
      });
    } else {
      const { trainer: of, stop } = config;
      program = new LocalProgram({
        of,
        command: filled,
        cwd,
        env,
        stop,
        mark,
        runDir: dir,
        gpus: request.gpus,
        entry,
        python,
        lastStep,
        earlierStep,
        steps: of === 'trl' ? config.steps : null,
      });
    }
    end = await supervision.run(program);
  } catch (error) {
    end = { code: null, signal: null, describe: () => ({ reason: 'failed', message: (error as Error).message }) };
  }
  const branch = supervision?.stopped === 'collapsed' && config.onCollapse === 'branch' ? ` ${await branchSentence(writer.dir)}` : '';
  const code = finish(end, { config, journal, writer, supervision, branch });
  program?.settled?.();
  return code;
}

function variablesOf(
  { estimator, seed, name }: PlannedRun,
  { runDir, gpus = [], python = usualPython.program }: LaunchRequest,
): CommandVariables {
  return { estimator, seed: String(seed), name, runDir, gpus: gpus.join(','), python };
}

function environmentOf(
  config: ProgramRunConfig,
  variables: CommandVariables,
  { cwd, mark, request, entry }: { readonly cwd: string; readonly mark: string; readonly request: LaunchRequest; readonly entry: string },
): Environment {
  const { gpus } = request;
  const added = {
    [treeVariables.runDir]: request.runDir,
    [treeVariables.mark]: mark,
    OTB_ESTIMATOR: variables.estimator,
    OTB_SEED: variables.seed,
    ...(gpus && gpuEnvironment(gpus, process.env)),
  };
  const env = programEnvironment(config, variables, { base: process.env, folder: cwd, added });
  return config.trainer === 'trl' ? trlEnvironment(env, { config, entry, gpus }) : env;
}

function finish(
  end: ProgramEnd,
  run: {
    readonly config: ProgramRunConfig;
    readonly journal: ProgramJournal;
    readonly writer: RunWriter;
    readonly supervision: Supervision | undefined;
    /** What becomes of it, to follow how it ended; empty: nothing. */
    readonly branch: string;
  },
): number {
  const { journal, writer, supervision, branch } = run;
  const { reason, message } = exitOf(end, run);
  const exit = { reason, message: withoutSecrets(`${message}${branch}`, journal.secrets) };
  journal.lifecycle(exit.reason === 'failed' ? 'failed' : 'finished', { reason: exit.reason, message: exit.message });
  try {
    writer.writeExit({ ...exit, code: end.code, signal: end.signal, lastStep: journal.lastStep, time: unixTime() });
  } finally {
    supervision?.close();
    writer.close();
  }
  return exit.reason === 'failed' ? 1 : 0;
}

function exitOf(
  end: ProgramEnd,
  {
    config,
    journal,
    supervision,
  }: { readonly config: ProgramRunConfig; readonly journal: ProgramJournal; readonly supervision: Supervision | undefined },
): Pick<ExitRecord, 'reason' | 'message'> {
  if (supervision?.stopped === 'collapsed')
    return {
      reason: 'collapsed',
      message: `Stopped after step ${journal.lastStep}, because it had collapsed and its config says "onCollapse": "${config.onCollapse}".`,
    };
  const { reason, message } = end.describe();
  if (supervision?.stopped === 'asked') return { reason: 'stopped', message };
  const quiet = reason === 'completed' ? supervision?.quietSentence(null) : undefined;
  return { reason, message: quiet ?? message };
}
