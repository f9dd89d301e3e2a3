import path from 'node:path';
import type { ProgramRunConfig } from '../core/config/config.ts';
import { runFiles } from '../core/records/run.ts';
import type { MetricsRecord } from '../core/records/metrics.ts';
import { GpuMetrics } from '../runs/gpus/gpuMetrics.ts';
import type { RunWriter } from '../runs/directory/runWriter.ts';
import { ConsoleFile } from './consoleFile.ts';
import { FiledMetrics, PrintedMetrics } from './loggedMetrics.ts';
import type { LoggedMetrics, MetricsListener } from './loggedMetrics.ts';
import { OutputLog } from './outputLog.ts';
import type { Program, ProgramEnd } from './program.ts';
import { secretsIn } from './programEnvironment.ts';
import type { Environment } from './programEnvironment.ts';
import type { ProgramJournal } from './programJournal.ts';
import { quietMs, quietSentence } from './programWatch.ts';

/** Milliseconds between looks for requests, at the logs, and at the clock. */
const lookMs = 500;
/** Least milliseconds between two readings of what is printed. */
const gatherMs = 50;
/** Milliseconds by which what is printed on standard error comes later in the console than what is on standard output. */
const behindMs = 30;

export interface SupervisionOptions {
  readonly config: ProgramRunConfig;
  readonly journal: ProgramJournal;
  readonly writer: RunWriter;
  readonly env: Environment;
  /** GPUs that the run has for itself, by index; undefined: it was given none. */
  readonly gpus: readonly number[] | undefined;
  /** Where the files with metrics are; null: nowhere, they are printed. */
  readonly metricsPath: string | null;
}

/** Watches a program: keeps what it prints, logs its metrics, and ends it where that is asked for. */
export class Supervision {
  /** Why it was ended; undefined: it was not. */
  stopped: 'asked' | 'collapsed' | undefined;
  private readonly console: ConsoleFile;
  private readonly logs: Readonly<Record<'stdout' | 'stderr', OutputLog>>;
  private readonly logged: LoggedMetrics;
  /** Undefined: the config does not ask for them. */
  private readonly gpuMetrics: GpuMetrics | undefined;
  private readonly began = performance.now();
  private program: Program | undefined;
  private printed = 0;
  private notices = { program: '', output: '', quiet: '' };
  private told = '';
  private reading: Promise<void> | undefined;
  private pause: NodeJS.Timeout | undefined;
  private hasNews = false;
  /** What was printed on standard error and is not in the console yet. */
  private readonly errors: Buffer[] = [];
  private errorPause: NodeJS.Timeout | undefined;
  /** The program has ended: what is left is read at once. */
  private isOver = false;
  /** When what is printed was read last; milliseconds. */
  private readAt = Number.NEGATIVE_INFINITY;
  private readonly signalled = (signal: NodeJS.Signals): void => this.end('asked', signal);

  constructor(private readonly options: SupervisionOptions) {
    const { config, journal, writer, env, gpus = null, metricsPath } = options;
    this.gpuMetrics = config.gpuMetrics && config.trainer !== 'ray' ? new GpuMetrics({ gpus }) : undefined;
    const folder = (): string => writer.dir;
    const limits = { maxBytes: config.output.maxMegabytes * 1e6, files: config.output.files };
    const secrets = secretsIn(env);
    const onTrouble = (sentence: string): void => this.notice('output', sentence);
    this.console = new ConsoleFile(folder, limits);
    const log = (name: string): OutputLog =>
      new OutputLog({ folder, name, secrets, ...limits, onTrouble, onBytes: (bytes) => this.takeOutput(name === runFiles.stderr, bytes) });
    this.logs = { stdout: log(runFiles.stdout), stderr: log(runFiles.stderr) };
    const listener: MetricsListener = {
      metrics: (records) => {
        journal.metrics(this.withGpus(records));
        this.notice('quiet', '');
      },
      forget: (from, keys) => journal.forget(from, keys),
      restart: () => journal.restart(),
    };
    const { format } = config.metrics;
    this.logged =
      metricsPath === null
        ? new PrintedMetrics(() => path.join(folder(), runFiles.console), format, listener)
        : new FiledMetrics(metricsPath, format, listener);
  }

