import { realpath } from 'node:fs/promises';
import { isOwn } from '../catalog/runOverview.ts';
import type { RunOverview } from '../catalog/runOverview.ts';

/** The first of the runs that came from a config; an editor and a command line may have reached its file by different links. */
export async function newestRunOf(config: string, newestFirst: readonly RunOverview[]): Promise<RunOverview | undefined> {
  const real = await realPathOf(config);
  for (const run of newestFirst) {
    if (!isOwn(run)) continue;
    const { configFile } = run.identity.record;
    if (configFile !== null && (configFile === config || (await realPathOf(configFile)) === real)) return run;
  }
  return undefined;
}

function realPathOf(file: string): Promise<string> {
  return realpath(file).catch(() => file);
}
