import type { RunPlace } from './format.ts';

/** Name of our own format, the run directory. */
export const runDirectoryFormat = 'otb-run';
/** A metrics.jsonl of ours alone, which says nothing of the run but its metrics. */
export const metricsFormat = 'metrics';

export function runDirectory(source: string): RunPlace {
  return { format: runDirectoryFormat, source };
}

/** Identifies a run: the path, and which of a store's runs it is. */
export function placeId({ source, run }: RunPlace): string {
  return run === undefined ? source : `${source}#${run}`;
}
