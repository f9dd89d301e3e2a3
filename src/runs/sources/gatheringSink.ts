import type { MetricsRecord } from '../../core/records/metrics.ts';
import type { LineScanner } from '../columns/lineScanner.ts';
import type { Stretch } from '../../core/records/stretch.ts';
import type { Malformed, RunFacts, RunSink, SourceEnd } from './format.ts';

/** Passes on what it is told; the metrics as columns, for as long as it gathers. */
export class GatheringSink implements RunSink {
  /** Records that it was told. */
  told = 0;
  private gathered: Pick<LineScanner, 'append' | 'stretches'> | undefined;

  constructor(private readonly sink: RunSink) {}

  /** From now on records go behind those that the scanner has read, until all are passed on. Nothing is to be forgotten meanwhile. */
  gather(scanner: Pick<LineScanner, 'append' | 'stretches'>): void {
    this.gathered = scanner;
  }

  /** Passes on what was gathered; the receiver takes it over. */
  pass(): void {
    const all = this.gathered?.stretches.all ?? [];
    this.gathered = undefined;
    if (all.length > 0) this.sink.stretches(all);
  }

  facts(facts: RunFacts): void {
    this.sink.facts(facts);
  }

  metrics(records: readonly MetricsRecord[]): void {
    this.told += records.length;
    if (this.gathered) for (const record of records) this.gathered.append(record);
    else this.sink.metrics(records);
  }

  stretches(stretches: readonly Stretch[]): void {
    this.sink.stretches(stretches);
  }

  forget(from: number, keys?: readonly string[]): void {
    this.sink.forget(from, keys);
  }

  malformed(found: Malformed): void {
    this.sink.malformed(found);
  }

  note(sentence: string): void {
    this.sink.note(sentence);
  }

  end(end: SourceEnd | undefined): void {
    this.sink.end(end);
  }

  reset(): void {
    this.gathered = undefined;
    this.sink.reset();
  }
}
