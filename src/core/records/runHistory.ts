import type { LifecycleEvent, RunEvent } from './events.ts';
import { isLifecycleEvent } from './events.ts';
import type { MetricRows, MetricTable } from './metricTable.ts';
import type { MetricsRecord } from './metrics.ts';
import { Stretch, firstRows, recordAt } from './stretch.ts';

/** One of the runs that were written into the same file one after the other. */
export interface Life {
  readonly firstStep: number;
  readonly lastStep: number;
  /** Number of steps. */
  readonly steps: number;
}

/** A process that went on with the run, as its event tells. */
interface Start {
  /** Last step that it did not have to take again. */
  readonly step: number;
  /** What was logged before it; undefined: nothing. */
  readonly before: RunEvent | undefined;
  /** When it began, by its clock. */
  readonly time: number;
  /** Highest step of what was logged after it. */
  reached: number;
}

/**
 * What a run has done, by what its files say: the metrics in the order in which they stand in the file, and the events in theirs. No
 * step is hidden because of a clock, because clocks are set back. Everybody who reads a run reads it through this, record by record or in stretches:
 *
 * - A step that is written again has its later values.
 * - A record that goes back begins a new life of the file where it comes at or before the first step, unless a process had been started
 *   that went on from before it; the newest life is the run. Otherwise the run was resumed, and has not done the later steps until it
 *   comes to them, or past them, again.
 * - A process that went on from an earlier step, and has logged nothing yet, has given up the steps after that.
 */
export class RunHistory {
  private readonly ended: Life[] = [];
  private current = new LifeSoFar();
  /** The life that is shown where it is not the newest. */
  private earlier: LifeSoFar | undefined;
  private taken = 0;
  /** Processes that said how many records they found, of which the first `placed` have their place among the records. */
  private readonly counted: { readonly step: number; readonly records: number }[] = [];
  private placed = 0;
  /** Processes that did not say so, of which the first `used` are taken to have written what went back. */
  private readonly uncounted: Start[] = [];
  private used = 0;
  /** The last process, where it did not say so and may have logged nothing yet. */
  private last: Start | undefined;
  private lastEvent: RunEvent | undefined;

  /** `life`: which one is shown, from 1, the earliest; default: the newest. */
  constructor(private readonly life?: number) {}

  /** The steps of the life that is shown. Another table after a new life has begun, so ask again at each change. */
  get table(): MetricTable {
    return this.shown.table;
  }

  /** All runs of the file, earliest first; none before the first step. */
  get lives(): readonly Life[] {
    return this.current.table.length > 0 ? [...this.ended, this.current.summary] : this.ended;
  }

  /** Number of records so far, of all lives. */
  get records(): number {
    return this.taken;
  }

  /** Steps that were written again, of the life that is shown. */
  get repeated(): number {
    return this.shown.repeated;
  }

  /** Steps that were written, and that the run has not come to again after it was resumed from before them. */
  get undone(): number {
    return this.shown.undone;
  }

  /** Takes in the next events of the run. They have to come before the records that were written after them. */
  takeEvents(events: readonly RunEvent[]): void {
    for (const event of events) {
      // Written by a person, about whichever step, at whatever time.
      if (event.type === 'note') continue;
      if (isLifecycleEvent(event) && event.type === 'started') this.takeStart(event);
      else if (this.last) this.last.reached = Math.max(this.last.reached, event.step);
      this.lastEvent = event;
    }
  }

  /** Takes in the next record. Returns the first row that is not what it was. */
  take(record: MetricsRecord): number {
    const given = this.placeStarts();
    const back = this.current.goesBack(record) ? this.goBack(record) : Infinity;
    this.taken++;
    return Math.min(given, back, this.current.append(record));
  }

  /** Takes in more metrics of a step, which are known to write nothing of it again. Returns the first row that is not what it was. */
  takeMore(record: MetricsRecord): number {
    const given = this.placeStarts();
    this.taken++;
    return Math.min(given, this.current.append(record));
  }

