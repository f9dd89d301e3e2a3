import { planLayout } from '../../../core/memory/engineLayout.ts';
import { createPolicy } from '../../policies/policy.ts';
import type { Task } from '../../tasks/task.ts';
import { serveJobs, type WorkerStart } from './crew.ts';
import { instantiateKernels } from './kernelModule.ts';
import { LaneRunner } from './lane.ts';

/** Builds a worker thread's copy of the engine over the shared memory and serves jobs until told to exit. */
export function startWorker(start: WorkerStart, task: Task): void {
  const policy = createPolicy(start.policy, start.capacity.vocabulary, start.capacity.maxTokens);
  const layout = planLayout(policy, start.capacity);
  const kernels = instantiateKernels(start.kernels, start.memory);
  serveJobs(layout, start.memory.buffer, new LaneRunner(kernels, layout, start.memory.buffer, policy, task, start.thread));
}
