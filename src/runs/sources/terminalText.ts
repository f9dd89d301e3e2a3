import type { Glimpse, RunFormat, RunSink } from './format.ts';
import { lineFormat } from './lineFormat.ts';
import type { LineDecoder, ShapedLines } from './lineFormat.ts';
import type { MetricsRecord } from '../../core/records/metrics.ts';

/** What one process wrote in a line of a terminal, or between two carriage returns of one, without colours. */
export interface TerminalLine {
  readonly text: string;
  /** Line of the file, from 1: several may come of the same. */
  readonly number: number;
  /** Who wrote it, as Ray's driver says: "TaskRunner pid=123"; empty: it does not. */
  readonly process: string;
  /** Whether W&B's output.log has cut the text off here, which it does at 4,096 characters, be it in the middle of a number. */
  readonly isCut: boolean;
}

/** Makes steps of what a program wrote to its terminal. */
export interface TerminalDecoder {
  take(line: TerminalLine): void;
  /**
   * The file ends here for now: tells what was held back in the hope of more, if that is certain to be whole. `isLast`: nobody will
   * read again, so that there will be no more.
   */
  settle?(isLast: boolean): void;
  /** The file ends within this line for good: tells of it what is certain. */
  takeTorn?(line: TerminalLine): void;
  /** For logs of lines that differ in their numbers alone; left out: they do not. */
  readonly shaped?: TerminalRecords;
}

/** How records stand in the lines of a terminal, one in each. */
export interface TerminalRecords {
  /** The bytes before each number of a line, and after the last, as in LineGrammar. */
  textsOf(line: Buffer): readonly Buffer[];
  /** The record that a line is; undefined: it is none, or tells of more than its numbers. */
  recordOf(line: TerminalLine): MetricsRecord | undefined;
  /** Such records have been read, the last one from this process, in place of `take`. */
  took(process: string): void;
}

/** A format whose files are what a program wrote to its terminal; every file is a run. */
export function terminalFormat(format: Omit<RunFormat, 'open'>, decoderFor: (sink: RunSink, file: string) => TerminalDecoder): RunFormat {
  const reader = (sink: RunSink, file: string) => new TerminalText(decoderFor(sink, file));
  return lineFormat(format, reader, { atCarriageReturns: true });
}

/** Escape sequences: CSI (colours, cursor), OSC (titles, links), and those of two characters. None of its parts can be read in two ways. */
const escapes = /\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[ -/]*[0-Z^-~])/g;
/** What Ray's driver puts before each line of a worker; behind a progress bar, which ends with no newline, in the middle of a line. */
const rayPrefix = /\(([^()]{0,120}?\bpid=\d+(?:, ip=[\w.:-]+)?)\) ?/g;
/** What it puts behind one of several lines that are alike. */
const rayRemark = / ?\[repeated \d+x across cluster\](?: \(Ray deduplicates logs by default\.|$)/;
/** Characters at which W&B's output.log cuts every line off. */
const cutAt = 4096;

/** A text without escape sequences. */
export function withoutEscapes(text: string): string {
  return text.includes('\x1b') ? text.replaceAll(escapes, '') : text;
}

/** What is seen of a file at first, as text without escape sequences. */
export function glimpsedText({ head, tail }: Pick<Glimpse, 'head' | 'tail'>): string {
  return withoutEscapes(tail.length === 0 ? head.toString('utf8') : `${head.toString('utf8')}\n${tail.toString('utf8')}`);
}

/** Reads the pieces of lines that a terminal got as what was written by each process. */
export class TerminalText implements LineDecoder {
  readonly shaped: ShapedLines | undefined;
  /** A file that has a longer line is no output.log of W&B. */
  private hasLonger = false;
  private isWithinLine = false;
  private process = '';

  constructor(private readonly decoder: TerminalDecoder) {
    const { shaped: records } = decoder;
    if (!records) return;
    // A line that may be cut off is left to `take`.
    const longest = () => (this.hasLonger ? Infinity : cutAt);
    this.shaped = {
      get longest() {
        return longest();
      },
      wholeSteps: true,
      textsOf: (line) => records.textsOf(line),
      recordOf(text) {
        const line = TerminalText.onlyLine(text);
        return line && records.recordOf(line);
      },
      took(_count, example) {
        records.took(TerminalText.onlyLine(example.toString())?.process ?? '');
      },
    };
  }

  take(pieces: readonly string[], number: number): void {
    let at = number;
    for (const piece of pieces) {
      const isPart = piece.endsWith('\r');
      for (const line of this.lines(piece, at, isPart)) this.decoder.take(line);
      this.isWithinLine = isPart;
      if (isPart) continue;
      this.process = '';
      at++;
    }
  }

  settle(isLast: boolean): void {
    this.decoder.settle?.(isLast);
  }

  takeTorn(rest: string, number: number): void {
    const pieces = rest.split(/(?<=\r)/);
    this.take(pieces.slice(0, -1), number);
    const lines = this.lines(pieces.at(-1) ?? '', number, false);
    for (const line of lines.slice(0, -1)) this.decoder.take(line);
    const last = lines.at(-1);
    if (last) this.decoder.takeTorn?.(last);
  }

  /** What a line with its newline is, where it is one of one process. */
  private static onlyLine(text: string): TerminalLine | undefined {
    const line = text.replace(/\r?\n$/, '');
    if (/[\r\n]/.test(line)) return undefined;
    const found: TerminalLine[] = [];
    const whole = new TerminalText({ take: (one) => found.push(one) });
    whole.hasLonger = true;
    whole.take([line], 1);
    return found.length === 1 ? found[0] : undefined;
  }

  private lines(piece: string, number: number, isPart: boolean): readonly TerminalLine[] {
    const text = withoutEscapes(isPart ? piece.slice(0, -1) : piece);
    const isCut = !isPart && !this.isWithinLine && this.isCut(piece, text);
    if (!text.includes('pid=')) return text === '' ? [] : [this.line(text, number, isCut)];
    const lines: TerminalLine[] = [];
    let from = 0;
    for (const { 0: prefix, 1: process = '', index } of text.matchAll(rayPrefix)) {
      if (index > from) lines.push(this.line(text.slice(from, index), number, false));
      this.process = process.trim();
      from = index + prefix.length;
    }
    if (from < text.length) lines.push(this.line(text.slice(from), number, isCut));
    return lines;
  }

  private line(text: string, number: number, isCut: boolean): TerminalLine {
    const remark = text.includes('[repeated ') ? text.search(rayRemark) : -1;
    return { text: remark < 0 ? text : text.slice(0, remark), number, process: this.process, isCut };
  }

  private isCut(raw: string, text: string): boolean {
    if (this.hasLonger || raw.length < cutAt) return false;
    const length = charactersOf(raw);
    this.hasLonger = charactersOf(text) > cutAt;
    return !this.hasLonger && (length === cutAt || charactersOf(text) === cutAt);
  }
}

/** Characters as a terminal counts them: one beyond the basic plane is two units of a string. */
function charactersOf(text: string): number {
  return Array.from(text).length;
}