  /** Takes in the next records. Returns the first row that is not what it was. */
  takeAll(records: readonly MetricsRecord[]): number {
    let changed = this.table.length;
    for (const record of records) changed = Math.min(changed, this.take(record));
    return changed;
  }

  /** Takes in a stretch of ascending steps from the next part of the file; takes over its table. */
  takeStretch(stretch: Stretch): void {
    const taken = this.taken + stretch.records;
    this.placeStarts();
    if (this.current.adopt(stretch)) {
      this.taken = taken;
      return;
    }
    let row = 0;
    for (const record of stretch.table.records()) {
      // All that is left comes after all that there is, and nothing of it has been there before.
      if (row > 0 && this.current.join(stretch, row)) break;
      this.take(record);
      row++;
    }
    this.taken = taken;
  }

  /**
   * The files say that what was logged of this step and of later ones counts no more, be it of these metrics alone. Returns the first row
   * that is not what it was.
   */
  forget(from: number, keys?: readonly string[]): number {
    const given = this.placeStarts();
    return Math.min(given, keys ? this.current.forgetMetrics(from, keys) : this.current.forget(from));
  }

  /**
   * To be called when everything that there is has been taken in, and again after later events: a process that went on from an earlier
   * step may have logged nothing yet. Returns the first row that is not what it was.
   */
  settle(): number {
    const given = this.placeStarts();
    const { last } = this;
    this.last = undefined;
    return last && this.isWaiting(last) ? Math.min(given, this.current.giveUpAfter(last.step)) : given;
  }

  private get shown(): LifeSoFar {
    return this.earlier ?? this.current;
  }

  private takeStart({ step, time, data: { resumed, records } }: LifecycleEvent): void {
    this.last = undefined;
    if (step === 0 && resumed !== true) return;
    if (typeof records === 'number') this.counted.push({ step, records });
    else this.uncounted.push((this.last = { step, time, before: this.lastEvent, reached: -Infinity }));
  }

  /** Gives up what the processes have given up that were started when the file had the records that were taken in so far. */
  private placeStarts(): number {
    let changed = Infinity;
    for (let start = this.counted[this.placed]; start && start.records <= this.taken; start = this.counted[++this.placed])
      if (start.records === this.taken) changed = Math.min(changed, this.current.giveUpAfter(start.step));
    return changed;
  }

  private goBack({ step }: MetricsRecord): number {
    const isAnew = step <= (this.current.table.firstStep ?? -Infinity);
    const isExplained = this.isExplained(step);
    if (isAnew && !isExplained) {
      this.ended.push(this.current.summary);
      if (this.ended.length === this.life) this.earlier = this.current;
      this.current = new LifeSoFar();
      return 0;
    }
    return this.current.goBackTo(step);
  }

  /** Whether a process went on from before this step; each of them explains one way back. */
  private isExplained(step: number): boolean {
    const left = this.uncounted.slice(this.used);
    const exact = left.findIndex((start) => start.step === step - 1);
    const index = exact >= 0 ? exact : left.findIndex((start) => start.step < step);
    this.used += index + 1;
    return index >= 0;
  }

  /** Whether the last process, which did not say how many records it found, has logged nothing yet. */
  private isWaiting({ step, time, before, reached }: Start): boolean {
    const hadEnded = before !== undefined && isLifecycleEvent(before) && endings.has(before.type) && before.step === step;
    if (hadEnded || reached > step || this.current.wentBackBehind(step)) return false;
    // Nothing in the files tells whether the last steps came before it or after. A clock may hide no step, but it may show that one came after.
    const { times } = this.current.table;
    return !((times[times.length - 1] ?? Number.NaN) > time);
  }
}

const endings: ReadonlySet<string> = new Set(['finished', 'failed', 'stop-requested']);

