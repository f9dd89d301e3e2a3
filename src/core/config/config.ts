import type { Sensitivity } from '../collapse/sensitivity.ts';
import type { EstimatorName } from '../estimators/estimator.ts';
import type { TrlConfig, TrlRun } from './trlConfig.ts';

/** What the name of a config's file ends in. */
export const configEnding = '.otb.json';

/** A `*.otb.json` with every default filled in: what the file says, as the rest of the program sees it. */
export interface Config extends ProgramConfig, TrlConfig {
  readonly name: string;
  readonly trainer: 'builtin' | 'command' | 'ray' | 'trl';
  /** One run each, for every seed. A command run may name estimators of its own, hence plain strings there. */
  readonly estimators: readonly string[];
  readonly seeds: readonly number[];
  readonly steps: number;
  readonly task: TaskConfig;
  readonly policy: PolicyConfig;
  readonly warmStart: WarmStartConfig;
  readonly rollout: RolloutConfig;
  readonly optimizer: OptimizerConfig;
  readonly loss: LossConfig;
  readonly checkpoint: CheckpointConfig;
  readonly trajectories: TrajectoryConfig;
  readonly earlyStop: EarlyStopConfig | null;
  readonly onCollapse: 'warn' | 'stop' | 'branch';
  /** How readily the runs are called collapsed; null: as whoever starts or reads them usually wants it. */
  readonly collapseSensitivity: Sensitivity | null;
  /** Program and arguments of a `command` or `ray` run, with variables, see `commandTemplate.ts`. */
  readonly command: readonly string[] | null;
  readonly metrics: MetricsSourceConfig | null;
}

/** What only runs of programs read: `command`, `ray` and `trl`. */
export interface ProgramConfig {
  /** Working directory, relative to the folder in which the run is started; null: that folder. */
  readonly cwd: string | null;
  /** Environment variables of the program, besides those of the one who starts it. */
  readonly env: Readonly<Record<string, string>>;
  /** File of more of them, `NAME=value` a line, relative to the working directory. */
  readonly envFile: string | null;
  /** What the argument `${resume}` becomes when the run is resumed; null: the program cannot go on with a run. */
  readonly resume: readonly string[] | null;
  /** How the program goes on from a checkpoint of another run; null: it cannot. */
  readonly branch: BranchConfig | null;
  readonly stop: StopConfig;
  readonly output: OutputConfig;
  /** GPUs that the runs share, by index; null: the runs take none from the pool. */
  readonly gpus: 'all' | readonly number[] | null;
  readonly gpusPerRun: number;
  /** Whether utilization, memory, power and temperature of the run's GPUs are logged as metrics. */
  readonly gpuMetrics: boolean;
  /** URL of the Ray cluster's dashboard; null: as the environment says. */
  readonly address: string | null;
  readonly runtimeEnv: Readonly<Record<string, unknown>>;
  readonly metadata: Readonly<Record<string, string>>;
  readonly entrypointResources: EntrypointResources;
  /** Headers of each request to the cluster; their values come from the environment. */
  readonly headers: Readonly<Record<string, string>>;
}

/** How a program is asked to end: SIGINT, after a while SIGTERM, after another while SIGKILL. */
export interface BranchConfig {
  /** What stands for `${resume}` when a branch starts; `${checkpoint}` is the path of the checkpoint, `${step}` its step. */
  readonly arguments: readonly string[];
  /** Where a run has the checkpoint of `${step}`, relative to its working directory. */
  readonly checkpoints: string;
}

export interface StopConfig {
  /** Seconds after SIGINT. */
  readonly interruptSeconds: number;
  /** Seconds after SIGTERM. */
  readonly terminateSeconds: number;
}

/** How much of a program's output is kept. */
interface OutputConfig {
  /** Size of each file, in MB, at which the next is begun. */
  readonly maxMegabytes: number;
  /** Number of files of each stream. */
  readonly files: number;
}

/** What a job's entrypoint takes of a Ray cluster; null: nothing that Ray is told of. */
export interface EntrypointResources {
  readonly cpus: number | null;
  readonly gpus: number | null;
  /** Bytes. */
  readonly memory: number | null;
  readonly resources: Readonly<Record<string, number>> | null;
}

