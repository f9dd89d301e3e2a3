import type { Gpu, GpuProcess } from '../../core/gpus/gpu.ts';
import { isObject, parse } from '../../core/records/json.ts';
import { childOutput } from '../process/childOutput.ts';
import { failed, lists } from './gpuTool.ts';
import type { GpuTool } from './gpuTool.ts';
import { mebibytesIn, numberIn, programName } from './toolValue.ts';

type Fields = Readonly<Record<string, unknown>>;

/** AMD's tool of ROCm 6 and later. Its JSON is that of `amdsmi_commands.py` in ROCm/amdsmi. */
export const amdSmi: GpuTool = {
  name: 'amd-smi',
  async ask(env, timeoutMs) {
    const query = async (args: readonly string[]): Promise<readonly Fields[] | string | null> => {
      const output = await childOutput('amd-smi', [...args, '--json'], timeoutMs, env);
      if (!output.ok) return output.isMissing ? null : output.reason;
      return entriesOf(output.stdout);
    };
    const [metrics, statics, processes] = await Promise.all([
      query(['metric', '--usage', '--mem-usage', '--power', '--temperature']),
      query(['static', '--asic', '--driver']),
      query(['process']),
    ]);
    if (metrics === null) return failed(null);
    if (typeof metrics === 'string') return failed(`amd-smi does not work: ${metrics.replace(/[.:]+$/, '')}`);
    const asked = (answer: readonly Fields[] | string | null): readonly Fields[] => (Array.isArray(answer) ? answer : []);
    const gpus = amdGpus(metrics, asked(statics), asked(processes));
    return gpus.length > 0 ? lists(gpus) : failed('amd-smi lists no GPU');
  },
};

/** The entries of what amd-smi prints, one a GPU: a list, or in later versions the list `gpu_data`. */
function entriesOf(text: string): readonly Fields[] {
  // Warnings may stand before it.
  const value = parse(text.slice(Math.max(0, text.search(/^[[{]/m))));
  const entries: unknown = isObject(value) ? (value['gpu_data'] ?? [value]) : value;
  return Array.isArray(entries) ? entries.filter(isObject) : [];
}

function amdGpus(metrics: readonly Fields[], statics: readonly Fields[], processes: readonly Fields[]): readonly Gpu[] {
  const of = (entries: readonly Fields[], index: number): Fields => entries.find(({ gpu }) => gpu === index) ?? {};
  const gpus = metrics.flatMap((entry): readonly Gpu[] => {
    const { gpu: index, usage, mem_usage: memory, power, temperature } = entry;
    if (!Number.isSafeInteger(index) || (index as number) < 0) return [];
    const { asic, driver } = of(statics, index as number);
    const { process_list: listed } = of(processes, index as number);
    return [
      {
        index: index as number,
        name: textAt(asic, 'market_name') ?? 'AMD GPU',
        uuid: null,
        driver: textAt(driver, 'version') ?? textAt(driver, 'driver_version') ?? null,
        utilization: numberAt(usage, 'gfx_activity'),
        memoryMiB: mebibytesAt(memory, 'total_vram', 'MiB'),
        memoryUsedMiB: mebibytesAt(memory, 'used_vram', 'MiB'),
        powerWatts: numberAt(power, 'socket_power') ?? numberAt(power, 'current_socket_power') ?? numberAt(power, 'average_socket_power'),
        temperatureCelsius: numberAt(temperature, 'edge') ?? numberAt(temperature, 'hotspot'),
        hasDisplay: false,
        processes: Array.isArray(listed) ? listed.flatMap(processOf) : null,
      },
    ];
  });
  return [...new Map(gpus.map((gpu) => [gpu.index, gpu])).values()];
}

/** Where none runs, there is a sentence instead. */
function processOf(listed: unknown): readonly GpuProcess[] {
  const info = isObject(listed) ? listed['process_info'] : undefined;
  if (!isObject(info) || !Number.isSafeInteger(info['pid'])) return [];
  const memoryMiB = mebibytesAt(info['memory_usage'], 'vram_mem', 'B') ?? mebibytesAt(info, 'mem_usage', 'B');
  return [{ pid: info['pid'] as number, name: programName(textAt(info, 'name') ?? ''), memoryMiB }];
}

/** "N/A" is no text. */
function textAt(fields: unknown, key: string): string | undefined {
  const value = isObject(fields) ? fields[key] : undefined;
  return typeof value === 'string' && value !== 'N/A' && value !== '' ? value : undefined;
}

/** A value is a number, a text, or an object of a number and its unit. */
function valueAt(fields: unknown, key: string): string {
  const value = isObject(fields) ? fields[key] : undefined;
  if (isObject(value)) return `${String(value['value'])} ${String(value['unit'] ?? '')}`;
  return typeof value === 'number' || typeof value === 'string' ? String(value) : '';
}

function numberAt(fields: unknown, key: string): number | null {
  return numberIn(valueAt(fields, key));
}

function mebibytesAt(fields: unknown, key: string, unit: 'B' | 'MiB'): number | null {
  return mebibytesIn(valueAt(fields, key), unit);
}
