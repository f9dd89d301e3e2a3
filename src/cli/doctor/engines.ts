import { existsSync } from 'node:fs';
import path from 'node:path';
import { childOutput } from '../../runs/process/childOutput.ts';

/** Whether one of the trainer's engines works here, and why or why not. */
export interface EngineProbe {
  readonly name: string;
  readonly usable: boolean;
  readonly reason: string;
  /** What it runs on; null where it is not usable. */
  readonly device: string | null;
}

/** Asks the trainer which engines work. In a process of its own, because a native engine that fails to load can take its process down. */
export async function probeEngines(root: string): Promise<{ readonly engines: readonly EngineProbe[]; readonly problem: string | null }> {
  const trainer = path.join(root, 'dist', 'trainer.mjs');
  if (!existsSync(trainer)) return { engines: [], problem: `${trainer} is missing: run npm run build` };
  const output = await childOutput(process.execPath, [trainer, '--probe'], 60_000);
  if (!output.ok) return { engines: [], problem: `the trainer could not be asked: ${output.reason}` };
  const engines = parseProbe(output.stdout);
  return engines === undefined
    ? { engines: [], problem: 'the trainer gave no list of engines: run npm run build' }
    : { engines, problem: null };
}

function parseProbe(text: string): EngineProbe[] | undefined {
  try {
    const { engines } = JSON.parse(text) as { engines?: unknown };
    return Array.isArray(engines) && engines.every(isEngineProbe) ? engines : undefined;
  } catch {
    return undefined;
  }
}

function isEngineProbe(value: unknown): value is EngineProbe {
  if (typeof value !== 'object' || value === null) return false;
  const { name, usable, reason, device } = value as Record<string, unknown>;
  return (
    typeof name === 'string' && typeof usable === 'boolean' && typeof reason === 'string' && (typeof device === 'string' || device === null)
  );
}
