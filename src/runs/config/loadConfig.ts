import type { Config } from '../../core/config/config.ts';
import { constraintFindings } from '../../core/config/constraints.ts';
import type { ConfigFinding } from '../../core/config/findings.ts';
import { formatPath, parsePath } from '../../core/config/findings.ts';
import { trlStop } from '../../core/config/trlConfig.ts';
import { isObject } from '../../core/records/json.ts';
import { ConfigError } from './configError.ts';
import type { ConfigProblem } from './configError.ts';
import { readConfigFile } from './configFile.ts';
import { ConfigText } from './configText.ts';
import type { TextPosition } from './configText.ts';
import { schemaFindings } from './schemaFindings.ts';
import type { WrittenValue } from './schemaFindings.ts';
import { trlKeyFindings, trlTypeFindings } from './trlKeys.ts';

/** A valid config, and where in its file each value stands. */
export interface LoadedConfig {
  readonly config: Config;
  readonly file: string;
  /** What the maths is to run on, as `--engine` names it. */
  readonly engine: string;
  /** Line (from 1) of every key and array element in the file, by path: `optimizer.learningRate`, `estimators[2]`. */
  readonly lines: Readonly<Record<string, number>>;
  /** Line and column (from 1) of a key; where the file does not have it, of its nearest ancestor. */
  locate(path: string): TextPosition;
}

/**
 * Reads and checks a `*.otb.json` that is to run on an engine, as `--engine` names it. Throws a ConfigError that names everything
 * wrong with it.
 */
export async function loadConfig(file: string, engine = 'auto'): Promise<LoadedConfig> {
  return parseConfig(await readConfigFile(file), file, engine);
}

/** Checks the text of a `*.otb.json`; `file` is only used to say where things are. Throws a ConfigError. */
export function parseConfig(text: string, file: string, engine = 'auto'): LoadedConfig {
  const source = new ConfigText(text);
  const place = (finding: ConfigFinding): ConfigProblem => ({
    file,
    ...source.locate(finding.path),
    key: formatPath(finding.path),
    message: finding.message,
    remedy: finding.remedy,
  });
  if (source.excess) {
    const { path, ...problem } = source.excess;
    throw new ConfigError([{ file, key: formatPath(path), ...problem }]);
  }
  if (source.syntaxErrors.length > 0) throw new ConfigError(source.syntaxErrors.map((error) => ({ file, key: '', ...error })));
  const repeated = source.repeatedKeys.map(({ path, ...problem }) => ({ file, key: formatPath(path), ...problem }));
  const checked = checkConfig(source.value, engine, (path) => source.written(path));
  const problems = [...repeated, ...checked.findings.map(place)];
  if (checked.config === undefined || problems.length > 0) throw new ConfigError(problems);
  return { config: checked.config, file, engine, lines: source.lines(), locate: (path) => source.locate(parsePath(path)) };
}

/**
 * Checks a config as a value and fills in its defaults, in a copy. `config` is undefined where it does not fit the schema.
 * `engine`: what it is to run on, as `--engine` names it. `textOf` gives the text of a value in the file. `written`: the keys that somebody
 * wrote, where the value has more.
 */
export function checkConfig(
  value: unknown,
  engine = 'auto',
  textOf?: WrittenValue,
  written: ReadonlySet<string> = new Set(typeof value === 'object' && value !== null ? Object.keys(value) : []),
): { readonly config: Config | undefined; readonly findings: readonly ConfigFinding[] } {
  const filled = structuredClone(value);
  fillIn(filled);
  const broken = [...schemaFindings(filled, textOf), ...typeFindings(filled, textOf)];
  if (broken.length > 0) return { config: undefined, findings: broken };
  const config = filled as Config & { $schema?: string };
  delete config.$schema;
  const findings = constraintFindings(config, written, engine);
  return { config, findings: config.trainer === 'trl' ? [...findings, ...trlKeyFindings(config)] : findings };
}

/** What the schema's own check leaves out: the keys of TRL's. */
function typeFindings(value: unknown, textOf: WrittenValue | undefined): readonly ConfigFinding[] {
  return isObject(value) && value['trainer'] === 'trl' && isObject(value['trl']) ? trlTypeFindings(value['trl'], textOf) : [];
}

/** The defaults that depend on the trainer, in place; all others are the schema's. */
function fillIn(value: unknown): void {
  if (!isObject(value)) return;
  const config = value as Record<string, unknown>;
  const { trainer, stop = {} } = config;
  if ((trainer === 'command' || trainer === 'ray') && config['metrics'] === undefined) config['metrics'] = {};
  if (trainer === 'trl' && isObject(stop)) config['stop'] = { ...trlStop, ...stop };
}
