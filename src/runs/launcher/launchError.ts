import { lastLines } from '../directory/lastLines.ts';

/** A process that did not do what it was started for. The message ends with what it had to say. */
export class LaunchError extends Error {
  override readonly name = 'LaunchError';
  /** The last lines of the log; empty where there are none. */
  readonly words: string;

  /** `log` is the file to which the process wrote, from the byte `from`; null: there was none. */
  constructor(
    readonly problem: string,
    readonly log: string | null = null,
    from = 0,
  ) {
    const words = log === null ? '' : lastLines(log, 12, from);
    super(
      log === null ? problem : words === '' ? `${problem} It left no word in ${log}.` : `${problem} Its last words, from ${log}:\n${words}`,
    );
    this.words = words;
  }
}
