import { parseMetrics } from '../../core/records/metrics.ts';
import type { MetricsRecord } from '../../core/records/metrics.ts';
import { openRegular } from '../directory/regularFile.ts';

/** Enough for a line or two of a run that logs fifty metrics. */
const windowBytes = 4096;

/**
 * A few steps from each of `windows` places of a metrics file, spread evenly over it: what a picture a few letters wide needs, at
 * a cost that does not grow with the file. In order of step; none where the file cannot be read.
 */
export async function sampleMetrics(file: string, windows: number): Promise<readonly MetricsRecord[]> {
  const handle = await openRegular(file).catch(() => undefined);
  if (!handle) return [];
  const records: MetricsRecord[] = [];
  try {
    const { size } = await handle.stat();
    const chunk = Buffer.allocUnsafe(windowBytes);
    for (let i = 0; i < windows; i++) {
      const offset = Math.floor((i * Math.max(0, size - windowBytes)) / Math.max(1, windows - 1));
      const { bytesRead } = await handle.read(chunk, 0, windowBytes, offset);
      for (const record of wholeLines(chunk.toString('utf8', 0, bytesRead), offset === 0).map(parseMetrics))
        if (record) take(records, record);
    }
    return records;
  } catch {
    return [];
  } finally {
    await handle.close();
  }
}

/** A run that was resumed at an earlier step has not done what the file says before that of later steps. */
function take(records: MetricsRecord[], record: MetricsRecord): void {
  while ((records.at(-1)?.step ?? -Infinity) >= record.step) records.pop();
  records.push(record);
}

function wholeLines(text: string, beginsLine: boolean): readonly string[] {
  const lines = text.split('\n');
  return lines.slice(beginsLine ? 0 : 1, -1);
}
