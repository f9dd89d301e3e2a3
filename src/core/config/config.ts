import type { EstimatorName } from '../estimators/estimator.ts';

/** What the name of a config's file ends in. */
export const configEnding = '.otb.json';

/** A `*.otb.json` with every default filled in: what the file says, as the rest of the program sees it. */
export interface Config {
  readonly name: string;
  readonly trainer: 'builtin' | 'command' | 'ray';
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
  /** Program and arguments of a `command` run; `${estimator}`, `${seed}` and `${runDir}` are replaced in each. */
  readonly command: readonly string[] | null;
  readonly metrics: MetricsSourceConfig | null;
}

/** What one built-in run needs: the config narrowed to one estimator and one seed. */
export interface RunConfig extends Omit<Config, 'estimators' | 'seeds' | 'command' | 'metrics'> {
  readonly estimator: EstimatorName;
  readonly seed: number;
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

/** Where the metrics of a `command` run come from. */
interface MetricsSourceConfig {
  readonly from: 'stdout' | 'files';
  readonly path: string | null;
  readonly format: string;
  readonly gradNorm: string | null;
  readonly score: string | null;
}
