import { statSync } from 'node:fs';
import type { MetricsRecord } from '../core/records/metrics.ts';
import { findRuns, formatOf } from '../runs/sources/findRuns.ts';
import type { RunFormat, RunPlace, RunReader, RunSink } from '../runs/sources/format.ts';
import { formatNamed } from '../runs/sources/formats.ts';
import { placeId, runDirectoryFormat } from '../runs/sources/runPlace.ts';

/** Somebody who takes in what a program logs. */
export interface MetricsListener {
  metrics(records: readonly MetricsRecord[]): void;
  /** What was logged from this step on no longer holds. */
  forget(from: number, keys?: readonly string[]): void;
  /** All that was told no longer holds: it turned out that its steps are other ones, and it is told again. */
  restart(): void;
}

/** Where the metrics of a program come from. */
export interface LoggedMetrics {
  /** Takes in what there is to be found before the program starts, which is not its own. */
  begin(): Promise<void>;
  /** Tells what is new. `isLast`: there will be no more. */
  read(isLast: boolean): Promise<void>;
  /** What its logs are, in words; undefined while nothing has been recognized. */
  readonly title: string | undefined;
}

/** Milliseconds between two attempts to recognize what is printed: to look at all of it for every line would take more than to read it. */
const recognizeMs = 1000;

/** Metrics among what a program prints, as it stands in a file that grows, and begins anew at a limit. */
export class PrintedMetrics implements LoggedMetrics {
  private reader: RunReader | undefined;
  private format: RunFormat | undefined;
  private hasMetrics = false;
  private sniffed = { bytes: 0, at: Number.NEGATIVE_INFINITY };
  /** The file began anew, because it had come to its size: not all that was logged is in it any more. */
  private isPartial = false;

  /** @param format its name, or `auto` */
  constructor(
    private readonly file: () => string,
    private readonly wanted: string,
    private readonly listener: MetricsListener,
  ) {}

  get title(): string | undefined {
    return this.format?.title;
  }

  begin(): Promise<void> {
    return Promise.resolve();
  }

  async read(isLast: boolean): Promise<void> {
    if (!this.hasMetrics) await this.recognize(isLast);
    await this.reader?.read({ isLast });
  }

  /** A format that has told no metrics yet may be the wrong one: what is printed first may look like another's. */
  private async recognize(isLast: boolean): Promise<void> {
    const { bytes, at } = this.sniffed;
    const size = statSync(this.file(), { throwIfNoEntry: false })?.size ?? 0;
    if (size === bytes || (!isLast && performance.now() - at < recognizeMs)) return;
    this.sniffed = { bytes: size, at: performance.now() };
    const format = this.wanted === 'auto' ? await formatOf(this.file()) : formatNamed(this.wanted);
    if (format === undefined || format === this.format) return;
    this.format = format;
    this.reader = format.open({ format: format.name, source: this.file() }, this.sink(format), { atOnce: true });
  }

  private sink(format: RunFormat): RunSink {
    return sinkTo({
      metrics: (records) => {
        // A reader that was given up is not read any more.
        if (format !== this.format || records.length === 0) return;
        this.hasMetrics = true;
        this.listener.metrics(records);
      },
      forget: (from, keys) => this.listener.forget(from, keys),
      restart: () => {
        if (!this.isPartial) this.listener.restart();
      },
      anew: () => (this.isPartial = this.hasMetrics),
    });
  }
}

/** Most runs that are looked at in one place. */
const mostPlaces = 50;
/** Milliseconds between searches while no run is there. */
const searchMs = 2000;

/** Metrics in files that a program writes: those of the first run there that has something new since the start. */
export class FiledMetrics implements LoggedMetrics {
  private readonly readers = new Map<string, RunReader>();
  private chosen: { readonly place: RunPlace; readonly reader: RunReader } | undefined;
  private searched = Number.NEGATIVE_INFINITY;
  private hasBegun = false;

  /** @param format its name, or `auto` */
  constructor(
    private readonly place: string,
    private readonly wanted: string,
    private readonly listener: MetricsListener,
  ) {}

  get title(): string | undefined {
    return this.chosen && formatNamed(this.chosen.place.format).title;
  }

  async begin(): Promise<void> {
    await this.search();
    this.hasBegun = true;
  }

  async read(isLast: boolean): Promise<void> {
    if (this.chosen) return this.chosen.reader.read({ isLast });
    if (isLast || performance.now() - this.searched > searchMs) await this.search();
    for (const reader of this.readers.values()) if (!this.chosen) await reader.read({ isLast }).catch(() => undefined);
  }

  private async search(): Promise<void> {
    this.searched = performance.now();
    const format = this.wanted === 'auto' ? undefined : this.wanted;
    const { places } = await findRuns(this.place, { format });
    for (const place of places) {
      // What we write ourselves is no log of the program, though it may lie in the same folder.
      if (place.format === runDirectoryFormat) continue;
      const id = placeId(place);
      if (this.readers.has(id) || this.readers.size >= mostPlaces) continue;
      const reader = formatNamed(place.format).open(place, this.sink(place, id));
      this.readers.set(id, reader);
      // What is there before the program has begun is another run's.
      if (!this.hasBegun) await reader.read().catch(() => undefined);
    }
  }

  private sink(place: RunPlace, id: string): RunSink {
    return sinkTo({
      metrics: (records) => {
        if (!this.hasBegun || records.length === 0) return;
        const reader = this.readers.get(id);
        if (reader) this.chosen ??= { place, reader };
        if (this.chosen?.place === place) this.listener.metrics(records);
      },
      forget: (from, keys) => {
        if (this.chosen?.place === place) this.listener.forget(from, keys);
      },
      restart: () => {
        if (this.chosen?.place === place) this.listener.restart();
      },
    });
  }
}

/** @param anew the files began anew. What was logged stays: a program that writes a new log, or deletes its own, takes nothing back. */
function sinkTo({ metrics, forget, restart, anew }: MetricsListener & { readonly anew?: () => void }): RunSink {
  return {
    facts: () => undefined,
    metrics,
    stretches: (stretches) => stretches.forEach(({ table }) => metrics([...table.records()])),
    forget,
    malformed: () => undefined,
    note: () => undefined,
    end: () => undefined,
    reset: (isToldAgain) => (isToldAgain === true ? restart() : anew?.()),
  };
}
