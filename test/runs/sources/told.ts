import { RunHistory } from '../../../src/core/records/runHistory.ts';
import type { MetricTable } from '../../../src/core/records/metricTable.ts';
import type { Malformed, RunFacts, RunSink, SourceEnd } from '../../../src/runs/sources/format.ts';

/** What a reader has told since it began, or since it began anew. */
export class Told implements RunSink {
  resets = 0;
  ended: SourceEnd | undefined;
  malformedLines: Malformed[] = [];
  notes: string[] = [];
  known: RunFacts = {};
  private history = new RunHistory();

  get table(): MetricTable {
    return this.history.table;
  }

  get steps(): readonly number[] {
    return [...this.history.table.steps];
  }

  get lives(): RunHistory['lives'] {
    return this.history.lives;
  }

  facts(facts: RunFacts): void {
    this.known = { ...this.known, ...facts };
  }

  metrics(records: Parameters<RunSink['metrics']>[0]): void {
    this.history.takeAll(records);
  }

  stretches(stretches: Parameters<RunSink['stretches']>[0]): void {
    for (const stretch of stretches) this.history.takeStretch(stretch);
  }

  forget(from: number, keys?: readonly string[]): void {
    this.history.forget(from, keys);
  }

  malformed(found: Malformed): void {
    this.malformedLines.push(found);
  }

  note(sentence: string): void {
    this.notes.push(sentence);
  }

  end(end: SourceEnd | undefined): void {
    this.ended = end;
  }

  reset(): void {
    this.resets++;
    this.history = new RunHistory();
    [this.ended, this.malformedLines, this.notes, this.known] = [undefined, [], [], {}];
  }
}
