import { randomBytes } from 'node:crypto';
import { styleText } from 'node:util';
import { printable, printableJson, printableLine } from '../core/printable.ts';
import { stringify } from '../core/records/json.ts';

type Format = Parameters<typeof styleText>[0];

/** Paints text, or leaves it alone where the stream takes no colours. */
export type Paint = (format: Format, text: string) => string;

export interface OutputStream {
  write(text: string): unknown;
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  readonly rows?: number | undefined;
}

/**
 * Our own colours stand in a text as marks that nobody else can write, because they hold a number drawn for this process. So what
 * comes from files can be cleaned of all control sequences when the text is written, and the marks become sequences after that.
 */
const colourMark = (() => {
  const key = randomBytes(6).toString('hex');
  return { pattern: new RegExp(`\uFDD0${key}:(\\d+)\uFDD1`, 'g'), of: (code: string) => `\uFDD0${key}:${code}\uFDD1` };
})();

/** Results go to standard output, everything else to standard error. All that is written is cleaned: see `terminalText`. */
export class Output {
  readonly paint: Paint;
  readonly paintNote: Paint;

  constructor(
    private readonly stdout: OutputStream,
    private readonly stderr: OutputStream,
    private readonly env: Readonly<Record<string, string | undefined>>,
  ) {
    this.paint = painter(stdout, env);
    this.paintNote = painter(stderr, env);
  }

  /** One result line or block on standard output. */
  print(text: string): void {
    this.stdout.write(`${terminalText(text)}\n`);
  }

  /** The one JSON document of a command; JSON has no NaN and no infinity, so they become strings. */
  printJson(value: unknown): void {
    this.printJsonText(stringify(value, 2));
  }

  /** One line of a stream of JSON documents. */
  printJsonLine(value: unknown): void {
    this.printJsonText(stringify(value));
  }

  /** A document that is JSON already. */
  printJsonText(json: string): void {
    this.stdout.write(`${printableJson(json)}\n`);
  }

  /** Progress, notes and errors on standard error. */
  note(text: string): void {
    this.stderr.write(`${terminalText(text)}\n`);
  }

  /** Columns of the result's terminal; Infinity in a pipe or a file, where nothing needs to fit. */
  get width(): number {
    return this.stdout.isTTY === true ? (this.stdout.columns ?? 80) : Number.POSITIVE_INFINITY;
  }

  /** Whether standard error is a terminal on which lines can be redrawn. */
  get isLive(): boolean {
    return this.stderr.isTTY === true && this.env['TERM'] !== 'dumb';
  }

  /** Size of the terminal behind standard error. */
  get noteSize(): { readonly columns: number; readonly rows: number } {
    return { columns: this.stderr.columns ?? 80, rows: this.stderr.rows ?? 24 };
  }
}

/** A text as a terminal gets it: our own colours, and no other control sequence. */
export function terminalText(text: string): string {
  return rewrite(text, printable, (code) => `\u001B[${code}m`);
}

/** A text for one line of a table, not yet for a terminal: no line break, no tab, its colours as they are. */
export function singleLine(text: string): string {
  return rewrite(text, printableLine, colourMark.of);
}

function rewrite(text: string, plain: (piece: string) => string, colour: (code: string) => string): string {
  // Of the pieces between marks each second one is the number of a colour.
  const pieces = text.split(colourMark.pattern);
  return pieces.map((piece, index) => (index % 2 === 1 ? colour(piece) : plain(piece))).join('');
}

/** Columns that a text takes on a terminal, colours aside. */
export function textWidth(text: string): number {
  return [...text.replaceAll(colourMark.pattern, '')].length;
}

function painter(stream: OutputStream, env: Readonly<Record<string, string | undefined>>): Paint {
  const forced = (env['FORCE_COLOR'] ?? '0') !== '0';
  const wanted = !env['NO_COLOR'] && env['TERM'] !== 'dumb' && (stream.isTTY === true || forced);
  return wanted ? paint : (_format, text) => text;
}

function paint(format: Format, text: string): string {
  const marks = styleText(format, ' ').replaceAll(/\u001B\[(\d+)m/g, (_sequence, code: string) => colourMark.of(code));
  const [before = '', after = ''] = marks.split(' ');
  return `${before}${text}${after}`;
}
