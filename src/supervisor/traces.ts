import { printedLines, pythonErrors } from './lastOutput.ts';
import type { PrintedLine, PythonError } from './lastOutput.ts';
import type { OomKill } from './oomKills.ts';

/** What is known of a command that has ended. */
export interface CommandEnd {
  /** A run's own command, or that of our package for TRL, of whose settings the user knows. */
  readonly of: 'command' | 'trl';
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** The end of what it printed; see LastOutput. */
  readonly stdout: string;
  readonly stderr: string;
  /** The last step that it logged; null: none. */
  readonly lastStep: number | null;
  /** The last step that was logged before a run was resumed; null: none, or it was not. */
  readonly earlierStep: number | null;
  /** Steps that the run of TRL was to take; null: not known, or nobody's business. */
  readonly steps: number | null;
  /** Seconds from its start to its end. */
  readonly seconds: number;
  /** Whether somebody asked for the end, so that we signalled it. */
  readonly wasAsked: boolean;
  /** Whether the kernel killed a process for want of memory meanwhile. */
  readonly oomKill: OomKill;
  readonly command: readonly string[];
  /** The Python that was chosen for the command; null: none. */
  readonly python: string | null;
}

/** Why a command ended, for people. */
export interface Cause {
  /** One sentence: "CUDA out of memory at step 41: Tried to allocate 2.00 GiB." */
  readonly sentence: string;
  /** What to do; null: nothing that we know of, see the output. */
  readonly remedy: string | null;
}

/** The end of a command, and what it said of it. */
export interface Traces extends CommandEnd {
  /** " at step 41"; empty where it logged none. */
  readonly at: string;
  readonly lines: readonly PrintedLine[];
  readonly errors: readonly PythonError[];
}

/** Lines before the end that are looked at for a cause, and for the last words. */
const considered = { cause: 300, words: 30 } as const;
/** Characters of what a program said that are worth a place in a sentence. */
const mostQuoted = 300;

export function tracesOf(end: CommandEnd): Traces {
  const lines = [...printedLines(end.stdout), ...printedLines(end.stderr)];
  return { ...end, at: end.lastStep === null ? '' : ` at step ${end.lastStep}`, lines, errors: pythonErrors(lines) };
}

/** Errors that only tell that another process had one. */
const secondary =
  /^(?:ray\.exceptions\.|torch\.distributed\.|RuntimeError: Engine core initialization failed|(?:[\w.]+\.)?(?:ChildFailedError|CalledProcessError|ProcessExitedException|ProcessRaisedException|DistBackendError|BrokenProcessPool|BrokenPipeError|ConnectionResetError|EOFError|SystemExit)\b)/;

/** The error that brought the others about; undefined: there is none, or all tell of another process. */
export function ownError(errors: readonly PythonError[]): PythonError | undefined {
  return errors.findLast(({ message }) => !secondary.test(message));
}

/** The last line of which something is true: of an error in C++, or of a program that logs its errors, there is no traceback. */
export function lastLine({ lines }: Traces, sign: RegExp): string | undefined {
  return lines.slice(-considered.cause).findLast(({ text }) => sign.test(text))?.text;
}

/** The last line that says what is wrong, or else the last line of all that is no progress bar. */
export function lastWords({ lines }: Traces): string | undefined {
  const spoken = lines.map(({ text }) => text.trim()).filter((text) => /\w/.test(text) && !/\d{1,3}%\|/.test(text));
  const complaint = /error|exception|fatal|failed|not found|denied|invalid|could not|cannot/i;
  const words = spoken.slice(-considered.words).findLast((text) => complaint.test(text)) ?? spoken.at(-1);
  return words === undefined ? undefined : asClause(words);
}

/** What a program said, as the end of a sentence of ours. */
export function asClause(text: string): string {
  const short = text.length > mostQuoted ? `${text.slice(0, mostQuoted)}…` : text;
  return short.replace(/[\s.]+$/, '');
}