  /** Runs the program to its end. Throws an error whose message is a sentence where it cannot be started. */
  async run(program: Program): Promise<ProgramEnd> {
    this.program = program;
    this.console.rotate();
    await this.logged.begin();
    await program.start({
      onOutput: (stream, chunk) => this.logs[stream].take(chunk),
      onNotice: (sentence) => this.notice('program', sentence),
    });
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, this.signalled);
    const timer = setInterval(() => this.look(), lookMs);
    try {
      const end = await program.ended;
      for (const log of Object.values(this.logs)) log.end();
      this.passErrors();
      this.isOver = true;
      clearTimeout(this.pause);
      await this.reading;
      await this.read(true);
      return end;
    } finally {
      clearInterval(timer);
      clearTimeout(this.pause);
    }
  }

  /** The run has collapsed, and its config may say that it is to end then. */
  noteCollapse(): void {
    if (this.options.config.onCollapse !== 'warn') this.end('collapsed', 'collapse');
  }

  /** What to say of a program that has logged nothing; `forMs` null: to its end. */
  quietSentence(forMs: number | null): string | undefined {
    const { config, journal, metricsPath } = this.options;
    const isTrl = config.trainer === 'trl';
    return quietSentence({ isTrl, printed: this.printed, steps: journal.count, logged: this.logged, place: metricsPath }, forMs);
  }

  close(): void {
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.off(signal, this.signalled);
    this.console.close();
  }

  /** What is new of the GPUs goes with the last step. */
  private withGpus(records: readonly MetricsRecord[]): readonly MetricsRecord[] {
    const last = records.at(-1);
    const metrics = last && this.gpuMetrics?.sampleMetrics();
    return last && metrics ? [...records.slice(0, -1), { ...last, data: { ...metrics, ...last.data } }] : records;
  }

  /**
   * Two pipes do not tell what came first. A trainer draws its progress bar anew, on standard error, around what it prints on standard
   * output, and the readers of consoles take the bar behind a step: so what stands on standard error comes a moment later.
   */
  private takeOutput(isError: boolean, bytes: Buffer): void {
    this.printed += bytes.length;
    if (isError) {
      this.errors.push(bytes);
      this.errorPause ??= setTimeout(() => this.passErrors(), behindMs);
    } else this.toConsole(bytes);
  }

  private passErrors(): void {
    clearTimeout(this.errorPause);
    this.errorPause = undefined;
    const bytes = Buffer.concat(this.errors.splice(0));
    if (bytes.length > 0) this.toConsole(bytes);
  }

  private toConsole(bytes: Buffer): void {
    this.console.append(bytes);
    if (this.options.metricsPath === null) this.readSoon();
  }

  /** At once, but then not before a while: many lines are taken in together. */
  private readSoon(): void {
    this.hasNews = true;
    if (this.reading || this.pause || this.isOver) return;
    const waitMs = this.readAt + gatherMs - performance.now();
    if (waitMs <= 0) this.readNow();
    else
      this.pause = setTimeout(() => {
        this.pause = undefined;
        this.readNow();
      }, waitMs);
  }

  private readNow(): void {
    this.hasNews = false;
    this.reading = this.read(false).finally(() => {
      this.reading = undefined;
      this.readAt = performance.now();
      if (this.hasNews) this.readSoon();
    });
  }

  private async read(isLast: boolean): Promise<void> {
    const { total } = this.console;
    try {
      await this.logged.read(isLast);
      // Only what has been read may go where nobody reads it any more.
      if (this.console.total === total) this.console.rotateIfLong();
    } catch (error) {
      this.notice('output', `The metrics cannot be read: ${(error as Error).message}`);
    }
  }

  private look(): void {
    const { writer, journal, metricsPath } = this.options;
    // What is printed is read when it comes, but for what it is there may be too little yet.
    if (metricsPath !== null || journal.count === 0) this.readSoon();
    const forMs = performance.now() - this.began;
    if (journal.count === 0 && forMs > quietMs) this.notice('quiet', this.quietSentence(forMs) ?? '');
    this.tell();
    try {
      if (this.stopped === undefined && writer.stopRequested()) this.end('asked', 'control/stop');
    } catch {
      // The run directory is gone; the program goes on all the same, and a signal still ends it.
    }
  }

  private end(why: 'asked' | 'collapsed', by: string): void {
    if (this.stopped !== undefined || this.program === undefined) return;
    this.stopped = why;
    this.options.journal.lifecycle('stop-requested', { by });
    this.program.stop();
  }

  private notice(of: keyof typeof this.notices, sentence: string): void {
    this.notices[of] = sentence;
    this.tell();
  }

  private tell(): void {
    const { program, output, quiet } = this.notices;
    const message = [this.options.journal.trouble, output, program, quiet].find((sentence) => sentence !== '') ?? '';
    if (message === this.told) return;
    this.told = message;
    this.options.journal.lifecycle('notice', { message });
  }
}
