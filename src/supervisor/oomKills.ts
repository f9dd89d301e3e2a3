import { readFileSync } from 'node:fs';
import path from 'node:path';

/** `here`: in the memory limits that this process lives in. `machine`: somewhere on the machine. */
export type OomKill = 'here' | 'machine' | 'none' | 'unknown';

/** Notices that the kernel killed processes because memory ran out. Costs nothing but a look at the beginning and one at the end. */
export class OomKills {
  private readonly before: Counters;

  /** @param read of a file of the system; undefined: it is not there, or may not be read */
  constructor(private readonly read: (file: string) => string | undefined = textOf) {
    this.before = readCounters(read);
  }

  /** Where there was one since this was made. Unknown where the system does not count them (it is not Linux, or an old one). */
  since(): OomKill {
    const now = readCounters(this.read);
    if (grew(this.before.here, now.here)) return 'here';
    if (grew(this.before.machine, now.machine)) return 'machine';
    return now.here === undefined && now.machine === undefined ? 'unknown' : 'none';
  }
}

interface Counters {
  readonly here: number | undefined;
  readonly machine: number | undefined;
}

function readCounters(read: (file: string) => string | undefined): Counters {
  const groups = (read('/proc/self/cgroup') ?? '').split('\n').flatMap((line) => {
    const [, controllers, group] = /^\d+:([^:]*):(\/.*)$/.exec(line) ?? [];
    if (group === undefined) return [];
    // Version 2 of control groups has one hierarchy for all, version 1 one for memory. A container may see its own as the root.
    if (controllers === '') return [path.join('/sys/fs/cgroup', group, 'memory.events'), '/sys/fs/cgroup/memory.events'];
    if (controllers !== 'memory') return [];
    return [path.join('/sys/fs/cgroup/memory', group, 'memory.oom_control'), '/sys/fs/cgroup/memory/memory.oom_control'];
  });
  const here = groups.map((file) => counterIn(read(file))).find((count) => count !== undefined);
  return { here, machine: counterIn(read('/proc/vmstat')) };
}

function counterIn(text: string | undefined): number | undefined {
  const [, count] = /^oom_kill (\d+)$/m.exec(text ?? '') ?? [];
  return count === undefined ? undefined : Number(count);
}

function grew(before: number | undefined, now: number | undefined): boolean {
  return before !== undefined && now !== undefined && now > before;
}

function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
