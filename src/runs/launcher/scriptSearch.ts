import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { isWithin, pathKey } from '../directory/pathWithin.ts';
import { scriptSyntax } from '../../core/inline/scriptText.ts';
import { trainingScript } from '../../core/config/trainingScript.ts';
import type { TrainingScript } from '../../core/config/trainingScript.ts';
import { openRegular } from '../directory/regularFile.ts';
import type { ConfigKind } from './frameworkPresets.ts';

/** How deep a folder is looked into, at how many of its entries, and at how many scripts: repositories of frameworks have some hundred. */
const limits = { levels: 6, entries: 20_000, scripts: 1000 } as const;
/** Bytes of a script that are read. */
const mostBytes = 256 << 10;

/** Folders that hold no scripts of the user's. */
const skipped = new Set([
  'node_modules',
  '__pycache__',
  'venv',
  'env',
  'site-packages',
  'checkpoints',
  'outputs',
  'wandb',
  'mlruns',
  'build',
  'dist',
]);

/** The scripts in a folder and the folders in it, those nearest first; hidden folders, and what cannot be read, are passed over. */
export async function findScripts(folder: string): Promise<readonly TrainingScript[]> {
  const found: TrainingScript[] = [];
  let level = [''];
  let left = limits.entries;
  for (let depth = 0; depth < limits.levels && level.length > 0; depth++) {
    const next: string[] = [];
    for (const inside of level) {
      const entries = await readdir(path.join(folder, inside), { withFileTypes: true }).catch(() => []);
      left -= entries.length;
      if (left < 0) return found;
      for (const entry of entries.toSorted((a, b) => a.name.localeCompare(b.name))) {
        const file = path.posix.join(inside, entry.name);
        if (entry.isDirectory() && !entry.name.startsWith('.') && !skipped.has(entry.name)) next.push(file);
        if (!entry.isFile() || !isScript(entry.name)) continue;
        const script = await readScript(folder, file);
        if (script) found.push(script);
        if (found.length === limits.scripts) return found;
      }
    }
    level = next;
  }
  return found;
}

/**
 * One script, by its path from the folder, or absolute. Undefined where it cannot be read, or is no script by its name. A file outside of
 * the folder keeps its absolute path.
 */
export async function readScript(folder: string, file: string): Promise<TrainingScript | undefined> {
  const absolute = path.resolve(folder, file);
  try {
    return trainingScript(isWithin(absolute, folder) ? pathKey(absolute, folder) : absolute, await beginningOf(absolute));
  } catch {
    return undefined;
  }
}

function isScript(name: string): boolean {
  const syntax = scriptSyntax(name);
  return (syntax === 'shell' || syntax === 'python') && !/^(?:__init__|setup|conftest)\.py$|(?:^test_|_test\.py$)/.test(name);
}

async function beginningOf(file: string): Promise<string> {
  const handle = await openRegular(file);
  try {
    const bytes = Buffer.alloc(mostBytes);
    const { bytesRead } = await handle.read(bytes, 0, mostBytes, 0);
    return bytes.toString('utf8', 0, bytesRead);
  } finally {
    await handle.close();
  }
}

/** Of these scripts, those that a config of a kind may be for. */
export function scriptsFor(kind: ConfigKind, scripts: readonly TrainingScript[]): readonly TrainingScript[] {
  return kind === 'verl' || kind === 'trl' ? scripts.filter(({ framework }) => framework === kind) : scripts;
}
