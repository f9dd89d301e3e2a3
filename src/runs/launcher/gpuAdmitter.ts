import { isProgram } from '../../core/config/programConfig.ts';
import { GpuError } from '../gpus/gpuError.ts';
import { GpuLeases } from '../gpus/gpuLeases.ts';
import type { GpuRequest } from '../gpus/gpuPool.ts';
import { runDirectory } from './trainingPlan.ts';
import type { QueuedRun } from './trainingPlan.ts';

/** Whether a run has what it needs besides its turn. `waits`: not yet; `why` follows "waits for". `never`: it cannot have it. */
export type Admission =
  | { readonly kind: 'go'; readonly gpus?: readonly number[] }
  | { readonly kind: 'waits'; readonly why: string }
  | { readonly kind: 'never'; readonly error: Error };

/** Gives runs what they need besides their turn. */
export interface Admitter {
  /** The same for runs that need the same: where one has to wait, so have the others at that moment. */
  readonly needs: (run: QueuedRun) => string;
  readonly admit: (run: QueuedRun) => Promise<Admission>;
  /** A run that was admitted has ended, or did not begin. */
  readonly release: (run: QueuedRun) => Promise<void>;
}

/** Gives runs the GPUs that their configs ask for, of all that this user's runs share on this machine. */
export class GpuAdmitter implements Admitter {
  private readonly leases: GpuLeases;

  /** @param env of the processes of the runs: which GPUs there are for them at all. */
  constructor(
    private readonly runsDir: string,
    env: NodeJS.ProcessEnv,
  ) {
    this.leases = new GpuLeases(env);
  }

  needs(run: QueuedRun): string {
    const request = requestOf(run);
    return request === undefined ? '' : JSON.stringify([request.pool, request.count]);
  }

  async admit(run: QueuedRun): Promise<Admission> {
    const request = requestOf(run);
    if (request === undefined) return { kind: 'go' };
    const { estimator, seed, name } = run;
    try {
      const taker = { runDir: runDirectory(this.runsDir, run), title: `${estimator} seed ${seed} of ${name}` };
      const choice = await this.leases.take(request, taker);
      return choice.kind === 'waits' ? choice : { kind: 'go', gpus: choice.gpus };
    } catch (error) {
      if (error instanceof GpuError) return { kind: 'never', error };
      throw error;
    }
  }

  async release(run: QueuedRun): Promise<void> {
    if (requestOf(run) !== undefined) await this.leases.release(runDirectory(this.runsDir, run));
  }
}

/** Undefined: it takes none. */
function requestOf({ config }: QueuedRun): GpuRequest | undefined {
  return isProgram(config) && config.gpus !== null ? { pool: config.gpus, count: config.gpusPerRun } : undefined;
}
