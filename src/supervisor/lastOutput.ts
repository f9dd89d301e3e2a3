import { LineSplitter } from '../runs/directory/lineSplitter.ts';
import { TerminalText } from '../runs/sources/terminalText.ts';
import type { TerminalLine } from '../runs/sources/terminalText.ts';
import { TracebackReader } from '../runs/sources/traceback.ts';

/** Bytes that are kept of the end of an output: some hundred lines. */
const mostKept = 1 << 16;

/** The end of what a program printed, in memory. */
export class LastOutput {
  private chunks: Buffer[] = [];
  private bytes = 0;
  private isCut = false;

  feed(chunk: Buffer): void {
    this.chunks.push(chunk);
    this.bytes += chunk.length;
    if (this.bytes < 2 * mostKept && this.chunks.length < 1000) return;
    const last = Buffer.concat(this.chunks).subarray(-mostKept);
    // A copy: the rest of a big chunk is not kept alive.
    this.isCut ||= last.length < this.bytes;
    this.chunks = [Buffer.from(last)];
    this.bytes = last.length;
  }

  /** It begins with a whole line, where it has more than one: in the middle of a secret nobody would know it. */
  get text(): string {
    const all = Buffer.concat(this.chunks);
    if (all.length <= mostKept && !this.isCut) return all.toString('utf8');
    const last = all.subarray(-mostKept);
    return last.subarray(last.indexOf(0x0a) + 1).toString('utf8');
  }
}

/** A line without colors, as one of several processes printed it. */
export type PrintedLine = Pick<TerminalLine, 'text' | 'process'>;

/** An error with which a Python process ended. */
export interface PythonError {
  /** "ValueError: the batch is empty" */
  readonly message: string;
  /** Where it was raised, in a file that belongs to no package if there is one: "train.py:88"; undefined: it is not said. */
  readonly place: string | undefined;
}

/** What torch puts before the lines of a traceback in one of several processes; and vLLM: "ERROR 06-01 22:03:23 [core.py:438] ". */
const prefixes = /^\[rank(\d+)\]: ?|^ERROR \d\d-\d\d \d\d:\d\d:\d\d (?:\[[\w./]+:\d+\]|[\w./]+:\d+\]) ?/;
/** What rich draws around a traceback. */
const frame = /^[╭│╰]/;
const position = /^\s+File "([^"]{1,4096})", line (\d{1,9})/;
const ofPackage = /[\\/](?:site-packages|dist-packages|lib[\\/]python[\d.]+|lib[\\/]importlib)[\\/]|^<frozen /;

/** The lines of a text that a terminal got, those of a progress bar's states each as one. */
export function printedLines(text: string): readonly PrintedLine[] {
  const lines: PrintedLine[] = [];
  const take = ({ text, process }: TerminalLine): void => {
    const [prefix = '', number] = prefixes.exec(text) ?? [];
    lines.push({ text: text.slice(prefix.length), process: number === undefined ? process : `rank ${number}` });
  };
  const terminal = new TerminalText({ take, takeTorn: take });
  const splitter = new LineSplitter({ atCarriageReturns: true });
  terminal.take(splitter.feed(Buffer.from(text)), 1);
  if (splitter.withinLine) terminal.takeTorn(splitter.heldText, 1);
  return lines;
}

/** The errors of all tracebacks among lines, in the order in which they end. */
export function pythonErrors(lines: readonly PrintedLine[]): readonly PythonError[] {
  const reader = new TracebackReader();
  const places = new Map<string, { own?: string; any?: string }>();
  const errors: PythonError[] = [];
  for (const { text, process } of lines) {
    const isFrame = frame.test(text);
    if (text.includes('Traceback (most recent call last)') && (isFrame || text.startsWith('Traceback'))) {
      reader.take('Traceback (most recent call last):', process);
      places.set(process, {});
      continue;
    }
    const [, file, line] = position.exec(text) ?? [];
    if (file !== undefined) {
      const place = `${file.split(/[\\/]/).at(-1)}:${line}`;
      const known = places.get(process);
      places.set(process, ofPackage.test(file) ? { ...known, any: place } : { own: place, any: place });
      continue;
    }
    const end = isFrame ? undefined : reader.take(text, process);
    if (end?.message === undefined) continue;
    const known = places.get(process);
    errors.push({ message: end.message, place: known?.own ?? known?.any });
  }
  return errors;
}
