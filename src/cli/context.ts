import type { ExitCode } from './exit.ts';
import type { Output } from './output.ts';

/** What every command is given. */
export interface CommandContext {
  /** The command as it was typed, for reports. */
  readonly command: readonly string[];
  readonly output: Output;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Root folder of this package. */
  readonly root: string;
  /** All of standard input, as text. */
  readonly readStdin: () => Promise<string>;
  /** Sets what `otb` will exit with; without a call it is 0. */
  readonly exitWith: (code: ExitCode) => void;
}
