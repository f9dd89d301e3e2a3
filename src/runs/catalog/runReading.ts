import path from 'node:path';
import type { MetricsRecord } from '../../core/records/metrics.ts';
import { runFiles } from '../../core/records/run.ts';
import type { ExitRecord, ProcessState } from '../../core/records/run.ts';
import { expectedKeys } from '../../core/records/runIdentity.ts';
import type { RunIdentity } from '../../core/records/runIdentity.ts';
import { isLive } from '../../core/records/runState.ts';
import { isMissing } from '../directory/missing.ts';
import type { RunDirectoryError } from '../directory/runDirectoryError.ts';
import type { RunChange } from '../directory/runFollower.ts';
import { lastLines } from '../directory/lastLines.ts';
import type { RunOverview } from './runOverview.ts';
import { recordsInShort } from './toldChanges.ts';
import { RunStanding, endingNote } from './runStanding.ts';
import { Sparkline } from './sparkline.ts';

/** What a run directory has said so far, as an overview. */
export class RunReading {
  /** Step of the first metrics that were read; undefined: none yet. */
  firstStep: number | undefined;
  private identity: RunIdentity | undefined;
  private process: ProcessState | undefined;
  private exit: ExitRecord | null = null;
  private problem: RunDirectoryError | null = null;
  private unread: readonly RunDirectoryError[] = [];
  private notes: readonly string[] = [];
  private readonly standing = new RunStanding();
  private readonly sparkline = new Sparkline();

  /** `isWhole`: its metrics are read from their beginning. */
  constructor(
    private readonly dir: string,
    private readonly isWhole = false,
  ) {}

  get state(): ProcessState | undefined {
    return this.process;
  }

  /** Whether the directory could not be read, although there is something in the place of its files. */
  get isUnreadable(): boolean {
    return this.state === undefined && this.problem !== null && !isMissing(this.problem.cause);
  }

  take(change: RunChange): void {
    this.problem = change.type === 'problem' ? change.problem : null;
    switch (change.type) {
      case 'identity':
        this.identity = change.identity;
        this.standing.keys = expectedKeys(change.identity);
        break;
      case 'metrics':
        for (const record of change.records) this.addMetrics(record);
        break;
      case 'events':
        for (const event of change.events) this.standing.addEvent(event);
        break;
      case 'forget':
        if (!change.keys) this.sparkline.rewind(change.from - 1);
        break;
      case 'reset':
        if (change.of === 'events') this.standing.clearEvents();
        else this.clearMetrics();
        break;
      case 'state':
        [this.process, this.exit] = [change.state, change.exit];
        break;
      case 'unread':
        this.unread = change.files;
        break;
      case 'deleted':
        this.identity = undefined;
        break;
      case 'stretches':
        for (const { table } of change.stretches) for (const record of recordsInShort(table)) this.addMetrics(record);
        break;
      case 'notes':
        this.notes = change.notes;
        break;
      case 'sample':
      case 'malformed':
      case 'problem':
        break;
    }
  }

  /** Takes in the last line that the process printed. Returns whether it said anything new. */
  addOutput(line: string): boolean {
    const before = this.standing.warmStart;
    this.standing.addOutput(line);
    return !Object.is(before, this.standing.warmStart);
  }

  /** Takes in some of the steps from before the first. */
  addEarlier(records: readonly MetricsRecord[]): void {
    for (const record of records) {
      if (record.step >= (this.firstStep ?? 0)) continue;
      this.sparkline.add(record.step, this.standing.gradNormOf(record));
      this.standing.addEarlier(record);
    }
    this.standing.isPartial = false;
  }

  /** Undefined while the directory holds no run that can be read. */
  overview(): RunOverview | undefined {
    if (!this.identity || !this.process) return undefined;
    const { collapse, notJudged, onsetStep, history, step, gradNorm, score, stepsPerSecond, warmStart, startupSeconds } = this.standing;
    return {
      dir: this.dir,
      identity: this.identity,
      process: this.process,
      exit: this.exit,
      collapse,
      notJudged,
      onsetStep,
      detectedStep: history.detectedStep,
      collapseEvents: history.events,
      stepNotes: this.standing.notes.all,
      step,
      gradNorm,
      score,
      stepsPerSecond,
      warmStart,
      startupSeconds,
      sparkline: this.sparkline.values,
      note: this.problem?.message ?? this.unread[0]?.message ?? this.endingNote() ?? this.noticeNow() ?? this.notes[0] ?? null,
    };
  }

  private addMetrics(record: MetricsRecord): void {
    const { step } = record;
    const before = this.standing.step;
    this.standing.isPartial ||= !this.isWhole && this.firstStep === undefined && step > 1;
    this.firstStep ??= step;
    if (!this.standing.addMetrics(record)) return;
    if (step < before) this.sparkline.rewind(step - 1);
    this.sparkline.add(step, this.standing.gradNormOf(record));
  }

  private clearMetrics(): void {
    this.firstStep = undefined;
    this.standing.clearMetrics();
    this.sparkline.rewind(-1);
  }

  /** A process that did not say why it went may have left its last words in its log. */
  /** What the process says while it goes on. */
  private noticeNow(): string | null {
    return this.process !== undefined && isLive({ process: this.process }) && this.standing.notice !== '' ? this.standing.notice : null;
  }

  private endingNote(): string | null {
    const note = endingNote(this.process ?? 'lost', this.exit);
    if (this.process !== 'lost') return note;
    const lastWords = lastLines(path.join(this.dir, runFiles.stderr), 1);
    return lastWords === '' ? note : `${note} Its log ends with: ${lastWords}`;
  }
}
