import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { quantityText } from '../core/notation.ts';
import type { RunConfig } from '../core/config/config.ts';
import type { Engine, GivenSequence } from './engines/engine.ts';
import { removeUnfinished, writeAtomically } from '../runs/directory/atomicFile.ts';
import { readBytesSync, sizeLimits } from '../runs/directory/regularFile.ts';
import { randomStream } from './engines/streams.ts';
import { decodeSafetensors, encodeSafetensors } from './safetensors.ts';
import type { Task } from './tasks/task.ts';

const maxGradNorm = 1;
/** The learning rate falls linearly to zero over the last part of the phase. */
const decayShare = 0.3;
const adam = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };

export interface WarmStartObserver {
  log(line: string): void;
  /** Whether to give up; what was learned so far is then not kept. */
  stopRequested(): boolean;
}

/**
 * Teaches the policy the task by cross-entropy on noisy demonstrations, so that reinforcement learning starts from one that
 * succeeds sometimes and whose lengths vary. The result is kept in `cacheDir` under a hash of all that it depends on; runs that
 * differ only in their estimator share it. Returns where the policy came from.
 */
export async function warmStart(
  engine: Engine,
  task: Task,
  config: RunConfig,
  cacheDir: string,
  { log, stopRequested }: WarmStartObserver,
): Promise<'cached' | 'trained' | 'stopped'> {
  const file = path.join(cacheDir, `warm-start-${cacheKey(engine, config)}.safetensors`);
  if (existsSync(file)) {
    try {
      engine.writeParameters(decodeSafetensors(readBytesSync(file, sizeLimits.tensors)));
      log(`warm start: read from ${file}`);
      return 'cached';
    } catch (error) {
      log(`warm start: ${file} cannot be used (${(error as Error).message}); it is made again`);
    }
  }
  if (!(await train(engine, task, config, { log, stopRequested }))) return 'stopped';
  // Reinforcement learning starts with an optimizer of its own, whether this run trained the warm start or read it.
  engine.writeOptimizer(
    new Map([...engine.readOptimizer()].map(([name, { shape, values }]) => [name, { shape, values: new Float32Array(values.length) }])),
  );
  try {
    mkdirSync(cacheDir, { recursive: true });
    removeUnfinished(cacheDir, isLeftBehind);
    // Another run may want the same file at the same moment; it would write the same bytes.
    writeAtomically(file, encodeSafetensors(engine.readParameters()));
  } catch (error) {
    log(`warm start: not kept for other runs (${(error as Error).message})`);
  }
  return 'trained';
}

/** Whether a file that is not finished never will be: it is written in far less than a minute. */
function isLeftBehind(file: string): boolean {
  return Date.now() - (statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? Date.now()) > 60_000;
}

function cacheKey(engine: Engine, { task, policy, warmStart: phase, rollout, seed }: RunConfig): string {
  const inputs = { version: 1, engine: engine.name, task, policy, phase, maxResponseTokens: rollout.maxResponseTokens, seed };
  return createHash('sha256').update(JSON.stringify(inputs)).digest('hex').slice(0, 16);
}

async function train(engine: Engine, task: Task, config: RunConfig, { log, stopRequested }: WarmStartObserver): Promise<boolean> {
  const { steps, batchSize, learningRate } = config.warmStart;
  for (let step = 0; step < steps; step++) {
    await setImmediate();
    if (stopRequested()) return false;
    const demonstrations = Array.from({ length: batchSize }, (_, index) => demonstration(task, config, step, index));
    const batch = await engine.forward(demonstrations, 1);
    const actions = batch.isAction.reduce((sum, action) => sum + action, 0);
    const norm = await engine.backward(Float32Array.from(batch.isAction, (action) => action / actions));
    engine.adam({
      ...adam,
      learningRate: learningRate * Math.min(1, (steps - step) / (decayShare * steps)),
      gradientScale: Math.min(1, maxGradNorm / norm),
      update: step + 1,
    });
    if ((step + 1) % 100 === 0 || step + 1 === steps) {
      const crossEntropy = -batch.logProbs.reduce((sum, logProb) => sum + logProb, 0) / actions;
      log(`warm start: step ${step + 1} of ${steps}, cross-entropy ${quantityText(crossEntropy)}`);
    }
  }
  return true;
}

function demonstration(task: Task, config: RunConfig, step: number, index: number): GivenSequence {
  const random = randomStream(config.seed, 'demonstration', step, index);
  const prompt = task.samplePrompt(random);
  const { tokens, isAction } = task.demonstrate(prompt, config.rollout.maxResponseTokens, random);
  return { tokens: [...prompt.tokens, ...tokens], promptLength: prompt.tokens.length, isAction };
}
