import type { PanelGpu } from '../../core/gpus/panelGpu.ts';
import { isLive } from '../../core/records/runState.ts';
import type { RunOverview } from '../catalog/runOverview.ts';
import type { GpuWatch } from '../gpus/gpuWatch.ts';
import { runsHere } from '../process/processState.ts';

/** The GPUs of this machine beside the runs of a panel: looked at while the panel is seen and one of its runs goes on that may have some. */
export class PanelGpus {
  private stop: (() => void) | undefined;
  /** Whether the page shows any. */
  private areShown = false;

  constructor(
    private readonly watch: Pick<GpuWatch, 'look'> | undefined,
    private readonly tell: (gpus: readonly PanelGpu[]) => void,
  ) {}

  /** These are the runs of the page that is seen; undefined: none is. */
  update(runs: readonly RunOverview[] | undefined): void {
    const isWanted = runs?.some(mayUseGpus) ?? false;
    if (isWanted === (this.stop !== undefined)) return;
    if (isWanted) {
      this.stop = this.watch?.look((gpus) => this.show(gpus));
      return;
    }
    this.stop?.();
    this.stop = undefined;
    // A page that is hidden keeps what it shows.
    if (runs !== undefined) this.show([]);
  }

  /** The page knows of none. */
  restart(): void {
    this.stop?.();
    this.stop = undefined;
    this.areShown = false;
  }

  private show(gpus: readonly PanelGpu[]): void {
    if (gpus.length === 0 && !this.areShown) return;
    this.areShown = gpus.length > 0;
    this.tell(gpus);
  }
}

/** A program that was started by command on this machine; the built-in trainer has no use for a GPU. */
function mayUseGpus({ identity, process }: Pick<RunOverview, 'identity' | 'process'>): boolean {
  return identity.kind === 'command' && identity.record.config.trainer !== 'ray' && runsHere(identity.record) && isLive({ process });
}
