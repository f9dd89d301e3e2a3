import type { RunConfig } from '../core/config/config.ts';
import { isObject, parse } from '../core/records/json.ts';
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

/** Puts a checkpoint back into the engine. `read` returns a file of the checkpoint by name. Returns its step. */
export function restoreCheckpoint(engine: Engine, read: (name: string) => Uint8Array): number {
  const step = stepOf(new TextDecoder().decode(read(files.state)));
  engine.writeParameters(decodeSafetensors(read(files.policy)));
  engine.writeOptimizer(decodeSafetensors(read(files.optimizer)));
  return step;
}

/** The step that a `state.json` was written at. Throws an error where it says none. */
export function stepOf(state: string): number {
  const value = parse(state);
  const step = isObject(value) ? value['step'] : undefined;
  if (typeof step !== 'number' || !Number.isSafeInteger(step) || step < 0)
    throw new Error(`the checkpoint cannot be used: its ${files.state} names no step`);
  return step;
}
