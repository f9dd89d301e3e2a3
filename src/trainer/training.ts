import { setImmediate } from 'node:timers/promises';
import type { CollapseDetector } from '../core/collapse/detector.ts';
import type { EarlyStopConfig, RunConfig } from '../core/config/config.ts';
import { estimatorNames, type AdvantageBatch } from '../core/estimators/estimator.ts';
import { estimators } from '../core/estimators/registry.ts';
import { estimatorPowers, varianceProxies } from '../core/estimators/varianceProxies.ts';
import type { CollapseEvent } from '../core/records/events.ts';
import { estimatorPowerMetric, metricNames } from '../core/records/metricNames.ts';
import type { MetricsRecord } from '../core/records/metrics.ts';
import type { ExitRecord } from '../core/records/run.ts';
import type { Engine, Rollout } from './engines/engine.ts';
import { backwardWeights, lossScales, responsesOf } from './responses.ts';
import { policyLoss, rolloutMetrics, tokensOf } from './stepMetrics.ts';

/** What a training leaves behind and obeys. */
export interface TrainingJournal {
  metrics(step: number, data: Readonly<Record<string, number>>): void;
  collapse(event: CollapseEvent): void;
  /** The trajectories of a step, with their advantages under every estimator. */
  trajectories(step: number, rollout: Rollout, batch: AdvantageBatch): void;
  checkpoint(step: number): void;
  /** Whether somebody wants the run to end after `step`. */
  stopRequested(step: number): boolean;
  /** Whether somebody has asked for a checkpoint since the last call. */
  checkpointRequested(): boolean;
}

export interface Training {
  readonly config: RunConfig;
  readonly engine: Engine;
  readonly detector: CollapseDetector;
  readonly journal: TrainingJournal;
  /** The last step that the engine's parameters have seen; 0 for a new run. */
  readonly doneSteps: number;
  /** What was logged of the steps that are already done, in order. */
  readonly history: readonly MetricsRecord[];
  /** Seconds, monotonic. */
  readonly now: () => number;
}

type Ending = Pick<ExitRecord, 'reason' | 'message' | 'lastStep'>;

/**
 * Full on-policy policy gradient: every step samples `promptsPerStep` × `groupSize` trajectories, turns rewards into advantages by
 * the run's estimator, takes one backward pass and one Adam step. No KL term, no ratio clipping. Ends when the steps are done, on
 * request, when the gradient is no longer a number, when the run is dead, or at collapse if the config says so.
 */
export async function train(training: Training): Promise<Ending> {
  const { config, detector, journal, history } = training;
  const deadCount = new DeadCount(config.earlyStop);
  for (const { step, data } of history) {
    detector.update(step, data);
    deadCount.update(data);
  }
  for (let step = training.doneSteps + 1; step <= config.steps; step++) {
    // Steps resolve at once; without a turn of the event loop no signal would ever be heard.
    await setImmediate();
    if (journal.stopRequested(step - 1)) {
      if (step > 1) journal.checkpoint(step - 1);
      return { reason: 'stopped', message: `Stopped on request after step ${step - 1}.`, lastStep: step - 1 };
    }
    const { data, broken } = await trainStep(training, step);
    journal.metrics(step, data);
    const events = detector.update(step, data);
    for (const event of events) journal.collapse(event);
    if (broken) return { reason: 'diverged', message: `The run ends at step ${step}: ${broken}.`, lastStep: step };
    if (step === config.steps || isDue(step, config.checkpoint.every) || journal.checkpointRequested()) journal.checkpoint(step);
    if (config.onCollapse !== 'warn' && events.some((event) => event.type === 'collapse')) {
      journal.checkpoint(step);
      return {
        reason: 'collapsed',
        message: `Stopped at step ${step}, because onCollapse is "${config.onCollapse}" and the run has collapsed.`,
        lastStep: step,
      };
    }
    if (config.earlyStop && deadCount.update(data) >= config.earlyStop.steps) {
      const message = `Ended at step ${step}: the mean score was below ${config.earlyStop.scoreBelow} for ${config.earlyStop.steps} steps in a row (earlyStop).`;
      return { reason: 'dead', message, lastStep: step };
    }
  }
  return { reason: 'completed', message: `All ${config.steps} steps are done.`, lastStep: config.steps };
}

/** Steps in a row whose mean score was below the limit. */
class DeadCount {
  private steps = 0;
  constructor(private readonly limit: EarlyStopConfig | null) {}

  update(data: Readonly<Record<string, number>>): number {
    this.steps = this.limit && data[metricNames.score]! < this.limit.scoreBelow ? this.steps + 1 : 0;
    return this.steps;
  }
}

function isDue(step: number, every: number | null): boolean {
  return every !== null && step % every === 0;
}

/** One step. Where the policy or its gradient is no longer a number, says so as `broken` and leaves the parameters as they are. */
async function trainStep(
  { config, engine, journal, now }: Training,
  step: number,
): Promise<{ data: Record<string, number>; broken: string | null }> {
  const { rollout: sampling, optimizer, loss, seed, estimator } = config;
  const started = now();
  const rollout = await engine.rollout({ seed, step, ...sampling });
  const ofRollout = rolloutMetrics(rollout);
  const sampled = now();

  const batch = responsesOf(rollout, sampling.groupSize, loss.handleZeroTail);
  const advantages = new Float32Array(batch.batch * batch.length);
  estimators[estimator](batch, advantages);
  const scales = lossScales(batch, loss.aggregation);
  const gradNorm = await engine.backward(backwardWeights(rollout, batch, advantages, scales));
  const entropy = ofRollout[metricNames.entropy]!;
  let broken: string | null = null;
  // Where a broken policy scores nothing, every advantage is 0, and so is the gradient: the entropy tells.
  if (!Number.isFinite(entropy)) broken = `the policy has numbers that are not finite, its entropy is ${entropy}`;
  else if (!Number.isFinite(gradNorm)) broken = `the gradient norm is ${gradNorm}, and an update would destroy the policy`;
  const learningRate = optimizer.learningRate * Math.min(1, optimizer.warmupSteps > 0 ? step / optimizer.warmupSteps : 1);
  if (!broken) {
    const gradientScale = optimizer.maxGradNorm === null ? 1 : Math.min(1, optimizer.maxGradNorm / gradNorm);
    engine.adam({ ...optimizer, learningRate, gradientScale, update: step });
  }
  const updated = now();

  const proxies = varianceProxies(batch, advantages, gradNorm ** 2);
  const data: Record<string, number> = {
    [metricNames.gradNorm]: gradNorm,
    ...ofRollout,
    [metricNames.policyLoss]: policyLoss(batch, advantages, scales),
    [metricNames.learningRate]: learningRate,
    [metricNames.signalStrength]: proxies.signalStrength,
    [metricNames.totalPower]: proxies.totalPower,
    [metricNames.pureNoise]: proxies.pureNoise,
  };
  const powers = estimatorPowers(batch, estimatorNames);
  for (const name of estimatorNames) data[estimatorPowerMetric(name)] = powers[name];
  if (isDue(step, config.trajectories.every)) journal.trajectories(step, rollout, batch);
  const ended = now();
  return {
    data: {
      ...data,
      [metricNames.rolloutSeconds]: sampled - started,
      [metricNames.updateSeconds]: updated - sampled,
      [metricNames.stepSeconds]: ended - started,
      [metricNames.throughput]: tokensOf(rollout) / (ended - started),
    },
    broken,
  };
}
