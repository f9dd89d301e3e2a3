import path from 'node:path';
import type { RunConfig } from '../core/config/config.ts';
import { isObject, parse } from '../core/records/json.ts';
import { RunDirectoryError } from '../runs/directory/runDirectoryError.ts';
import type { Engine } from './engines/engine.ts';
import { decodeSafetensors, encodeSafetensors } from './safetensors.ts';

const files = { policy: 'policy.safetensors', optimizer: 'optimizer.safetensors', state: 'state.json' } as const;

/** `state.json`. Random streams are named by seed and step, so these two are all the state that the generators have. */
interface CheckpointState {
  readonly schemaVersion: 1;
  readonly step: number;
  readonly random: { readonly generator: 'xoshiro128**'; readonly seed: number; readonly step: number };
  readonly engine: string;
  readonly config: RunConfig;
}

/** The files of a checkpoint, by name: what a run needs to go on as if it had never stopped. */
export function checkpointFiles(engine: Engine, config: RunConfig, step: number): Readonly<Record<string, string | Uint8Array>> {
  const state: CheckpointState = {
    schemaVersion: 1,
    step,
    random: { generator: 'xoshiro128**', seed: config.seed, step },
    engine: engine.name,
    config,
  };
  return {
    [files.policy]: encodeSafetensors(engine.readParameters()),
    [files.optimizer]: encodeSafetensors(engine.readOptimizer()),
    [files.state]: `${JSON.stringify(state, null, 2)}\n`,
  };
}

/** A checkpoint as it is on disk. */
export interface StoredCheckpoint {
  readonly dir: string;
  /** What to do where it cannot be used. */
  readonly remedy: string;
  /** A file of it, by name. */
  read(name: string): Uint8Array;
}

/** Puts a checkpoint back into the engine. Returns its step. Throws a RunDirectoryError that names the file that cannot be used. */
export function restoreCheckpoint(engine: Engine, { dir, remedy, read }: StoredCheckpoint): number {
  const part = <Part>(name: string, use: (file: Uint8Array) => Part): Part => {
    try {
      return use(read(name));
    } catch (error) {
      if (error instanceof RunDirectoryError) throw error;
      throw new RunDirectoryError(path.join(dir, name), `the checkpoint cannot be used: ${(error as Error).message}`, remedy, {
        cause: error,
      });
    }
  };
  const step = part(files.state, (file) => stepOf(new TextDecoder().decode(file)));
  part(files.policy, (file) => engine.writeParameters(decodeSafetensors(file)));
  part(files.optimizer, (file) => engine.writeOptimizer(decodeSafetensors(file)));
  return step;
}

/** The step that a `state.json` was written at. Throws an error where it says none. */
export function stepOf(state: string): number {
  const value = parse(state);
  const step = isObject(value) ? value['step'] : undefined;
  if (typeof step !== 'number' || !Number.isSafeInteger(step) || step < 0) throw new Error('it names no step');
  return step;
}
