import type { RunEvent } from '../../core/records/events.ts';
import { setOwn } from '../../core/records/json.ts';
import type { MetricTable } from '../../core/records/metricTable.ts';
import type { MetricsRecord } from '../../core/records/metrics.ts';
import type { RunChange } from '../directory/runFollower.ts';

/** Steps at the end of a run that tell where it stands now. */
const latestRows = 64;
/** Places over the whole run, and steps at each, that a picture a few letters wide is made of. */
const places = 24;
const rowsOfPlace = 4;

export type ChangeListener = (change: RunChange) => void;

/**
 * What a follower of a run has told so far, for those who begin to listen later: they hear what there is, in short, and from then on
 * every change, so that no line is read for each of them.
 */
export class ToldChanges {
  private readonly listeners = new Set<{ readonly hear: ChangeListener }>();
  private identity: RunChange | undefined;
  private state: RunChange | undefined;
  private problem: RunChange | undefined;
  private unread: RunChange | undefined;
  private notes: RunChange | undefined;
  private events: readonly RunEvent[] = [];

  /** `table`: the run's metrics as they are when somebody begins to listen. */
  constructor(private readonly table: () => MetricTable) {}

  /** Takes in the next change, after the table has. */
  take(change: RunChange): void {
    if (change.type !== 'malformed') this.problem = change.type === 'problem' ? change : undefined;
    if (change.type === 'identity') this.identity = change;
    else if (change.type === 'state') this.state = change;
    else if (change.type === 'unread') this.unread = change;
    else if (change.type === 'notes') this.notes = change;
    else if (change.type === 'events') this.events = [...this.events, ...change.events];
    else if (change.type === 'reset' && change.of === 'events') this.events = [];
    else if (change.type === 'deleted')
      [this.identity, this.state, this.unread, this.notes, this.events] = [undefined, undefined, undefined, undefined, []];
    const told: RunChange = change.type === 'stretches' ? this.steps() : change;
    for (const { hear } of [...this.listeners]) hear(told);
  }

  /** Tells what there is, and every change from now on. Returns how to end that. */
  listen(hear: ChangeListener): () => void {
    const { identity, events, unread, notes, state, problem } = this;
    if (identity) hear(identity);
    if (events.length > 0) hear({ type: 'events', events });
    hear(this.steps());
    if (unread) hear(unread);
    if (notes) hear(notes);
    if (state) hear(state);
    if (problem) hear(problem);
    const listener = { hear };
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }
  private steps(): RunChange {
    return { type: 'metrics', records: recordsInShort(this.table()) };
  }
}

/** Some steps of all of a table, and its last ones: what tells where a run stands, and makes a picture a few letters wide. */
export function recordsInShort(table: MetricTable): readonly MetricsRecord[] {
  const { length } = table;
  const rows = new Set<number>();
  for (let place = 0; place < places; place++) {
    const start = Math.floor((length * place) / places);
    for (let row = start; row < Math.min(length, start + rowsOfPlace); row++) rows.add(row);
  }
  for (let row = Math.max(0, length - latestRows); row < length; row++) rows.add(row);
  return recordsOf(
    table,
    [...rows].sort((a, b) => a - b),
  );
}

function recordsOf(table: MetricTable, rows: readonly number[]): readonly MetricsRecord[] {
  const { steps, times } = table;
  const records = rows.map((row) => ({ step: steps[row] as number, time: times[row] as number, data: {} }));
  for (const key of table.keys) {
    const column = table.column(key);
    rows.forEach((row, index) => {
      const record = records[index];
      if (column && record && (column.present?.[row] ?? 1) === 1) setOwn<number>(record.data, key, column.values[row] as number);
    });
  }
  return records;
}
