/** Something wrong with a config: where by path, what, and what to do about it. */
export interface ConfigFinding {
  /** Keys and array indices from the root, e.g. ["optimizer", "learningRate"]. */
  readonly path: ConfigPath;
  /** What is wrong, e.g. `expected a number > 0, found "fast"`. */
  readonly message: string;
  /** What to do, as a sentence. */
  readonly remedy: string;
}

export type ConfigPath = readonly (string | number)[];

/** A path as people write it: `optimizer.learningRate`, `estimators[2]`. */
export function formatPath(path: ConfigPath): string {
  return path.map((part, index) => (typeof part === 'number' ? `[${part}]` : index === 0 ? part : `.${part}`)).join('');
}

/** The inverse of `formatPath`. */
export function parsePath(path: string): ConfigPath {
  return [...path.matchAll(/\[(\d+)\]|[^.[\]]+/g)].map((match) => (match[1] === undefined ? match[0] : Number(match[1])));
}
