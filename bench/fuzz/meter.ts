import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { FuzzCase } from './target.ts';

/** What one input took. */
export interface Cost {
  readonly ms: number;
  /** Memory that parsing it added, garbage included. */
  readonly bytes: number;
  /** What it threw; undefined: nothing. */
  readonly error: Error | undefined;
}

/** From here on an input is measured again, alone: another process, or the collector, may have had its turn meanwhile. */
const suspiciousMs = 10;
const suspiciousBytes = 8 << 20;
const tries = 3;

/** Measures inputs: the best of several times where one took long, and memory right after a collection where one took much. */
export class Meter {
  private readonly collect: () => void;

  constructor() {
    setFlagsFromString('--expose-gc');
    this.collect = runInNewContext('gc') as () => void;
  }

  /** Bytes in use once all garbage is gone. */
  kept(): number {
    this.collect();
    return used();
  }

  async measure(input: FuzzCase): Promise<Cost> {
    let { ms, bytes, error } = await once(input);
    for (let left = tries; left > 0 && error === undefined && (ms > suspiciousMs || bytes > suspiciousBytes || bytes < 0); left--) {
      this.collect();
      const again = await once(input);
      ms = Math.min(ms, again.ms);
      bytes = bytes < 0 ? again.bytes : Math.max(0, Math.min(bytes, again.bytes));
      error = again.error;
      if (ms <= suspiciousMs && bytes <= suspiciousBytes) break;
    }
    return { ms, bytes: Math.max(0, bytes), error };
  }
}

async function once(input: FuzzCase): Promise<Cost> {
  const before = used();
  const cpu = process.cpuUsage();
  const started = performance.now();
  let error: Error | undefined;
  try {
    const pending = input.run();
    if (pending) await pending;
  } catch (thrown) {
    error = thrown instanceof Error ? thrown : new Error(String(thrown));
  }
  const wall = performance.now() - started;
  const { user, system } = process.cpuUsage(cpu);
  // Neither counts what only other processes did: the clock goes on while they run, the collector's threads count as ours.
  return { ms: Math.min(wall, (user + system) / 1000), bytes: used() - before, error };
}

function used(): number {
  // Not process.memoryUsage(), which asks the system as well.
  const { used_heap_size: heap, external_memory: external } = getHeapStatistics();
  return heap + external;
}
