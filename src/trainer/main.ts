// Entry point of a run's process. Reads one LaunchRequest as JSON from standard input; `--probe [CACHE]` instead prints which
// engines work, and what was chosen by the speeds that are kept in a cache folder.
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { LaunchRequest } from '../core/records/run.ts';
import { startOrphanedBranch } from '../runs/branching/orphanedBranch.ts';
import type { EngineSite } from './engines/engineEntry.ts';
import { diagnoseEngines } from './engines/diagnosis.ts';
import { runProcess } from './runProcess.ts';

const dist = path.dirname(fileURLToPath(import.meta.url));
const site: EngineSite = { kernelFolder: dist, workerFile: path.join(dist, 'worker.mjs') };

// On a full disk the logs cannot be written: no reason to give up a run that can.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);

try {
  const [, , option, cacheDir] = process.argv;
  if (option === '--probe') {
    process.stdout.write(`${JSON.stringify(await diagnoseEngines(site, cacheDir))}\n`);
  } else {
    const request = JSON.parse(await text(process.stdin)) as LaunchRequest;
    process.title = `otb ${path.basename(request.runDir)}`;
    process.exitCode = await runProcess(request, site);
    await startOrphanedBranch(request, path.join(dist, 'otb.mjs'));
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  if (process.env['OTB_DEBUG']) console.error(error);
  process.exitCode = 1;
}
