import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { rolloutInWords } from '../../core/config/memoryFindings.ts';
import { counted } from '../../core/notation.ts';
import { isObject, parse } from '../../core/records/json.ts';
import { writeAtomically, writeNew } from '../../runs/directory/atomicFile.ts';
import { readBytesSync, sizeLimits } from '../../runs/directory/regularFile.ts';
import type { EngineSetup, EngineSite } from './engineEntry.ts';
import type { EngineSpeed, Measurement } from './measure.ts';

/** Speeds of engines at a size, on a machine. */
export interface KeptSpeeds extends Measurement {
  /** Program, Node and machine with which they were measured. */
  readonly place: string;
  /** "2 × 8 responses of up to 80 tokens with a policy of width 8, 1 thread" */
  readonly size: string;
}

const prefix = 'engine-speeds-';

/**
 * The speeds of the engines `names` at the size of a setup, measured once by this program on this machine and kept in `folder`; where
 * several processes measure at once, the first one's count for all, so that the runs of a group have one engine. A file that is damaged,
 * or cannot be written, means no more than to measure anew.
 */
export async function keptSpeeds(
  folder: string,
  names: readonly string[],
  setup: EngineSetup,
  measure: () => Promise<Measurement>,
): Promise<Measurement> {
  const { config, sequences, threads } = setup;
  const { task, policy, rollout } = config;
  const place = placeOf(setup.site);
  const inputs = [place, names, task.name, policy, rollout.maxResponseTokens, sequences, threads];
  const file = path.join(folder, `${prefix}${createHash('sha256').update(JSON.stringify(inputs)).digest('hex').slice(0, 16)}.json`);
  const isFor = (kept: KeptSpeeds | undefined): kept is KeptSpeeds => kept?.speeds.map(({ name }) => name).join() === names.join();
  const kept = read(file);
  if (isFor(kept)) return kept;
  const measured = await measure();
  const size = `${rolloutInWords(config)}, ${counted(threads, 'thread')}`;
  try {
    mkdirSync(folder, { recursive: true });
    const text = `${JSON.stringify({ place, size, ...measured } satisfies KeptSpeeds)}\n`;
    try {
      writeNew(file, text);
    } catch {
      const others = read(file);
      if (isFor(others)) return others;
      writeAtomically(file, text);
    }
  } catch {
    // Nothing but the time of the next measurement is lost.
  }
  return measured;
}

/** What was measured by this program on this machine and is kept in `folder`, the latest first. */
export function speedsKeptIn(folder: string, site: EngineSite): readonly KeptSpeeds[] {
  const place = placeOf(site);
  try {
    const files = readdirSync(folder).filter((name) => name.startsWith(prefix) && name.endsWith('.json'));
    const timed = files.map((name) => path.join(folder, name)).map((file) => ({ file, time: statSync(file).mtimeMs }));
    return timed
      .toSorted((a, b) => b.time - a.time)
      .flatMap(({ file }) => read(file) ?? [])
      .filter((kept) => kept.place === place);
  } catch {
    return [];
  }
}

function read(file: string): KeptSpeeds | undefined {
  try {
    const value = parse(new TextDecoder().decode(readBytesSync(file, sizeLimits.exitRecord)));
    if (!isObject(value)) return undefined;
    const { place, size, at, speeds } = value;
    if (typeof place !== 'string' || typeof size !== 'string' || typeof at !== 'string') return undefined;
    return Array.isArray(speeds) && speeds.length > 0 && speeds.every(isSpeed) ? { place, size, at, speeds } : undefined;
  } catch {
    return undefined;
  }
}

function isSpeed(value: unknown): value is EngineSpeed {
  if (!isObject(value)) return false;
  const { name, tokensPerSecond } = value;
  return typeof name === 'string' && typeof tokensPerSecond === 'number' && Number.isFinite(tokensPerSecond) && tokensPerSecond > 0;
}

function placeOf({ kernelFolder }: EngineSite): string {
  const cores = os.cpus();
  return [programVersion(kernelFolder), process.version, os.hostname(), os.arch(), cores[0]?.model ?? '', cores.length].join(' · ');
}

/** The package's version, whose package.json lies above the folder of its kernels. */
function programVersion(kernelFolder: string): string {
  try {
    return String((JSON.parse(readFileSync(path.join(kernelFolder, '..', 'package.json'), 'utf8')) as { version?: unknown }).version);
  } catch {
    return 'unknown';
  }
}
