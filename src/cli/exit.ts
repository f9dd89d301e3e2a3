/** What the exit code of `otb` says: 0 done, 1 failed, 2 bad usage or bad input, 3 a collapse was found and `--fail-on-collapse` given. */
export const exitCodes = { done: 0, failed: 1, badInput: 2, collapse: 3 } as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** An error whose message is all the user needs: shown without a stack trace. */
export class CommandError extends Error {
  override readonly name = 'CommandError';

  constructor(
    message: string,
    readonly exitCode: ExitCode,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** The command was used wrongly or given something that it cannot read. */
export function badInput(message: string, cause?: unknown): CommandError {
  return new CommandError(message, exitCodes.badInput, { cause });
}

/** The command was used rightly and could not do its work. */
export function failed(message: string, cause?: unknown): CommandError {
  return new CommandError(message, exitCodes.failed, { cause });
}
