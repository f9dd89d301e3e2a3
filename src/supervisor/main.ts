// Entry point of the process that runs somebody's command as a run. Reads one LaunchRequest as JSON from standard input; `--after` instead
// ends what a supervisor that was killed has left.
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { LaunchRequest } from '../core/records/run.ts';
import { startOrphanedBranch } from '../runs/branching/orphanedBranch.ts';
import { orphanedCommand } from './guard.ts';
import { endOrphaned } from './killedRun.ts';
import { superviseRun } from './superviseRun.ts';

const entry = fileURLToPath(import.meta.url);

// On a full disk the logs cannot be written: no reason to give up a run that can.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);

try {
  const orphaned = orphanedCommand(process.argv.slice(2));
  if (orphaned) {
    await endOrphaned(orphaned);
  } else {
    const request = JSON.parse(await text(process.stdin)) as LaunchRequest;
    process.title = `otb ${path.basename(request.runDir)}`;
    process.exitCode = await superviseRun(request, entry);
    await startOrphanedBranch(request, path.join(path.dirname(entry), 'otb.mjs'));
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  if (process.env['OTB_DEBUG']) console.error(error);
  process.exitCode = 1;
}
