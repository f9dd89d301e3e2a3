import { mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { runFiles } from '../../core/records/run.ts';
import { writeFlushed } from './atomicFile.ts';
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
  return listSteps(path.join(runDir, runFiles.checkpoints), '').map(({ step, file }) => ({ step, dir: file }));
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
  const dir = path.join(runDir, runFiles.checkpoints, stepName(step));
  const temporary = `${dir}.${process.pid}.tmp`;
  const replaced = `${dir}.${process.pid}.old`;
  try {
    rmSync(temporary, { recursive: true, force: true });
    // Not recursive: in a run directory that was deleted nothing must come to life again.
    mkdirSync(temporary);
    for (const [name, content] of Object.entries(files)) writeFlushed(path.join(temporary, name), content);
    moveAway(dir, replaced);
    renameSync(temporary, dir);
    rmSync(replaced, { recursive: true, force: true });
  } catch (error) {
    rmSync(temporary, { recursive: true, force: true });
    throw new RunWriteError(dir, error);
  }
  return { step, dir };
}

function moveAway(dir: string, to: string): void {
  try {
    renameSync(dir, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

function listSteps(folder: string, extension: string): readonly { readonly step: number; readonly file: string }[] {
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch {
    return [];
  }
  return names
    .map((name) => ({
      step: name.endsWith(extension)
        ? Number(/^step-(\d+)$/.exec(name.slice(0, name.length - extension.length))?.[1] ?? Number.NaN)
        : Number.NaN,
      file: path.join(folder, name),
    }))
    .filter(({ step }) => !Number.isNaN(step))
    .sort((a, b) => a.step - b.step);
}
