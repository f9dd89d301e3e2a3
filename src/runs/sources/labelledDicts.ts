import type { MetricsRecord } from '../../core/records/metrics.ts';
import { DictText } from './dictText.ts';
import type { PrintedDict } from './dictText.ts';
import type { RunSink } from './format.ts';
import { numbersIn } from './pythonDict.ts';
import type { TerminalDecoder, TerminalLine } from './terminalText.ts';
import { TracebackReader } from './traceback.ts';

/** How a program says of which step the dict behind it is; the number is the first group. Each ends with `$`. */
export type DictLabels = readonly RegExp[];

/** Records that are told at one go. */
const batch = 256;
/** A label is no longer than this: before it there may be a progress bar of any length. */
const longestLabel = 200;
/** Processes whose last line is kept in mind. */
const mostProcesses = 1000;

/** Reads the dicts that a program logs behind a label with their step: "Global step 3: {'reward': 0.5}". */
export class LabelledDicts implements TerminalDecoder {
  private readonly dicts = new DictText(
    {
      mayBegin: (before, process) => this.stepBefore(before, process) !== undefined,
      dict: (dict) => this.takeDict(dict),
      text: () => {},
    },
    () => true,
  );
  private readonly tracebacks = new TracebackReader();
  /** Step of the label with which the last line of a process ended, the dict being on the next one. */
  private readonly pending = new Map<string, number>();
  private records: MetricsRecord[] = [];
  /** The processes that log. */
  private readonly loggers = new Set<string>();
  private hasEnded = false;

  constructor(
    private readonly sink: RunSink,
    private readonly labels: DictLabels,
  ) {}

  take(line: TerminalLine): void {
    const { text, process } = line;
    this.dicts.take(line);
    if (text.trim() === '') return;
    const step = this.stepIn(text);
    if (step !== undefined && this.pending.size < mostProcesses) this.pending.set(process, step);
    else if (!this.dicts.isOpen) this.pending.delete(process);
    const error = this.tracebacks.take(text, process);
    // A worker's error need not be that of the run; it comes to the process that logs if it is.
    if (!error || (process !== '' && !this.loggers.has(process))) return;
    this.flush();
    this.hasEnded = true;
    this.sink.end(error);
  }

  takeTorn(line: TerminalLine): void {
    this.dicts.take(line);
  }

  settle(isLast: boolean): void {
    if (isLast) this.dicts.end();
    this.flush();
  }

  private flush(): void {
    if (this.records.length > 0) this.sink.metrics(this.records);
    this.records = [];
  }

  private stepBefore(before: string, process: string): number | undefined {
    return before.length <= longestLabel && before.trim() === '' ? this.pending.get(process) : this.stepIn(before);
  }

  private stepIn(text: string): number | undefined {
    const end = text.slice(-longestLabel);
    for (const label of this.labels) {
      const step = label.exec(end)?.[1];
      if (step !== undefined) return Number(step);
    }
    return undefined;
  }

  private takeDict({ values, number, before, process, isCut, cutKey }: PrintedDict): void {
    const step = this.stepBefore(before, process);
    if (step === undefined) return;
    this.pending.delete(process);
    if (isCut)
      this.sink.malformed({ line: number, why: cutKey === undefined ? 'the record is cut off' : `the value of ${cutKey} is cut off` });
    if (this.loggers.size < mostProcesses) this.loggers.add(process);
    this.records.push({ step, time: Number.NaN, data: numbersIn(values) });
    if (this.records.length === batch) this.flush();
    // Whatever had failed before: the run went on.
    if (this.hasEnded) this.sink.end(undefined);
    this.hasEnded = false;
  }
}
