import { readFileSync, readdirSync, readlinkSync } from 'node:fs';
import path from 'node:path';

/** What can be killed: `launcher` is an `otb run` or `otb resume` that is being watched. */
export type Victim = 'trainer' | 'queue' | 'launcher';

export interface LiveProcess {
  readonly pid: number;
  readonly kind: Victim;
  /** The run directory into whose metrics it writes; undefined: into none, or not yet. */
  readonly writes: string | undefined;
}

/** The processes of ours that work in a folder, from /proc. */
export function processesIn(folder: string): readonly LiveProcess[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .flatMap((pid) => {
      try {
        if (readlinkSync(`/proc/${pid}/cwd`) !== folder) return [];
        const kind = kindOf(readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0'));
        return kind === undefined ? [] : [{ pid: Number(pid), kind, writes: kind === 'trainer' ? runWrittenBy(pid) : undefined }];
      } catch {
        // It has ended meanwhile.
        return [];
      }
    });
}

/** A trainer gives itself the name of its run. */
function kindOf(command: readonly string[]): Victim | undefined {
  if (command[0]?.startsWith('otb ') || command.some((word) => word.endsWith('/trainer.mjs'))) return 'trainer';
  const entry = command.findIndex((word) => word.endsWith('/otb.mjs'));
  if (entry < 0) return undefined;
  return command[entry + 1] === 'queue' ? 'queue' : 'launcher';
}

function runWrittenBy(pid: string): string | undefined {
  for (const descriptor of readdirSync(`/proc/${pid}/fd`)) {
    const file = readlinkSync(`/proc/${pid}/fd/${descriptor}`);
    if (path.basename(file) === 'metrics.jsonl') return path.dirname(file);
  }
  return undefined;
}
