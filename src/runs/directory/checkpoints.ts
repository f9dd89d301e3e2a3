import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { runFiles } from '../../core/records/run.ts';
import { removeQuietly, removeUnfinished, writeNew } from './atomicFile.ts';
import { makeFolder } from './ownFile.ts';
import { RunWriteError } from './runDirectoryError.ts';

export interface Checkpoint {
  readonly step: number;
  readonly dir: string;
}

/** `step-000120`, the name of what belongs to a step; sorts by step up to a million. */
export function stepName(step: number): string {
  return `step-${String(step).padStart(6, '0')}`;
}

/** The complete checkpoints of a run in order of step; none where there is no such folder. */
export function listCheckpoints(runDir: string): readonly Checkpoint[] {
  const folder = path.join(runDir, runFiles.checkpoints);
  const found = new Map(replacedCheckpoints(folder).map(({ step, dir }) => [step, dir]));
  for (const { step, file } of listSteps(folder, '')) found.set(step, file);
  return [...found].map(([step, dir]) => ({ step, dir })).sort((a, b) => a.step - b.step);
}

/** The rollouts that a run wrote, in order of step. */
export function listRollouts(runDir: string): readonly { readonly step: number; readonly file: string }[] {
  return listSteps(path.join(runDir, runFiles.rollouts), '.jsonl');
}

/**
 * Writes the files of a checkpoint, by name, such that it is there as a whole or not at all; one of the same step is replaced.
 * Throws a RunWriteError; checkpoints written before stay.
 */
export function writeCheckpoint(runDir: string, step: number, files: Readonly<Record<string, string | Uint8Array>>): Checkpoint {
  const folder = path.join(runDir, runFiles.checkpoints);
  const dir = path.join(folder, stepName(step));
  const temporary = `${dir}.${process.pid}.tmp`;
  const replaced = `${dir}.${process.pid}.old`;
  try {
    // In a run directory that was deleted nothing must come to life again; a folder of it that was is made anew.
    makeFolder(folder);
    rmSync(temporary, { recursive: true, force: true });
    mkdirSync(temporary);
    for (const [name, content] of Object.entries(files)) writeNew(path.join(temporary, name), content);
    moveAway(dir, replaced);
    renameSync(temporary, dir);
    rmSync(replaced, { recursive: true, force: true });
  } catch (error) {
    removeQuietly(temporary);
    throw new RunWriteError(dir, error);
  }
  return { step, dir };
}

/**
 * Puts in order what processes that were killed have left: a checkpoint that was to be replaced, and was not, gets its name back; what
 * is unfinished is removed. For the run's own process, at a time when it writes no checkpoint. Throws a RunWriteError.
 */
export function tidyCheckpoints(runDir: string): void {
  const folder = path.join(runDir, runFiles.checkpoints);
  removeUnfinished(folder);
  for (const { step, dir } of replacedCheckpoints(folder)) {
    const named = path.join(folder, stepName(step));
    try {
      if (existsSync(named)) rmSync(dir, { recursive: true, force: true });
      else renameSync(dir, named);
    } catch (error) {
      throw new RunWriteError(named, error);
    }
  }
}

/** Checkpoints that have been moved away to make room for new ones of the same step. */
function replacedCheckpoints(folder: string): readonly Checkpoint[] {
  return namesIn(folder).flatMap((name) => {
    const step = /^step-(\d+)\.\d+\.old$/.exec(name)?.[1];
    return step === undefined ? [] : [{ step: Number(step), dir: path.join(folder, name) }];
  });
}

function moveAway(dir: string, to: string): void {
  try {
    renameSync(dir, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

function listSteps(folder: string, extension: string): readonly { readonly step: number; readonly file: string }[] {
  return namesIn(folder)
    .map((name) => ({
      step: name.endsWith(extension)
        ? Number(/^step-(\d+)$/.exec(name.slice(0, name.length - extension.length))?.[1] ?? Number.NaN)
        : Number.NaN,
      file: path.join(folder, name),
    }))
    .filter(({ step }) => !Number.isNaN(step))
    .sort((a, b) => a.step - b.step);
}

/** What is in a folder, by name; nothing where it is not there or cannot be read. */
export function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
