import { parseMetrics } from '../../core/records/metrics.ts';
import type { MetricsRecord } from '../../core/records/metrics.ts';
import { openRegular } from '../directory/regularFile.ts';

/** Places at which a run's metrics are looked at for the sparkline. */
export const samples = 24;
/** Enough for a line or two of a run that logs fifty metrics. */
const windowBytes = 4096;

const newline = 0x0a;

/**
 * A step from each of `windows` places of a metrics file, spread evenly over it: what a picture a few letters wide needs, at a cost
 * that does not grow with the file. In order of step; none where the file cannot be read.
 */
export async function sampleMetrics(file: string, windows: number): Promise<readonly MetricsRecord[]> {
  const handle = await openRegular(file).catch(() => undefined);
  if (!handle) return [];
  try {
    const sampled = new SampledMetrics((await handle.stat()).size, windows);
    for (const offset of sampled.offsets) {
      const { bytesRead } = await handle.read(sampled.window, 0, sampled.window.length, offset);
      sampled.take(offset, bytesRead);
    }
    return sampled.records;
  } catch {
    return [];
  } finally {
    await handle.close();
  }
}

/** The same, with a file that the caller reads. */
export class SampledMetrics {
  /** Where to read. */
  readonly offsets: readonly number[];
  /** What to read into, as much as there is. */
  readonly window: Buffer;
  /** In order of step. */
  readonly records: MetricsRecord[] = [];

  /** `size`: bytes of the file. */
  constructor(size: number, windows: number) {
    this.window = Buffer.allocUnsafe(windowBytes);
    const last = Math.max(0, size - windowBytes);
    this.offsets = Array.from({ length: windows }, (_, i) => Math.floor((i * last) / Math.max(1, windows - 1)));
  }

  /** Takes in the first complete line of what was read from a place. */
  take(offset: number, bytesRead: number): void {
    const bytes = this.window.subarray(0, bytesRead);
    const before = offset === 0 ? -1 : bytes.indexOf(newline);
    const end = bytes.indexOf(newline, before + 1);
    if (end < 0 || (before < 0 && offset > 0)) return;
    const record = parseMetrics(bytes.toString('utf8', before + 1, end));
    if (!record) return;
    // A run that was resumed at an earlier step has not done what the file says before that of later steps.
    while ((this.records.at(-1)?.step ?? -Infinity) >= record.step) this.records.pop();
    this.records.push(record);
  }
}
