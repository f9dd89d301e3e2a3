import { counted, percentText } from '../notation.ts';
import { gpuReadings, mebibytesText } from './gpu.ts';
import type { Gpu, GpuProcess } from './gpu.ts';

/** A GPU as it is shown beside the runs of its machine. */
export interface PanelGpu extends Pick<
  Gpu,
  'index' | 'name' | 'utilization' | 'memoryMiB' | 'memoryUsedMiB' | 'powerWatts' | 'temperatureCelsius'
> {
  /** What the runs of ours that have it, or compute on it, are called: "dr_grpo seed 1 of qwen". */
  readonly runs: readonly string[];
  /** Processes on it that are none of these runs'. */
  readonly others: readonly GpuProcess[];
}

/** Processes of others that are named. */
const mostOthers = 2;

/** "GPU 0 · 83 % · 61.2 of 79.6 GiB · 412 W · 67 °C · ours: dr_grpo seed 1 of qwen". */
export function gpuRowText(gpu: PanelGpu): string {
  const { index, runs, others } = gpu;
  const named = others.slice(0, mostOthers).map(gpuProcessText);
  const more = others.length - named.length;
  return [
    `GPU ${index}`,
    ...gpuReadings(gpu),
    ...(runs.length > 0 ? [`ours: ${runs.join(', ')}`] : []),
    ...named,
    ...(more > 0 ? [counted(more, 'more process', 'more processes')] : []),
  ].join(' · ');
}

/** All GPUs in a line: "4 GPUs · 83 % busy on average · 2 with runs of ours"; empty: there is none. */
export function gpusSummary(gpus: readonly PanelGpu[]): string {
  const known = gpus.flatMap(({ utilization }) => utilization ?? []);
  const ours = gpus.filter(({ runs }) => runs.length > 0).length;
  return [
    counted(gpus.length, 'GPU'),
    ...(known.length === 0
      ? []
      : [`${percentText(known.reduce((sum, value) => sum + value, 0) / known.length / 100)} busy${known.length > 1 ? ' on average' : ''}`]),
    ...(ours === 0 ? [] : [`${ours} with ${ours === 1 ? 'a run' : 'runs'} of ours`]),
  ].join(' · ');
}

/** "python3 (process 4242, 60.1 GiB)". */
export function gpuProcessText({ pid, name, memoryMiB }: GpuProcess): string {
  const memory = memoryMiB === null ? '' : mebibytesText(memoryMiB);
  if (name === '') return memory === '' ? `process ${pid}` : `process ${pid} (${memory})`;
  return `${name} (process ${pid}${memory === '' ? '' : `, ${memory}`})`;
}
