import { MetricTable } from '../../../src/core/records/metricTable.ts';
import { metricNames } from '../../../src/core/records/metricNames.ts';
import type { MetricsRecord } from '../../../src/core/records/metrics.ts';
import type { OpenRun } from '../../../src/runs/catalog/openRuns.ts';
import type { CatalogChange, RunOverview } from '../../../src/runs/catalog/runOverview.ts';
import { exampleRecord, overviewOf } from '../exampleRun.ts';
import type { OverviewChanges } from '../exampleRun.ts';

export const runsDir = '/project/.otb/runs';

/** A run of that name in `runsDir`. */
export function exampleOverview(
  name: string,
  changes: OverviewChanges = {},
  record: Parameters<typeof exampleRecord>[0] = {},
): RunOverview {
  return overviewOf({ dir: `${runsDir}/${name}`, record: exampleRecord({ id: name, group: 'g', ...record }), ...changes });
}

export function step(number: number, data: Record<string, number> = {}): MetricsRecord {
  return { step: number, time: 1000 + number, data: { [metricNames.gradNorm]: number / 10, [metricNames.score]: 0.5, ...data } };
}

/** A catalog whose runs are made by hand. */
export class FakeRuns {
  runs: readonly RunOverview[] = [];
  readonly closed: string[] = [];
  readonly opened: string[] = [];
  private readonly tables = new Map<string, MetricTable>();
  private readonly listeners = new Map<string, (from: number) => void>();

  openMetrics(dir: string, onRows: (from: number) => void): OpenRun {
    this.opened.push(dir);
    this.listeners.set(dir, onRows);
    const table = (): MetricTable => this.table(dir);
    return {
      get table() {
        return table();
      },
      caughtUp: Promise.resolve(),
      close: () => {
        this.listeners.delete(dir);
        this.closed.push(dir);
      },
    };
  }

  /** A run's process wrote these steps. */
  append({ dir }: RunOverview, ...records: readonly MetricsRecord[]): void {
    const changed = this.table(dir).appendAll(records);
    this.listeners.get(dir)?.(changed);
  }

  /** The metrics file is empty again, or gone. */
  clear({ dir }: RunOverview): void {
    this.tables.delete(dir);
    this.listeners.get(dir)?.(0);
  }

  add(...added: readonly RunOverview[]): CatalogChange {
    this.runs = [...added, ...this.runs];
    return { added, changed: [], removed: [] };
  }

  change(changed: RunOverview): CatalogChange {
    this.runs = this.runs.map((run) => (run.dir === changed.dir ? changed : run));
    return { added: [], changed: [changed], removed: [] };
  }

  remove(removed: RunOverview): CatalogChange {
    this.runs = this.runs.filter((run) => run.dir !== removed.dir);
    return { added: [], changed: [], removed: [removed] };
  }

  private table(dir: string): MetricTable {
    const table = this.tables.get(dir) ?? new MetricTable();
    this.tables.set(dir, table);
    return table;
  }
}
