import type { RunConfig } from '../../core/config/config.ts';
import type { Task } from '../tasks/task.ts';
import type { Engine } from './engine.ts';

/** Where the files of the engines are. */
export interface EngineSite {
  /** Folder with the compiled kernels. */
  readonly kernelFolder: string;
  /** Module that runs a worker thread of the WASM engine. */
  readonly workerFile: string;
}

/** What an engine is made for. */
export interface EngineSetup {
  readonly task: Task;
  readonly config: Pick<RunConfig, 'task' | 'policy' | 'rollout' | 'warmStart' | 'seed'>;
  /** Most sequences in a batch. */
  readonly sequences: number;
  readonly threads: number;
  readonly site: EngineSite;
}

/** Whether an engine works on this machine. */
export interface EngineState {
  readonly usable: boolean;
  /** Why it is, or is not, usable, and then what to do about it. */
  readonly reason: string;
  /** What it would run on; null where it is not usable. */
  readonly device: string | null;
}

/** One of the engines that there are, as `list.ts` has them. */
export interface EngineEntry {
  /** As `--engine` names it; the name of the engines that it makes. */
  readonly name: string;
  /** Whether `auto` measures it; false: only to start it takes longer than `auto` may take to choose. */
  readonly isCandidate: boolean;
  probe(site: EngineSite): Promise<EngineState>;
  create(setup: EngineSetup): Promise<Engine>;
}

/** An engine that is not there, does not work here, or calculates wrongly; and what to do about it. */
export class EngineUnusableError extends Error {
  override readonly name = 'EngineUnusableError';

  constructor(
    readonly problem: string,
    readonly remedy: string,
  ) {
    super(`${problem} ${remedy}`.trim());
  }
}

/** What is wrong, as the state of an engine that cannot be used. */
export function unusable(error: unknown): EngineState {
  return { usable: false, reason: error instanceof Error ? error.message : String(error), device: null };
}