/** What one built-in run needs: the config narrowed to one estimator and one seed. */
export interface RunConfig extends Omit<
  Config,
  'trainer' | 'estimators' | 'seeds' | 'command' | 'metrics' | keyof ProgramConfig | keyof TrlConfig
> {
  readonly trainer: 'builtin';
  readonly estimator: EstimatorName;
  readonly seed: number;
}

/** What a run of another program needs. The values of `env` that are secret are not in it. */
export type ProgramRunConfig = CommandRunConfig | TrlRunConfig;

interface CommandRunConfig extends StartedProgram {
  readonly trainer: 'command' | 'ray';
}

/** A run of `trl`, whose command is that of our package. */
export interface TrlRunConfig extends StartedProgram, TrlRun {
  readonly trainer: 'trl';
}

interface StartedProgram extends ProgramConfig {
  readonly name: string;
  readonly estimator: string;
  readonly seed: number;
  /** Steps that the program is to take; null: not known. */
  readonly steps: number | null;
  readonly onCollapse: Config['onCollapse'];
  readonly collapseSensitivity: Config['collapseSensitivity'];
  readonly command: readonly string[];
  readonly metrics: MetricsSourceConfig;
}

export interface TaskConfig {
  readonly name: 'ledger';
  /** Least and most number of operations in a prompt, both included. */
  readonly operations: readonly [number, number];
  /** Tool calls after which a trajectory is truncated. */
  readonly maxTurns: number;
  /** Probability that one valid tool call fails for the moment. */
  readonly toolFailureRate: number;
  /** Probability, per trajectory, that the tool fails for good after a random number of calls. */
  readonly toolOutageRate: number;
}

export type PolicyConfig =
  | {
      readonly kind: 'gru';
      /** Hidden units; a multiple of 4. */
      readonly width: number;
      /** Back-propagation through time is cut every so many steps; null: never. */
      readonly truncateBackpropEvery: number | null;
    }
  | {
      readonly kind: 'transformer';
      /** Model width; a multiple of 4 × heads. */
      readonly width: number;
      readonly layers: number;
      readonly heads: number;
    };

/** The cross-entropy phase on noisy demonstrations before reinforcement learning starts. */
export interface WarmStartConfig {
  readonly steps: number;
  /** Demonstrations per step. */
  readonly batchSize: number;
  readonly learningRate: number;
  /** Probability per turn that a demonstration starts to wander until the limit. */
  readonly wanderRate: number;
  /** Probability per turn that a demonstration answers too early. */
  readonly quitRate: number;
  /** Probability that an operand, operator or answer is copied wrongly. */
  readonly copyNoise: number;
  /** Continuation probability of the geometric number of filler words before a call. */
  readonly wordRate: number;
}

interface RolloutConfig {
  readonly promptsPerStep: number;
  /** Responses to one prompt. */
  readonly groupSize: number;
  /** Response length, tool tokens included, at which a trajectory is truncated. */
  readonly maxResponseTokens: number;
  readonly temperature: number;
}

/** Adam. */
interface OptimizerConfig {
  readonly learningRate: number;
  /** Steps of linear warm-up; 0: none. */
  readonly warmupSteps: number;
  /** Global gradient norm above which the gradient is scaled down; null: no clipping. */
  readonly maxGradNorm: number | null;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
}

interface LossConfig {
  /** verl's names: how token losses are summed into one number. */
  readonly aggregation: 'seq-mean-token-sum' | 'token-mean' | 'seq-mean-token-mean';
  /** Token baselines: whether the tail beyond the second longest response of a group has baseline 0. */
  readonly handleZeroTail: boolean;
}

interface CheckpointConfig {
  /** Steps between checkpoints; null: only on request. */
  readonly every: number | null;
}

interface TrajectoryConfig {
  /** Steps between written rollouts; null: never. */
  readonly every: number | null;
}

/** Ends a dead run: `steps` steps in a row with a mean score under `scoreBelow`. */
export interface EarlyStopConfig {
  readonly scoreBelow: number;
  readonly steps: number;
}

/** Where the metrics of a `command` or `ray` run come from. */
interface MetricsSourceConfig {
  readonly from: 'stdout' | 'files';
  readonly path: string | null;
  readonly format: string;
  readonly gradNorm: string | null;
  readonly score: string | null;
}
