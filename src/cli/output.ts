import { stripVTControlCharacters, styleText } from 'node:util';
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

/** Results go to standard output, everything else to standard error. */
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
    this.stdout.write(`${text}\n`);
  }

  /** The one JSON document of a command; JSON has no NaN and no infinity, so they become strings. */
  printJson(value: unknown): void {
    this.print(stringify(value, 2));
  }

  /** One line of a stream of JSON documents. */
  printJsonLine(value: unknown): void {
    this.print(stringify(value));
  }

  /** Progress, notes and errors on standard error. */
  note(text: string): void {
    this.stderr.write(`${text}\n`);
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

/** Columns that a text takes on a terminal, colours aside. */
export function textWidth(text: string): number {
  return [...stripVTControlCharacters(text)].length;
}

function painter(stream: OutputStream, env: Readonly<Record<string, string | undefined>>): Paint {
  const forced = (env['FORCE_COLOR'] ?? '0') !== '0';
  const wanted = !env['NO_COLOR'] && env['TERM'] !== 'dumb' && (stream.isTTY === true || forced);
  return wanted ? (format, text) => styleText(format, text) : (_format, text) => text;
}
