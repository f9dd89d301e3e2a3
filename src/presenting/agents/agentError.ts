import { RunDirectoryError } from '../../runs/directory/runDirectoryError.ts';
import { plainLine } from './untrustedText.ts';

/** What an agent did wrong, or cannot have: `badInput` is about its input, the others about what there is. */
export type AgentErrorKind = 'bad_input' | 'unknown_run' | 'ambiguous_run' | 'unknown_metric' | 'nothing_there' | 'refused' | 'unreadable';

/** An error whose message tells an agent what to do instead. The message is one line, and holds texts of runs only as cleaned names. */
export class AgentError extends Error {
  override readonly name = 'AgentError';

  constructor(
    readonly kind: AgentErrorKind,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** What an agent is told of a file that cannot be read, without its path, which may have names from outside in it; other errors as they are. */
export function unreadable(what: string, error: unknown): unknown {
  if (!(error instanceof RunDirectoryError)) return error;
  const problem = plainLine(`${error.problem}. ${error.remedy}`.replaceAll(error.file, 'the file'), 300);
  return new AgentError('unreadable', `${what}: ${problem}`, { cause: error });
}
