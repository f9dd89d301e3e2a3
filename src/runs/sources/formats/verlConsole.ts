import type { MetricsRecord } from '../../../core/records/metrics.ts';
import type { Glimpse, RunSink } from '../format.ts';
import { glimpsedText, terminalFormat } from '../terminalText.ts';
import type { TerminalDecoder, TerminalLine, TerminalRecords } from '../terminalText.ts';
import { TracebackReader } from '../traceback.ts';
import { VerlConfigReader } from '../verl/verlConfig.ts';
import { hasVerlRecord, verlRecords } from '../verl/verlRecord.ts';

/** Records that are told at one go. */
const batch = 256;

/** What verl prints before its first record: its config, and who prints it. */
const signs = [
  /'adv_estimator': '/,
  /'actor_rollout_ref': \{/,
  /\((?:TaskRunner|main_task) pid=\d+/,
  /TaskRunner hostname: /,
  /Training Progress: +\d+%\|/,
  /Total training steps: \d+/,
];

/** What verl's console logger prints, with all that a terminal shows around it. */
export const verlConsole = terminalFormat(
  {
    name: 'verl-console',
    title: 'console log of verl',
    sign: 'lines like "step:1 - actor/grad_norm:0.31"',
    sniff: (look: Glimpse) => {
      const text = glimpsedText(look);
      if (text.includes('\0')) return 0;
      if (text.split(/[\r\n]/).some(hasVerlRecord)) return 0.95;
      const found = signs.filter((sign) => sign.test(text)).length;
      return found >= 2 ? 0.8 : found === 1 ? 0.5 : 0;
    },
  },
  (sink) => new VerlConsoleDecoder(sink),
);

class VerlConsoleDecoder implements TerminalDecoder {
  private readonly config = new VerlConfigReader();
  private readonly tracebacks = new TracebackReader();
  private waiting: MetricsRecord[] = [];
  /** The process that logs. */
  private logger = '';
  private hasEnded = false;

  readonly shaped: TerminalRecords = {
    textsOf,
    recordOf({ text }) {
      const [found, ...others] = verlRecords(text);
      return found && others.length === 0 && found.problems.length === 0 && Object.keys(found.record.data).length > 0
        ? found.record
        : undefined;
    },
    took: (process) => this.wentOn(process),
  };

  constructor(private readonly sink: RunSink) {}

  take(line: TerminalLine): void {
    const { text, number, process, isCut } = line;
    const records = verlRecords(text, isCut);
    for (const { record, problems } of records) {
      for (const why of problems) this.sink.malformed({ line: number, why });
      this.takeRecord(record, process);
    }
    if (records.length === 0) this.takeOther(line);
  }

  takeTorn(line: TerminalLine): void {
    // A value may lack its last digits, but it is all there where its parenthesis is closed.
    const records = verlRecords(line.text, true);
    for (const { record } of records) if (Object.keys(record.data).length > 0) this.takeRecord(record, line.process);
  }

  settle(): void {
    if (this.waiting.length > 0) this.sink.metrics(this.waiting);
    this.waiting = [];
  }

  private takeRecord(record: MetricsRecord, process: string): void {
    this.waiting.push(record);
    if (this.waiting.length === batch) this.settle();
    this.wentOn(process);
  }

  private wentOn(process: string): void {
    this.config.clear();
    this.logger = process;
    // Whatever failed or was over before: the run went on.
    if (this.hasEnded) this.sink.end(undefined);
    this.hasEnded = false;
  }

  private takeOther(line: TerminalLine): void {
    const { text, process } = line;
    const facts = this.config.take(line);
    if (facts) this.sink.facts(facts);
    const steps = /^(?:\[.{0,80}\] ?|.{0,80}INFO.{0,80} )?Total training steps: (\d{1,12})/.exec(text)?.[1];
    if (steps !== undefined && Number(steps) > 0) this.sink.facts({ plannedSteps: Number(steps) });
    const host = /^TaskRunner hostname: ([^\s,]{1,253})/.exec(text)?.[1];
    if (host !== undefined) this.sink.facts({ host });
    const error = this.tracebacks.take(text, process);
    // A worker's error need not be that of the run; it comes to the process that logs if it is.
    const isOfRun = process === '' || process === this.logger || /^(?:TaskRunner|main_task) /.test(process);
    const end = error && isOfRun ? error : /^\(?["']{0,2}Final validation metrics: /.test(text) ? finished : undefined;
    if (!end) return;
    this.settle();
    this.hasEnded = true;
    this.sink.end(end);
  }
}

/** A number as verl prints it, bare or of NumPy, with what stands around it. */
const value = /(?<=[:(])-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:e[-+]?[0-9]+)?(?=\)| - |\r?\n)/g;

function textsOf(line: Buffer): readonly Buffer[] {
  const texts: Buffer[] = [];
  let from = 0;
  for (const { 0: number, index } of line.toString('latin1').matchAll(value)) {
    texts.push(line.subarray(from, index));
    from = index + number.length;
  }
  texts.push(line.subarray(from));
  return texts;
}

const finished = { state: 'finished', message: '' } as const;