/** Rows that were given up, of which those before `next` have been come to again. */
interface GivenUp {
  readonly rows: MetricRows;
  next: number;
}

/** The newest life of a file, and what was given up in it. */
class LifeSoFar {
  private stretch = new Stretch();
  /** Those of the lowest steps last. */
  private readonly givenUp: GivenUp[] = [];
  /** Steps that were given up and taken again. */
  private again = 0;
  /** The last way back: the last step that was kept, and the next one. */
  private back: { readonly from: number; readonly to: number } | undefined;

  get table(): MetricTable {
    return this.stretch.table;
  }

  get summary(): Life {
    const { firstStep = Number.NaN, lastStep = Number.NaN, length } = this.table;
    return { firstStep, lastStep, steps: length };
  }

  get repeated(): number {
    return this.again + this.stretch.replaced;
  }

  get undone(): number {
    return this.givenUp.reduce((sum, { rows, next }) => sum + rows.steps.length - next, 0);
  }

  goesBack(record: MetricsRecord): boolean {
    return this.stretch.goesBack(record);
  }

  /** Returns the first row that is not what it was. */
  append(record: MetricsRecord): number {
    const end = this.table.length;
    this.comeTo(record.step);
    return Math.min(end, this.stretch.append(record));
  }

  /** Takes over the table of a stretch, unless there is something already. Returns whether it did. */
  adopt(stretch: Stretch): boolean {
    if (this.table.length > 0 || this.givenUp.length > 0) return false;
    this.stretch = stretch;
    return true;
  }

  /** Adds the rows of a stretch from `from` on, unless there are steps as late as theirs, be it given up. Returns whether it did. */
  join(stretch: Stretch, from: number): boolean {
    const { table } = stretch;
    const next = table.steps[from] ?? Infinity;
    if (next <= (this.table.lastStep ?? -Infinity) || this.givenUp.length > 0) return false;
    this.stretch.join(stretch, from);
    return true;
  }

  /** The record to come is of this step, and not the first of it. */
  goBackTo(step: number): number {
    const changed = this.keep(this.table.rowsBefore(step));
    this.back = { from: this.table.lastStep ?? -Infinity, to: step };
    return changed;
  }

  /** Gives up the steps after this one. */
  giveUpAfter(step: number): number {
    const rows = this.table.rowsBefore(step);
    return this.keep(this.table.steps[rows] === step ? rows + 1 : rows);
  }

  /** Takes the steps from this one on away, also those that were given up. */
  forget(from: number): number {
    for (const [index, { rows, next }] of this.givenUp.entries()) {
      const end = rows.steps.findIndex((step) => step >= from);
      if (end >= 0) this.givenUp[index] = { rows: firstRows(rows, end), next: Math.min(next, end) };
    }
    const rows = this.table.rowsBefore(from);
    if (rows === this.table.length) return Infinity;
    this.stretch.cut(rows);
    return rows;
  }

  /** Takes the values of these metrics away, from this step on. */
  forgetMetrics(from: number, keys: readonly string[]): number {
    return this.stretch.forget(from, keys);
  }

  wentBackBehind(step: number): boolean {
    return this.back !== undefined && this.back.from <= step && step < this.back.to;
  }

  private keep(rows: number): number {
    if (rows === this.table.length) return Infinity;
    this.givenUp.push({ rows: this.stretch.cut(rows), next: 0 });
    return rows;
  }

  /** The steps up to this one are no longer given up; those that the run passes by without taking them again are as they were. */
  private comeTo(step: number): void {
    for (let top = this.givenUp.at(-1); top !== undefined; top = this.givenUp.at(-1)) {
      const { steps } = top.rows;
      for (; top.next < steps.length && (steps[top.next] as number) <= step; top.next++) {
        if (steps[top.next] === step) this.again++;
        else this.table.put(recordAt(top.rows, top.next));
      }
      if (top.next < steps.length) return;
      this.givenUp.pop();
    }
  }
}
