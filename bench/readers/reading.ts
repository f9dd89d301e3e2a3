import { RunHistory } from '../../src/core/records/runHistory.ts';
import type { RunPlace, RunSink } from '../../src/runs/sources/format.ts';
import { formatNamed } from '../../src/runs/sources/formats.ts';

export interface Reading {
  readonly seconds: number;
  /** Of this process, of all its threads. */
  readonly cpuSeconds: number;
  readonly steps: number;
  readonly values: number;
}

/** Reads a run from its files to its columns, as everything that shows runs does. */
export async function readRun(place: RunPlace): Promise<Reading> {
  const history = new RunHistory();
  const nothing = () => undefined;
  const sink: RunSink = {
    facts: nothing,
    metrics: (records) => history.takeAll(records),
    stretches: (stretches) => stretches.forEach((stretch) => history.takeStretch(stretch)),
    forget: (from, keys) => history.forget(from, keys),
    malformed: ({ line, why }) => {
      throw new Error(`line ${line}: ${why}`);
    },
    note: nothing,
    end: nothing,
    reset: nothing,
  };
  const cpu = process.cpuUsage();
  const started = performance.now();
  await formatNamed(place.format).open(place, sink).read({ isLast: true });
  const seconds = (performance.now() - started) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  const { table } = history;
  const values = table.keys.reduce((sum, key) => sum + (table.series(key)?.steps.length ?? 0), 0);
  return { seconds, cpuSeconds: (user + system) / 1e6, steps: table.length, values };
}
