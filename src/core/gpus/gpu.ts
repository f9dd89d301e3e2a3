import { bytesText, percentText, quantityText } from '../notation.ts';

/** A GPU of a machine at a moment. Null: its tool does not say. */
export interface Gpu {
  /** As its tool counts them, from 0. */
  readonly index: number;
  readonly name: string;
  /** "GPU-3a1f9e02-…" of one of NVIDIA's. */
  readonly uuid: string | null;
  /** Version of the driver. */
  readonly driver: string | null;
  /** Percent of the last moments in which it computed. */
  readonly utilization: number | null;
  readonly memoryMiB: number | null;
  readonly memoryUsedMiB: number | null;
  readonly powerWatts: number | null;
  readonly temperatureCelsius: number | null;
  /** Whether a screen is driven by it, so that some of its memory is the desktop's. */
  readonly hasDisplay: boolean;
  /** Those that compute on it. In a container the tool may see none of them. */
  readonly processes: readonly GpuProcess[] | null;
}

export interface GpuProcess {
  readonly pid: number;
  /** Of its program, without the folder. */
  readonly name: string;
  readonly memoryMiB: number | null;
}

/** What a GPU does, part by part, as far as it is known: "83 %", "61.2 of 79.6 GiB", "412 W", "67 °C". */
export function gpuReadings(
  gpu: Pick<Gpu, 'utilization' | 'memoryMiB' | 'memoryUsedMiB' | 'powerWatts' | 'temperatureCelsius'>,
): readonly string[] {
  const { utilization, powerWatts, temperatureCelsius } = gpu;
  const memory = memoryText(gpu);
  return [
    ...(utilization === null ? [] : [percentText(utilization / 100)]),
    ...(memory === '' ? [] : [memory]),
    ...(powerWatts === null ? [] : [`${quantityText(Math.round(powerWatts))} W`]),
    ...(temperatureCelsius === null ? [] : [`${quantityText(Math.round(temperatureCelsius))} °C`]),
  ];
}

/** "61.2 of 79.6 GiB", or as much of it as is known. */
function memoryText({ memoryMiB, memoryUsedMiB }: Pick<Gpu, 'memoryMiB' | 'memoryUsedMiB'>): string {
  if (memoryUsedMiB === null) return memoryMiB === null ? '' : mebibytesText(memoryMiB);
  if (memoryMiB === null) return `${mebibytesText(memoryUsedMiB)} used`;
  const [used, total] = [mebibytesText(memoryUsedMiB), mebibytesText(memoryMiB)];
  const unit = ` ${total.split(' ')[1]}`;
  return `${used.endsWith(unit) ? used.slice(0, -unit.length) : used} of ${total}`;
}

export function mebibytesText(mebibytes: number): string {
  return bytesText(mebibytes * 2 ** 20);
}
