import type { ProgramRunConfig, RunConfig } from '../config/config.ts';

export const runSchemaVersion = 1;

/** Names of the files in a run directory. */
export const runFiles = {
  run: 'run.json',
  metrics: 'metrics.jsonl',
  events: 'events.jsonl',
  rollouts: 'rollouts',
  checkpoints: 'checkpoints',
  stdout: 'stdout.log',
  stderr: 'stderr.log',
  /** Both of a program that was started by command, as a terminal would show them. */
  console: 'console.log',
  exit: 'exit.json',
  control: 'control',
  /** Held by the run's process for as long as it lives; files of this name with a number. */
  lock: 'run.lock',
} as const;

/** A process: a pid alone is no identity, because pids are used again. */
export interface ProcessIdentity {
  readonly pid: number;
  /** An opaque string that differs between two processes that had the same pid; null where the system cannot tell. */
  readonly processStartTime: string | null;
}

/** `run.json`: what a run is. Written once, atomically, by the run's own process. */
export interface RunRecord<RecordedConfig extends RunConfig | ProgramRunConfig = RunConfig | ProgramRunConfig> extends ProcessIdentity {
  readonly schemaVersion: typeof runSchemaVersion;
  readonly id: string;
  readonly name: string;
  /** Runs started together, by one command, share a group. */
  readonly group: string;
  readonly estimator: string;
  readonly seed: number;
  /** The config narrowed to this run. */
  readonly config: RecordedConfig;
  readonly configFile: string | null;
  /** Line (from 1) in the config file of each value that matters, by its JSON path, e.g. "optimizer.learningRate". */
  readonly configLines: Readonly<Record<string, number>>;
  /** Program and arguments that started the process; for a run by command those of the user's program. */
  readonly command: readonly string[];
  readonly cwd: string;
  readonly host: string;
  readonly engine: string;
  readonly device: string;
  /** Why this engine and device. */
  readonly engineReason: string;
  readonly git: { readonly commit: string; readonly dirty: boolean } | null;
  /** ISO 8601, UTC. */
  readonly createdAt: string;
  /** The run that it is a branch of; left out: none. */
  readonly branchedFrom?: BranchOrigin;
}

/** Where a branch comes from. What its run had logged up to that step is in the branch's own files, too. */
export interface BranchOrigin {
  /** Of the run, which may be gone. */
  readonly id: string;
  /** Where the run's directory was. */
  readonly dir: string;
  /** Of the checkpoint: the last step that both have in common. */
  readonly step: number;
}

/** `exit.json`: how a run ended. Its absence, with the process gone, means the run is lost. */
export interface ExitRecord {
  readonly code: number | null;
  readonly signal: string | null;
  readonly lastStep: number;
  readonly reason: 'completed' | 'stopped' | 'collapsed' | 'diverged' | 'dead' | 'failed';
  /** One sentence for people. */
  readonly message: string;
  /** Seconds since 1970. */
  readonly time: number;
}

/** `idle`: of another program, whose files do not say how it ended, and to which nothing has been written for a while. */
export type ProcessState = 'starting' | 'running' | 'finished' | 'stopped' | 'failed' | 'lost' | 'idle';

/** What the launcher hands to the run's process, the trainer's or the supervisor's, on standard input. */
export type LaunchRequest =
  | {
      readonly kind: 'start';
      readonly runDir: string;
      readonly run: PlannedRun;
      readonly engine: string;
      readonly threads: number;
      readonly cacheDir: string;
      /** GPUs that the run has for itself, by index; left out: it was given none. */
      readonly gpus?: readonly number[];
      /** What `${python}` stands for in commands; left out: `python3`. */
      readonly python?: string;
      /** The process that starts it, and sees to what is to follow when it ends; left out: none does. */
      readonly launcher?: ProcessIdentity;
    }
  | {
      readonly kind: 'resume';
      readonly runDir: string;
      readonly threads: number;
      readonly cacheDir: string;
      readonly gpus?: readonly number[];
      readonly python?: string;
      readonly launcher?: ProcessIdentity;
    };

/** The part of `run.json` that the launcher knows before the process exists. */
export type PlannedRun<RecordedConfig extends RunConfig | ProgramRunConfig = RunConfig | ProgramRunConfig> = Pick<
  RunRecord<RecordedConfig>,
  'id' | 'name' | 'group' | 'estimator' | 'seed' | 'config' | 'configFile' | 'configLines' | 'cwd' | 'git' | 'branchedFrom'
>;
