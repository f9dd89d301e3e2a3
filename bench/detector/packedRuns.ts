import { readFileSync } from 'node:fs';
import path from 'node:path';
import { brotliDecompressSync } from 'node:zlib';
import type { CollapseState } from '../../src/core/records/events.ts';
import { metricNames } from '../../src/core/records/metricNames.ts';
import type { LabelledRun, LoggedStep } from './labelledRun.ts';

/** A training run of the repository's recordings; its name is setting, estimator, learning rate and seed. */
export interface RecordedRun extends LabelledRun {
  readonly seed: number;
}

/** A log that somebody has published. `unclear`: people who look at it would not agree. */
export interface PublicLog extends LabelledRun {
  readonly label: 'collapsed' | 'healthy' | 'unclear';
}

/** The recorded runs, in `folder`/recorded.txt.br. Even seeds are for tuning. */
export function recordedRuns(folder: string): RecordedRun[] {
  return packedRuns(path.join(folder, 'recorded.txt.br')).map(({ name, labels, steps }) => {
    const seed = Number(/_s(\d+)$/.exec(name)?.[1] ?? 0);
    const collapsed = labels.get('collapsed') === '1';
    const [step, onset] = [stepOf(labels, 'collapse_step'), stepOf(labels, 'onset')];
    const finalState: CollapseState = collapsed ? (labels.get('recovered') === '1' ? 'recovered' : 'collapsed') : 'healthy';
    return {
      name,
      seed,
      half: seed % 2 === 0 ? 'tuning' : 'reporting',
      collapse: collapsed && step !== null ? { step, onset } : null,
      finalState,
      steps,
    };
  });
}

/** The public logs, in `folder`/logs.txt.br. By the end of the window in which its onset may lie, a collapsed one counts as collapsed. */
export function publicLogs(folder: string): PublicLog[] {
  return packedRuns(path.join(folder, 'logs.txt.br')).map(({ name, labels, steps }) => {
    const [step, onset] = [stepOf(labels, 'onset_to'), stepOf(labels, 'onset')];
    const label = labels.get('label');
    return {
      name,
      half: 'reporting',
      label: label === 'collapsed' || label === 'healthy' ? label : 'unclear',
      collapse: step === null ? null : { step, onset },
      finalState: label === 'collapsed' || label === 'healthy' ? label : null,
      steps,
    };
  });
}

/** A step that is −1 or not there is none. */
function stepOf(labels: ReadonlyMap<string, string>, key: string): number | null {
  const value = Number(labels.get(key) ?? -1);
  return value < 0 ? null : value;
}

const columnMetrics: Readonly<Record<string, string>> = {
  grad_norm: metricNames.gradNorm,
  score: metricNames.score,
  entropy: metricNames.entropy,
  length: metricNames.responseLength,
};

interface PackedRun {
  readonly name: string;
  readonly labels: ReadonlyMap<string, string>;
  readonly steps: readonly LoggedStep[];
}

/** Blocks of lines: `# NAME key=value …`, then a line a column, `NAME cell,cell,…`. */
function packedRuns(file: string): PackedRun[] {
  const text = brotliDecompressSync(readFileSync(file)).toString('utf8');
  return text
    .trimEnd()
    .split('\n\n')
    .map((block) => {
      const [head = '', ...lines] = block.split('\n');
      const [name = '', ...pairs] = head.replace(/^# /, '').split(' ');
      const columns = new Map(
        lines.map((line) => [line.slice(0, line.indexOf(' ')), line.slice(line.indexOf(' ') + 1).split(',')] as const),
      );
      const steps = (columns.get('step') ?? []).map((step) => ({ step: Number(step), data: {} as Record<string, number> }));
      for (const [column, cells] of columns) {
        const metric = columnMetrics[column];
        if (metric === undefined) continue;
        cells.forEach((cell, row) => {
          const at = steps[row];
          if (cell !== '' && at !== undefined) at.data[metric] = numberOf(cell);
        });
      }
      return { name, labels: new Map(pairs.map((pair) => pair.split('=') as [string, string])), steps };
    });
}

/** NaN of `nan`, and of anything that is no number. */
function numberOf(cell: string): number {
  if (cell === 'inf') return Infinity;
  return cell === '-inf' ? -Infinity : Number(cell);
}
