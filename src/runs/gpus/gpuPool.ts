import { mebibytesText } from '../../core/gpus/gpu.ts';
import type { Gpu } from '../../core/gpus/gpu.ts';
import { counted, listText } from '../../core/notation.ts';
import { GpuError } from './gpuError.ts';
import { listedText } from './visibleGpus.ts';
import type { VisibleGpus } from './visibleGpus.ts';

/** What a run asks for. */
export interface GpuRequest {
  /** Those that it may get, by index; `all`: whichever nobody uses. */
  readonly pool: 'all' | readonly number[];
  /** How many of them. */
  readonly count: number;
}

/** `why`: to follow "waits for". */
export type GpuChoice = { readonly kind: 'taken'; readonly gpus: readonly number[] } | { readonly kind: 'waits'; readonly why: string };

/** Memory in use from which on a GPU counts as another program's: an idle one has less, with what its driver and a display take. */
const idleMiB = 500;
/** Parts of a reason that are named. */
const mostParts = 4;

/**
 * The GPUs of a machine that a request is about. Throws a GpuError where it can never be fulfilled.
 *
 * @param all GPUs of the machine
 * @param visible those that the environment leaves
 */
export function poolOf({ pool, count }: GpuRequest, all: readonly Gpu[], { gpus: visible, by }: VisibleGpus): readonly Gpu[] {
  if (pool !== 'all') {
    const missing = pool.filter((index) => !all.some((gpu) => gpu.index === index));
    if (missing.length > 0)
      throw new GpuError(
        `"gpus" names ${listedText(missing.map((index) => ({ index })))}, but this machine has ${listedText(all)}`,
        'Write indices that are there, or "gpus": "all". otb doctor lists them.',
      );
  }
  const gpus = visible.filter(({ index }) => pool === 'all' || pool.includes(index));
  if (gpus.length >= count) return gpus;
  const wanted = `each run takes ${counted(count, 'GPU')}, but`;
  if (by !== null && (pool === 'all' ? all.length : pool.length) >= count)
    throw new GpuError(
      `${wanted} ${by} leaves ${listedText(visible)}${pool === 'all' || gpus.length === visible.length ? '' : `, and of those in "gpus" ${listedText(gpus)}`}`,
      `Unset ${by} or name more GPUs in it, or change "gpus" and "gpusPerRun".`,
    );
  throw new GpuError(
    pool === 'all'
      ? `${wanted} this machine has ${counted(all.length, 'GPU')}`
      : `${wanted} "gpus" names only ${counted(gpus.length, 'GPU')}`,
    'Lower "gpusPerRun".',
  );
}

/** Chooses those with the lowest indices that are free, or says who has the others. */
export function chooseGpus({ pool, count }: GpuRequest, gpus: readonly Gpu[], takenBy: ReadonlyMap<number, string>): GpuChoice {
  const isFree = (gpu: Gpu): boolean => !takenBy.has(gpu.index) && (pool !== 'all' || otherUse(gpu) === null);
  const free = gpus.filter(isFree);
  if (free.length >= count) {
    const chosen = free.slice(0, count).map(({ index }) => index);
    return { kind: 'taken', gpus: chosen.toSorted((a, b) => a - b) };
  }
  const users = new Map<string, number[]>();
  for (const gpu of gpus) {
    if (isFree(gpu)) continue;
    const taker = takenBy.get(gpu.index);
    const words = taker === undefined ? `in use by ${otherUse(gpu) ?? ''}` : `taken by ${taker}`;
    users.set(words, [...(users.get(words) ?? []), gpu.index]);
  }
  const parts = [...users].map(([words, indices]) => `${listText(indices.map(String))} ${indices.length === 1 ? 'is' : 'are'} ${words}`);
  const shown = parts.length > mostParts ? [...parts.slice(0, mostParts - 1), `${parts.length - mostParts + 1} more are taken`] : parts;
  const onlyFree =
    free.length === 0 ? [] : [`only ${listText(free.map(({ index }) => String(index)))} ${free.length === 1 ? 'is' : 'are'} free`];
  return { kind: 'waits', why: `${count === 1 ? 'a GPU' : counted(count, 'GPU')}: ${[...onlyFree, ...shown].join(', ')}` };
}

/** Who uses a GPU that no run has taken, in words; null: nobody, or nobody who needs more than an idle GPU has in use. */
function otherUse({ processes, memoryUsedMiB, hasDisplay }: Gpu): string | null {
  const listed = processes ?? [];
  const ofListed = listed.reduce((sum, { memoryMiB }) => sum + (memoryMiB ?? 0), 0);
  // In a container those of others are not listed, but their memory counts; that of a desktop is no program's that computes.
  const used = hasDisplay ? ofListed : Math.max(ofListed, memoryUsedMiB ?? 0);
  const [first] = listed;
  const isUnknown = first !== undefined && listed.every(({ memoryMiB }) => memoryMiB === null) && memoryUsedMiB === null;
  if (used < idleMiB && !isUnknown) return null;
  const size = used >= idleMiB ? [mebibytesText(used)] : [];
  if (first === undefined) return `another program (${size.join('')})`;
  if (listed.length > 1) return `other programs (${[`${listed.length} processes`, ...size].join(', ')})`;
  return `another program (${[...(first.name === '' ? [] : [first.name]), `process ${first.pid}`, ...size].join(', ')})`;
}
