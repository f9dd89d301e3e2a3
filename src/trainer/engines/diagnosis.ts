import type { EngineSite, EngineState } from './engineEntry.ts';
import { fastestOf } from './fastest.ts';
import { engines } from './list.ts';
import { speedsKeptIn } from './speedFile.ts';

/** What `otb doctor` tells of the engines. */
export interface EngineDiagnosis {
  readonly engines: readonly ProbedEngine[];
  /** What `auto` has chosen with what is kept in a cache folder, the latest first. */
  readonly choices: readonly { readonly size: string; readonly name: string; readonly reason: string }[];
}

interface ProbedEngine extends EngineState {
  readonly name: string;
  /** Whether `auto` considers it. */
  readonly isCandidate: boolean;
}

/** Tries every engine, in the order of the list. For a process of its own. `cacheDir`: where measured speeds are kept. */
export async function diagnoseEngines(site: EngineSite, cacheDir: string | undefined): Promise<EngineDiagnosis> {
  const probed: ProbedEngine[] = [];
  for (const entry of engines) probed.push({ name: entry.name, isCandidate: entry.isCandidate, ...(await entry.probe(site)) });
  const kept = cacheDir === undefined ? [] : speedsKeptIn(cacheDir, site);
  return { engines: probed, choices: kept.map((each) => ({ size: each.size, ...fastestOf(each) })) };
}
