import { cp, mkdir, rename, rm } from 'node:fs/promises';
import { constants } from 'node:fs';
import path from 'node:path';
import { branchArguments } from '../core/config/commandTemplate.ts';
import type { ProgramRunConfig } from '../core/config/config.ts';
import { runFiles } from '../core/records/run.ts';
import type { BranchOrigin, PlannedRun } from '../core/records/run.ts';
import { programCheckpoints } from '../runs/branching/programCheckpoints.ts';
import { goneCheckpoint } from '../runs/branching/runPast.ts';
import { RunWriteError } from '../runs/directory/runDirectoryError.ts';
import { readRunRecord } from '../runs/directory/runFile.ts';

/** By which arguments a program goes on; null: it begins. */
export type GoingOn = readonly string[] | null;

/**
 * How the program of a run starts: from its beginning, from where it was, or from the checkpoint of another run, which a run of TRL has in
 * its own directory. A branch that has written no checkpoint of its own goes on from the other run's again. Throws a RunDirectoryError
 * where that is gone.
 */
export async function goingOn(dir: string, planned: PlannedRun, config: ProgramRunConfig, isResumed: boolean): Promise<GoingOn> {
  const { branchedFrom: origin } = planned;
  const resume = isResumed ? (config.resume ?? []) : null;
  if (origin === undefined) return resume;
  if (config.trainer === 'trl') {
    if (!isResumed) await copyCheckpoint((await checkpointOf(origin, config)).dir, path.join(dir, runFiles.checkpoints));
    return config.resume ?? [];
  }
  const own = programCheckpoints(dir, { ...planned, config });
  if (isResumed && (config.branch === null || own.some(({ step }) => step > origin.step))) return resume;
  const { dir: checkpoint } = await checkpointOf(origin, config);
  return branchArguments(config.branch?.arguments ?? [], { checkpoint, step: origin.step });
}

async function checkpointOf({ dir, step }: BranchOrigin, config: ProgramRunConfig): Promise<{ readonly dir: string }> {
  const record = await readRunRecord(dir);
  const found = programCheckpoints(dir, { ...record, config }).find((each) => each.step === step);
  if (found === undefined) throw goneCheckpoint({ dir, step });
  return found;
}

/** As a whole or not at all; where the file system can, without taking the room twice. */
async function copyCheckpoint(from: string, folder: string): Promise<void> {
  const to = path.join(folder, path.basename(from));
  // Of a name that no program takes for a checkpoint.
  const temporary = path.join(folder, `.copied.${process.pid}.tmp`);
  try {
    await mkdir(folder, { recursive: true });
    await cp(from, temporary, { recursive: true, mode: constants.COPYFILE_FICLONE });
    await rm(to, { recursive: true, force: true });
    await rename(temporary, to);
  } catch (error) {
    await rm(temporary, { recursive: true, force: true }).catch(() => undefined);
    throw new RunWriteError(to, error);
  }
}
