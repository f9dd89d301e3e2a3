import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Gpu } from '../../core/gpus/gpu.ts';
import type { PanelGpu } from '../../core/gpus/panelGpu.ts';
import { treeVariables } from '../process/processTree.ts';
import { findGpus } from './findGpus.ts';
import { readLeases } from './leasesFile.ts';
import type { GpuLease } from './leasesFile.ts';

/** What each GPU of this machine does, and for which runs; none where there is none. Never rejects. */
export async function gpuUse(env: NodeJS.ProcessEnv = process.env): Promise<readonly PanelGpu[]> {
  const [survey, leases] = await Promise.all([findGpus(env), readLeases(env)]);
  return survey.kind === 'none' ? [] : survey.gpus.map((gpu) => useOf(gpu, leases, runDirOf));
}

/** @param runDirOf the run that a process belongs to; undefined: none of ours, or not known */
export function useOf(gpu: Gpu, leases: readonly GpuLease[], runDirOf: (pid: number) => string | undefined): PanelGpu {
  const { index, name, utilization, memoryMiB, memoryUsedMiB, powerWatts, temperatureCelsius } = gpu;
  const lease = leases.find(({ gpus }) => gpus.includes(index));
  const processes = (gpu.processes ?? []).map((process) => ({ process, runDir: runDirOf(process.pid) }));
  const runDirs = new Set([...(lease ? [lease.runDir] : []), ...processes.flatMap(({ runDir }) => runDir ?? [])]);
  const titleOf = (runDir: string): string => leases.find((each) => each.runDir === runDir)?.title ?? path.basename(runDir);
  // A program that gives itself a title, as the workers of Ray and vLLM do, hides whose it is: on a GPU that a run has for itself, its own.
  const others = lease ? [] : processes.filter(({ runDir }) => runDir === undefined).map(({ process }) => process);
  return { index, name, utilization, memoryMiB, memoryUsedMiB, powerWatts, temperatureCelsius, runs: [...runDirs].map(titleOf), others };
}

/** Every process of a run has the run's directory in its environment. Only Linux lets others read it. */
function runDirOf(pid: number): string | undefined {
  try {
    const start = `${treeVariables.runDir}=`;
    const entries = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
    return entries.find((entry) => entry.startsWith(start))?.slice(start.length) || undefined;
  } catch {
    // It has ended, or is another user's.
    return undefined;
  }
}
