import { existsSync } from 'node:fs';
import path from 'node:path';
import { isObject, parse } from '../../core/records/json.ts';
import { childOutput } from '../../runs/process/childOutput.ts';

/** Whether one of the trainer's engines works here, and why or why not. */
export interface EngineProbe {
  readonly name: string;
  readonly usable: boolean;
  readonly reason: string;
  /** What it runs on; null where it is not usable. */
  readonly device: string | null;
  /** Whether `auto` considers it. */
  readonly isCandidate: boolean;
}

/** What `auto` has chosen for a size of run, and why. */
export interface AutoChoice {
  readonly size: string;
  readonly name: string;
  readonly reason: string;
}

interface FoundEngines {
  readonly engines: readonly EngineProbe[];
  /** The latest first. */
  readonly choices: readonly AutoChoice[];
  readonly problem: string | null;
}

/** Asks the trainer which engines work. In a process of its own, because a native engine that fails to load can take its process down. */
export async function probeEngines(root: string, cacheDir?: string): Promise<FoundEngines> {
  const none = (problem: string): FoundEngines => ({ engines: [], choices: [], problem });
  const trainer = path.join(root, 'dist', 'trainer.mjs');
  if (!existsSync(trainer)) return none(`${trainer} is missing: run npm run build`);
  const output = await childOutput(process.execPath, [trainer, '--probe', ...(cacheDir === undefined ? [] : [cacheDir])], 60_000);
  if (!output.ok) return none(`the trainer could not be asked: ${output.reason}`);
  return parseProbe(output.stdout) ?? none('the trainer gave no list of engines: run npm run build');
}

function parseProbe(text: string): FoundEngines | undefined {
  const found = parse(text);
  if (!isObject(found)) return undefined;
  const { engines, choices } = found;
  if (!Array.isArray(engines) || !engines.every(isEngineProbe) || !Array.isArray(choices) || !choices.every(isChoice)) return undefined;
  return { engines, choices, problem: null };
}

function isChoice(value: unknown): value is AutoChoice {
  return isObject(value) && ['size', 'name', 'reason'].every((key) => typeof value[key] === 'string');
}

function isEngineProbe(value: unknown): value is EngineProbe {
  if (!isObject(value)) return false;
  const { name, usable, reason, device, isCandidate } = value;
  const isTold = typeof name === 'string' && typeof reason === 'string' && (typeof device === 'string' || device === null);
  return isTold && typeof usable === 'boolean' && typeof isCandidate === 'boolean';
}
