/** One thing that is wrong with a config. */
export interface ConfigProblem {
  readonly file: string;
  /** Line and column from 1; both 0 where the value does not come from the file but from the command line. */
  readonly line: number;
  readonly column: number;
  /** Path of the key, e.g. `optimizer.learningRate`; empty for the file as a whole. */
  readonly key: string;
  readonly message: string;
  readonly remedy: string;
}

/** Characters of a key in a message. A path to a file may stand in its place, and is longer. */
const longestKey = 300;

/** A config that cannot be used. Carries everything that is wrong with it, in the order of the file. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly problems: readonly ConfigProblem[];

  constructor(problems: readonly ConfigProblem[], options?: ErrorOptions) {
    const ordered = problems.toSorted((a, b) => a.line - b.line || a.column - b.column);
    super(ordered.map(formatProblem).join('\n'), options);
    this.problems = ordered;
  }
}

/** `figure1.otb.json:7:18: optimizer.learningRate: expected a number > 0, found "fast". Write for example 0.008.` */
function formatProblem(problem: ConfigProblem): string {
  const { file, line, column } = problem;
  return `${line > 0 ? `${file}:${line}:${column}: ` : ''}${problemSentences(problem)}`;
}

/** The same without the place; a key that is longer than any of ours is cut. */
export function problemSentences({ key, message, remedy }: ConfigProblem): string {
  const shown = key.length > longestKey ? `${key.slice(0, longestKey)}…` : key;
  return `${shown === '' ? '' : `${shown}: `}${message}. ${remedy}`;
}
