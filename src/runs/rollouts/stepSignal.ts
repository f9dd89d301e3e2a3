import path from 'node:path';
import { isProgram } from '../../core/config/programConfig.ts';
import { metricNames } from '../../core/records/metricNames.ts';
import { parseMetrics } from '../../core/records/metrics.ts';
import { runFiles } from '../../core/records/run.ts';
import { openRegular } from '../directory/regularFile.ts';
import { readRunRecord } from '../directory/runFile.ts';
import { byteLines } from './byteLines.ts';

const longestLine = 1 << 20;
/** Where a line of metrics says its step: first. */
const stepPlace = /^\s*\{\s*"step"\s*:\s*(-?\d+)[\s,}]/;

/** The squared norm of a step's gradient, as the run has logged it; null: it has not, or its metrics cannot be read. */
export async function stepSignal(runDir: string, step: number): Promise<number | null> {
  const handle = await openRegular(path.join(runDir, runFiles.metrics)).catch(() => undefined);
  if (handle === undefined) return null;
  let norm: number | undefined;
  try {
    for await (const { bytes, from, to, isOverlong } of byteLines(handle, longestLine)) {
      if (isOverlong || Number(stepPlace.exec(bytes.toString('latin1', from, Math.min(to, from + 48)))?.[1]) !== step) continue;
      // The last line of a step counts: a run that was resumed has taken some of its steps twice.
      norm = parseMetrics(bytes.toString('utf8', from, to))?.data[metricNames.gradNorm];
    }
  } catch {
    return null;
  } finally {
    await handle.close();
  }
  return norm === undefined || !Number.isFinite(norm) ? null : norm ** 2;
}

/** Whether the run's token baselines treat the tail of the longest response apart; they do where nothing else is known. */
export async function handlesZeroTail(runDir: string): Promise<boolean> {
  const record = await readRunRecord(runDir).catch(() => undefined);
  return record === undefined || isProgram(record.config) || record.config.loss.handleZeroTail;
}
