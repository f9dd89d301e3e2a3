import type { Gpu, GpuProcess } from '../../core/gpus/gpu.ts';
import { childOutput } from '../process/childOutput.ts';
import type { ChildOutput } from '../process/childOutput.ts';
import { countIn, mebibytesIn, numberIn, programName } from './toolValue.ts';
import { failed, lists } from './gpuTool.ts';
import type { GpuTool } from './gpuTool.ts';

/** Names of what is asked for: `nvidia-smi --help-query-gpu` and `--help-query-compute-apps`. */
const gpuFields = [
  'index',
  'uuid',
  'name',
  'driver_version',
  'utilization.gpu',
  'memory.used',
  'memory.total',
  'power.draw',
  'temperature.gpu',
  'display_active',
] as const;
/** The name comes last: it may have commas, and nothing is quoted. */
const processFields = ['gpu_uuid', 'pid', 'used_gpu_memory', 'process_name'] as const;

export const nvidiaSmi: GpuTool = {
  name: 'nvidia-smi',
  async ask(env, timeoutMs) {
    const query = (what: string, fields: readonly string[]): Promise<ChildOutput> =>
      childOutput('nvidia-smi', [`--query-${what}=${fields.join(',')}`, '--format=csv,nounits'], timeoutMs, env);
    const [gpus, processes] = await Promise.all([query('gpu', gpuFields), query('compute-apps', processFields)]);
    if (!gpus.ok) return failed(gpus.isMissing ? null : nvidiaProblem(gpus.printed, gpus.reason));
    const found = parseNvidiaGpus(gpus.stdout);
    if (found.length === 0) return failed(knownProblem(gpus.stdout) ?? 'nvidia-smi lists no GPU');
    return lists(withProcesses(found, processes.ok ? parseNvidiaProcesses(processes.stdout) : null));
  },
};

/**
 * GPUs from CSV, with units or without.
 *
 * @param fields what the columns are where the first line does not say
 */
export function parseNvidiaGpus(text: string, fields: readonly string[] = gpuFields): readonly Gpu[] {
  const gpus = new Map<number, Gpu>();
  for (const row of rowsOf(text, fields, 'index')) {
    const cell = (name: string): string => row.get(name) ?? '';
    const index = countIn(cell('index'));
    if (index === null || gpus.has(index)) continue;
    gpus.set(index, {
      index,
      name: cell('name') || 'NVIDIA GPU',
      uuid: /^GPU-/.test(cell('uuid')) ? cell('uuid') : null,
      driver: /^\d/.test(cell('driver_version')) ? cell('driver_version') : null,
      utilization: numberIn(cell('utilization.gpu')),
      memoryMiB: mebibytesIn(cell('memory.total')),
      memoryUsedMiB: mebibytesIn(cell('memory.used')),
      powerWatts: numberIn(cell('power.draw')),
      temperatureCelsius: numberIn(cell('temperature.gpu')),
      hasDisplay: cell('display_active') === 'Enabled',
      processes: null,
    });
  }
  return [...gpus.values()];
}

interface PlacedProcess extends GpuProcess {
  readonly uuid: string;
}

/** Processes from CSV; null where this is no list of them. */
export function parseNvidiaProcesses(text: string): readonly PlacedProcess[] | null {
  if (!/^\s*gpu_uuid\s*,\s*pid\b/.test(text)) return null;
  return rowsOf(text, processFields, 'pid').flatMap((row) => {
    const pid = countIn(row.get('pid') ?? '');
    if (pid === null) return [];
    const name = programName(row.get('process_name') ?? '');
    const memoryMiB = mebibytesIn(row.get('used_gpu_memory') ?? '');
    // A process of another container has no name here.
    return [{ pid, memoryMiB, name: name.startsWith('[') ? '' : name, uuid: row.get('gpu_uuid') ?? '' }];
  });
}

function withProcesses(gpus: readonly Gpu[], processes: readonly PlacedProcess[] | null): readonly Gpu[] {
  if (processes === null) return gpus;
  return gpus.map((gpu) => ({
    ...gpu,
    processes: processes.filter(({ uuid }) => uuid === gpu.uuid).map(({ pid, name, memoryMiB }) => ({ pid, name, memoryMiB })),
  }));
}

/** Cells by the names of their columns, which the first line gives, with units in brackets: "memory.used [MiB]". */
function rowsOf(text: string, fields: readonly string[], mark: string): readonly ReadonlyMap<string, string>[] {
  const lines = text.split(/\r?\n/).filter((line) => line.includes(','));
  const header = (lines[0] ?? '').split(',').map((cell) => cell.replace(/\[.*$/, '').trim());
  const hasHeader = header.includes(mark);
  const names = hasHeader ? header : fields;
  return lines.slice(hasHeader ? 1 : 0).map((line) => {
    const cells = line.split(',').map((cell) => cell.trim());
    const rest = cells.splice(names.length - 1).join(', ');
    return new Map([...cells, rest].map((cell, at) => [names[at] ?? '', cell]));
  });
}

/** Why nvidia-smi fails, with the remedy. */
function nvidiaProblem(printed: string, reason: string): string {
  const said = printed
    .split('\n')
    .find((line) => line.trim() !== '')
    ?.trim();
  return knownProblem(printed) ?? `nvidia-smi does not work: ${(said ?? reason).replace(/[.:]+$/, '')}`;
}

/** What it means by what it prints, on standard output as well; undefined: it is not known. */
function knownProblem(printed: string): string | undefined {
  if (/No devices were found/i.test(printed))
    return 'nvidia-smi finds the NVIDIA driver, but no GPU: it is switched off, or not given to this container or virtual machine';
  if (/couldn't communicate with the NVIDIA driver/i.test(printed))
    return 'nvidia-smi is installed, but the NVIDIA driver is not loaded: install it, or restart the machine after an update of its kernel';
  if (/version mismatch/i.test(printed)) return 'the NVIDIA driver was updated and the old one is still loaded: restart the machine';
  if (/Failed to initialize NVML/i.test(printed))
    return 'nvidia-smi cannot reach the NVIDIA driver (Failed to initialize NVML): in a container, start it again with its GPUs, e.g. with --gpus all';
  return undefined;
}
