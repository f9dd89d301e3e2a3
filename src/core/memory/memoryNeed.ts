import type { Config } from '../config/config.ts';
import { estimatorNames } from '../estimators/estimator.ts';
import { planLayout, sizeOf } from './engineLayout.ts';
import { policySize } from './policySize.ts';
import { maxTokensOf, taskSizes } from './taskSizes.ts';

/** The part of a config that decides how much memory a run takes. */
export type SizedConfig = Pick<Config, 'task' | 'policy' | 'warmStart' | 'rollout' | 'trajectories'>;

/** Bytes that one run of a config needs. */
export interface MemoryNeed {
  /** The memory that the threads of a WASM engine share: parameters, gradients, moments, rollouts and activations. 0: another engine. */
  readonly engine: number;
  /** The whole process at its peak. */
  readonly process: number;
}

/** Measured: Node.js with the trainer loaded, and each further thread. */
const processBytes = 80 * 2 ** 20;
const threadBytes = 14 * 2 ** 20;
/** TensorFlow.js, its backend and its micro-batches of bounded size. */
const tensorflowBytes = 400 * 2 ** 20;
/** A step's advantages, energies and weights in ordinary memory, for each token of the batch. */
const stepBytesPerToken = 100;
/** The advantages under every estimator, for each token of the batch, while trajectories are on their way to `rollouts/`. */
const writtenBytesPerToken = 4 * estimatorNames.length;
/** Parameters, gradient and both moments, and one of each in a step's making. */
const copiesOfParameters = 8;
/** A digit and an operator of a prompt, each a number in a list. */
const operationBytes = 32;

/** Whether an engine, as `--engine` names it, keeps everything in the memory of one WASM module. */
function isWasmEngine(engine: string): boolean {
  return !engine.startsWith('tfjs-');
}

/** Most sequences that the engine holds at once: those of a step, or of an update of the warm start. */
export function sequencesOf({ rollout, warmStart }: Pick<SizedConfig, 'rollout' | 'warmStart'>): number {
  return Math.max(rollout.promptsPerStep * rollout.groupSize, warmStart.steps > 0 ? warmStart.batchSize : 0);
}

/**
 * What a run needs at its peak, if every response is as long as it may be. The engine's part is exact: it is the plan that the engine
 * allocates by. `engine`: as `--engine` names it.
 */
export function memoryNeed(config: SizedConfig, engine: string, threads: number): MemoryNeed {
  const { task, policy, rollout, trajectories } = config;
  const size = taskSizes[task.name];
  const { vocabulary } = size;
  const sequences = sequencesOf(config);
  const maxTokens = maxTokensOf(size, rollout.maxResponseTokens);
  const architecture = policySize(policy, vocabulary, maxTokens);
  const tokens = sequences * maxTokens;
  const prompts = sequences * task.operations[1] * operationBytes;
  const ordinary = prompts + tokens * (stepBytesPerToken + (trajectories.every === null ? 0 : writtenBytesPerToken));
  if (isWasmEngine(engine)) {
    const { bytes } = planLayout(architecture, { sequences, maxTokens, vocabulary, threads });
    return { engine: bytes, process: processBytes + (threads - 1) * threadBytes + bytes + ordinary };
  }
  const parameters = architecture.tensors.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  return { engine: 0, process: processBytes + tensorflowBytes + 4 * copiesOfParameters * parameters + ordinary };
}
