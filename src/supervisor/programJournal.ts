import { isCollapse, isLifecycleEvent } from '../core/records/events.ts';
import type { CollapseRunEvent, LifecycleEvent, RunEvent } from '../core/records/events.ts';
import type { MetricsRecord } from '../core/records/metrics.ts';
import type { RunRecord } from '../core/records/run.ts';
import { unixTime } from '../core/records/unixTime.ts';
import type { MetricTable } from '../core/records/metricTable.ts';
import type { RunWriter } from '../runs/directory/runWriter.ts';
import { CollapseJudge } from '../runs/inspection/collapseJudge.ts';
import { KnownKeys, chosenOf, identityNaming } from '../runs/sources/knownKeys.ts';
import { withoutSecrets } from './secretMask.ts';

/** Steps that are kept for a disk that may have room again. */
const mostWaiting = 10_000;

/** Writes what a program logs into its run directory, and what the collapse detector says of it. */
export class ProgramJournal {
  /** Steps that have been logged, by this process. */
  count = 0;
  lastStep: number;
  /** Values that must stand in no sentence. */
  secrets: readonly string[] = [];
  /** Why metrics cannot be written now, as a sentence; empty: they can. */
  trouble = '';
  /** Those that could not be written yet. */
  private waiting: readonly MetricsRecord[] = [];
  private readonly keys: KnownKeys;
  private readonly judge: CollapseJudge;
  /** What the detector says of all steps, and what of it is in the file. */
  private said: readonly CollapseRunEvent[] = [];
  private written: readonly CollapseRunEvent[] = [];

  /**
   * @param history what the run has logged before
   * @param onCollapse is told of each collapse that is noticed
   */
  constructor(
    private readonly writer: RunWriter,
    private readonly record: RunRecord,
    private readonly history: MetricTable | undefined,
    private readonly onCollapse: (event: CollapseRunEvent) => void,
  ) {
    this.keys = new KnownKeys(chosenOf(record, undefined));
    this.judge = new CollapseJudge(this.identity);
    this.lastStep = history?.lastStep ?? 0;
    if (history) this.take([...history.records()]);
    this.look();
    this.written = this.said;
  }

  lifecycle(type: LifecycleEvent['type'], data: LifecycleEvent['data'] = {}): void {
    this.event({ type, step: this.lastStep, time: unixTime(), data });
  }

  /** The next steps, in the order in which they were printed. */
  metrics(records: readonly MetricsRecord[]): void {
    if (records.length === 0) return;
    const now = unixTime();
    const timed = records.map((record) => (Number.isFinite(record.time) ? record : { ...record, time: now }));
    this.write(timed);
    this.count += records.length;
    this.take(timed);
    this.lastStep = timed.at(-1)?.step ?? this.lastStep;
    this.look();
    this.tell();
  }

  /** What was logged from this step on no longer holds: the program took up from before it. */
  forget(from: number, keys?: readonly string[]): void {
    this.judge.forget(from, keys);
  }

  /** What this process has logged no longer holds, and is logged again. */
  restart(): void {
    this.writer.forgetMetrics();
    this.judge.clear();
    this.count = 0;
    this.waiting = [];
    this.lastStep = this.history?.lastStep ?? 0;
    if (this.history) this.take([...this.history.records()]);
  }

  /** A disk that is full is no reason to end a training. */
  private write(records: readonly MetricsRecord[]): void {
    const all = [...this.waiting, ...records];
    let done = 0;
    try {
      for (; done < all.length; done++) this.writer.appendMetrics(all[done] as MetricsRecord);
      this.trouble = '';
    } catch (error) {
      this.trouble = troubleOf(error);
    }
    this.waiting = all.slice(done).slice(-mostWaiting);
  }

  private event(event: RunEvent): void {
    try {
      this.writer.appendEvent(isLifecycleEvent(event) ? { ...event, data: this.masked(event.data) } : event);
    } catch (error) {
      this.trouble = troubleOf(error);
    }
  }

  private masked(data: LifecycleEvent['data']): LifecycleEvent['data'] {
    const masked = (value: (typeof data)[string]) => (typeof value === 'string' ? withoutSecrets(value, this.secrets) : value);
    return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, masked(value)]));
  }

  private take(records: readonly MetricsRecord[]): void {
    if (this.keys.takeRecords(records)) this.judge.setRun(this.identity);
    this.judge.take(records);
  }

  private look(): void {
    for (let isDone = false; !isDone;) {
      const { isAnew, events, isDone: wasLast } = this.judge.update();
      this.said = isAnew ? events : [...this.said, ...events];
      isDone = wasLast;
    }
  }

  /** A step that was logged in several lines is judged anew with each: only where that changes what was said, all is said again. */
  private tell(): void {
    const { said, written } = this;
    const goesOn = written.every((event, index) => event === said[index] || JSON.stringify(event) === JSON.stringify(said[index]));
    const fresh = goesOn ? said.slice(written.length) : said;
    this.written = said;
    for (const event of fresh) this.event(event);
    const fallen = fresh.find(isCollapse);
    if (fallen) this.onCollapse(fallen);
  }

  private get identity() {
    return identityNaming(this.record, this.keys.found, undefined);
  }
}

function troubleOf(error: unknown): string {
  return `${(error as Error).message} The run goes on; its metrics are written when that is possible again.`;
}
