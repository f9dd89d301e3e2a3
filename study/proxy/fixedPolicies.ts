import type { CollapseEvent } from '../../src/core/records/events.ts';
import { isCollapse } from '../../src/core/records/events.ts';
import type { RunConfig } from '../../src/core/config/config.ts';
import { createCollapseDetector } from '../../src/core/collapse/detector.ts';
import type { Engine, Tensors } from '../../src/trainer/engines/engine.ts';
import { train } from '../../src/trainer/training.ts';

/** A policy that stands still while gradients are measured. */
interface FixedPolicy {
  /** Steps of reinforcement learning that it has had. */
  readonly step: number;
  readonly parameters: Tensors;
}

export interface TrainedPolicies {
  /** The parameters before the first step, and at every checkpoint of the config, ascending. */
  readonly policies: readonly FixedPolicy[];
  /** Step at which the surge began that became a collapse; null: none. */
  readonly onset: number | null;
}

/** Trains as the config says, from the parameters that the engine has, and keeps the policy at its checkpoints. */
export async function trainedPolicies(engine: Engine, config: RunConfig): Promise<TrainedPolicies> {
  const keep = (step: number): void => void policies.push({ step, parameters: engine.readParameters() });
  const policies: FixedPolicy[] = [];
  const events: CollapseEvent[] = [];
  keep(0);
  await train({
    config,
    engine,
    doneSteps: 0,
    detector: createCollapseDetector({ estimator: config.estimator, maxGradNorm: config.optimizer.maxGradNorm }),
    history: [],
    now: () => 0,
    journal: {
      metrics: () => undefined,
      collapse: (event) => void events.push(event),
      trajectories: () => undefined,
      checkpoint: keep,
      stopRequested: () => false,
      checkpointRequested: () => false,
    },
  });
  return { policies, onset: events.find(isCollapse)?.onsetStep ?? null };
}
