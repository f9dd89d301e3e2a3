import { mostRuns } from '../../core/config/constraints.ts';
import { mostThreads } from '../../core/memory/engineLayout.ts';
import type { Settings } from '../settings.ts';

/** What the settings say of how many runs and threads at once; 0 stands for what the machine has. */
export function launchLimits(settings: Settings): { readonly parallel?: number; readonly threads?: number } {
  const [parallel, threads] = [settings.get('launch.parallel'), settings.get('launch.threads')];
  return {
    ...(parallel > 0 && { parallel: Math.min(parallel, mostRuns) }),
    ...(threads > 0 && { threads: Math.min(threads, mostThreads) }),
  };
}
