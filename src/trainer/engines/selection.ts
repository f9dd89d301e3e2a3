import { sequencesOf } from '../../core/memory/memoryNeed.ts';
import type { Engine } from './engine.ts';
import { EngineUnusableError, type EngineEntry, type EngineSetup, type EngineSite } from './engineEntry.ts';
import { fastestOf } from './fastest.ts';
import { engines } from './list.ts';
import { measureEngines } from './measure.ts';
import { checkEngine } from './selfCheck.ts';
import { keptSpeeds } from './speedFile.ts';

export interface EngineChoice {
  readonly engine: Engine;
  readonly reason: string;
}

/** What an engine is chosen for. */
export interface EngineRequest extends Omit<EngineSetup, 'sequences'> {
  /** Where measured speeds are kept. */
  readonly cacheDir: string;
}

/**
 * Makes the engine that was asked for. Never another one: if it cannot be used, or does not calculate as the others do, throws with the
 * reason and the remedy. `auto`: the fastest one at the size of the config.
 */
export async function createEngine(asked: string, request: EngineRequest, list: readonly EngineEntry[] = engines): Promise<EngineChoice> {
  const setup: EngineSetup = { ...request, sequences: sequencesOf(request.config) };
  const { entry, reason } =
    asked === 'auto'
      ? await fastest(setup, request.cacheDir, list)
      : { entry: await named(asked, setup.site, list), reason: `chosen by --engine ${asked}` };
  const engine = await entry.create(setup);
  try {
    await checkEngine(engine, setup);
  } catch (error) {
    await engine.dispose();
    throw error;
  }
  return { engine, reason };
}

async function named(name: string, site: EngineSite, list: readonly EngineEntry[]): Promise<EngineEntry> {
  const entry = list.find((each) => each.name === name);
  if (!entry)
    throw new EngineUnusableError(`There is no engine "${name}".`, `Use auto or one of ${list.map((each) => each.name).join(', ')}.`);
  const { usable, reason } = await entry.probe(site);
  if (!usable) throw new EngineUnusableError(`The engine ${name} cannot be used here: ${reason}`, '');
  return entry;
}

interface ChosenEntry {
  readonly entry: EngineEntry;
  readonly reason: string;
}

async function fastest(setup: EngineSetup, cacheDir: string, list: readonly EngineEntry[]): Promise<ChosenEntry> {
  const candidates: EngineEntry[] = [];
  const problems: string[] = [];
  for (const entry of list.filter(({ isCandidate }) => isCandidate)) {
    const { usable, reason } = await entry.probe(setup.site);
    if (usable) candidates.push(entry);
    else problems.push(`${entry.name}: ${reason}`);
  }
  const [first, ...others] = candidates;
  if (!first) throw new EngineUnusableError('No engine can be used here.', problems.join(' '));
  if (others.length === 0) return { entry: first, reason: 'the only one here that auto can choose' };
  const names = candidates.map(({ name }) => name);
  const { name, reason } = fastestOf(await keptSpeeds(cacheDir, names, setup, () => measureEngines(candidates, setup)));
  return { entry: candidates.find((each) => each.name === name)!, reason };
}
