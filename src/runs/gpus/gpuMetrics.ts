import type { Gpu } from '../../core/gpus/gpu.ts';
import { findGpus } from './findGpus.ts';
import type { GpuSurvey } from './findGpus.ts';

export interface GpuMetricsOptions {
  /** Indices of the GPUs that are told of; null: all of the machine. */
  readonly gpus: readonly number[] | null;
  /** Least milliseconds between two looks. */
  readonly periodMs?: number;
  /** Tells what there is; never rejects. */
  readonly ask?: () => Promise<GpuSurvey>;
}

/** What the GPUs of a run do, as metrics of its steps. A step never waits for it. */
export class GpuMetrics {
  private askedAt = Number.NEGATIVE_INFINITY;
  private isAsking = false;
  private fresh: Readonly<Record<string, number>> = {};

  constructor(private readonly options: GpuMetricsOptions) {
    this.look();
  }

  /** What is new since the last time, and empty while nothing is; has it looked for again where the last look is some seconds old. */
  sampleMetrics(): Readonly<Record<string, number>> {
    const { fresh } = this;
    this.fresh = {};
    this.look();
    return fresh;
  }

  private look(): void {
    const { gpus: wanted, periodMs = 5000, ask = findGpus } = this.options;
    const now = performance.now();
    if (this.isAsking || now - this.askedAt < periodMs) return;
    [this.isAsking, this.askedAt] = [true, now];
    void ask().then((survey) => {
      this.isAsking = false;
      const gpus = survey.kind === 'found' ? survey.gpus : [];
      this.fresh = gpuMetrics(gpus.filter(({ index }) => wanted === null || wanted.includes(index)));
    });
  }
}

/**
 * Metrics of GPUs by name: `gpu/0/utilization` (percent), `gpu/0/memory_used_gb` (2³⁰ bytes, as verl counts them), `gpu/0/power_w`,
 * `gpu/0/temperature_c`. What is not known is left out.
 */
function gpuMetrics(gpus: readonly Gpu[]): Readonly<Record<string, number>> {
  const values: (readonly [name: string, value: number | null])[] = gpus.flatMap((gpu) => [
    [`gpu/${gpu.index}/utilization`, gpu.utilization],
    [`gpu/${gpu.index}/memory_used_gb`, gpu.memoryUsedMiB === null ? null : gpu.memoryUsedMiB / 1024],
    [`gpu/${gpu.index}/power_w`, gpu.powerWatts],
    [`gpu/${gpu.index}/temperature_c`, gpu.temperatureCelsius],
  ]);
  return Object.fromEntries(values.flatMap(([name, value]) => (value === null ? [] : [[name, value]])));
}
