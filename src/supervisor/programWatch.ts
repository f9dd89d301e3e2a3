import { bytesText, counted } from '../core/notation.ts';
import type { LoggedMetrics } from './loggedMetrics.ts';

/** Milliseconds without a metric after which somebody should know. */
export const quietMs = 5 * 60_000;

/** What a program has done so far. */
export interface ProgramActivity {
  /** Whether it is our package for TRL, which logs where it should. */
  readonly isTrl: boolean;
  /** Bytes that it printed. */
  readonly printed: number;
  /** Steps that were logged. */
  readonly steps: number;
  readonly logged: Pick<LoggedMetrics, 'title'>;
  /** Where metrics are looked for: a path, or null for what it prints. */
  readonly place: string | null;
}

const known =
  'known are the consoles of verl, TRL, OpenRLHF, SkyRL, slime, prime-rl and NeMo-RL, and JSON lines or tables with a step in each';

/** What to say of a program that has logged no metric for long, or to its end, as a sentence with the remedy; undefined: all is well. */
export function quietSentence({ isTrl, printed, steps, logged, place }: ProgramActivity, forMs: number | null): string | undefined {
  if (steps > 0 || (isTrl && forMs === null)) return undefined;
  if (isTrl)
    return 'No step yet: a model is downloaded at its first use, and a first step may take minutes. See in the output what it is doing.';
  const when = forMs === null ? 'It ended without a metric' : `No metric in ${counted(Math.round(forMs / 60_000), 'minute')}`;
  if (place !== null)
    return `${when}: no log with anything new was found at ${place}. See that the program writes there, or change "metrics.path".`;
  if (printed === 0)
    return `${when}: the program has printed nothing. If it logs into files, write "metrics": { "from": "files", "path": … } in the config.`;
  if (logged.title === undefined)
    return `${when}: nothing in the ${bytesText(printed)} that it printed is a log of a known format (${known}). Let it print its metrics, or write "metrics": { "from": "files", "path": … } in the config.`;
  return `${when}: what it printed looks like a ${logged.title}, but there is no step in it yet.`;
}
