import type { ErrorObject } from 'ajv';
import { validate } from 'otb:config-validator';
import schema from '../../../media/otb-config.schema.json';
import { formatPath } from '../../core/config/findings.ts';
import type { ConfigFinding, ConfigPath } from '../../core/config/findings.ts';
import { nearest } from '../../core/config/nearest.ts';
import { estimatorNames } from '../../core/estimators/estimator.ts';
import { configExample, foreignObject } from './foreignFile.ts';
import { describeExpected, quote } from './expectation.ts';
import type { ValueSchema } from './expectation.ts';

/** The text of the value at a path, where there is one. */
export type WrittenValue = (path: ConfigPath) => string | undefined;

/** Findings told of one config: with more of them, the file is something else. */
const mostFindings = 50;

/**
 * Checks `value` against the config schema and fills its defaults in, in place. No findings: the value is a Config, but for the
 * constraints that a schema cannot express. `written` gives the text of a value, for numbers that JavaScript cannot hold.
 */
export function schemaFindings(value: unknown, written: WrittenValue = () => undefined): readonly ConfigFinding[] {
  // First, because the validator fills defaults in.
  const foreign = foreignObject(value, Object.keys(schema.properties));
  if (foreign) return [{ path: [], ...foreign }];
  if (validate(value)) return [];
  const findings = new Map<string, ConfigFinding>();
  /** Objects whose known keys have been listed. */
  const listed = new Set<string>();
  for (const error of validate.errors ?? []) {
    // "if" only says that its branch failed; the branch's own error says why.
    if (error.keyword === 'if') continue;
    const finding = explain(broken(error, value), written, listed);
    // A value can break several rules at once; what was expected names them all.
    const key = JSON.stringify(finding.path);
    if (!findings.has(key)) findings.set(key, finding);
    if (findings.size === mostFindings) break;
  }
  return [...findings.values()];
}

/** A rule of the schema that a value breaks. */
interface Broken {
  readonly keyword: string;
  readonly path: ConfigPath;
  readonly parameters: Readonly<Record<string, unknown>>;
  /** The part of the schema that the rule is in. */
  readonly whole: ValueSchema;
  readonly found: unknown;
}

/** The validator only says where: rules and values in each of its errors would be a quarter of its code. */
function broken({ keyword, instancePath, schemaPath, params }: ErrorObject, value: unknown): Broken {
  const path = parsePointer(instancePath);
  const rules = parsePointer(schemaPath).slice(0, -1);
  return { keyword, path, parameters: params, whole: valueAt(schema, rules) as ValueSchema, found: valueAt(value, path) };
}

function valueAt(root: unknown, path: ConfigPath): unknown {
  return path.reduce((at, key) => (at as Readonly<Record<string | number, unknown>>)[key], root);
}

function explain({ keyword, path, parameters, whole, found: data }: Broken, written: WrittenValue, listed: Set<string>): ConfigFinding {
  // A limit that is there for the machine's sake is told to those who break it.
  const rule = whole.limitReason === undefined || upperBounds.has(keyword) ? whole : withoutUpperBounds(whole);
  const example = rule.examples?.[0];
  const remedy =
    path.length === 0
      ? configExample
      : example === undefined
        ? 'See the description of the key.'
        : `Write for example ${JSON.stringify(example)}.`;
  switch (keyword) {
    case 'additionalProperties':
      return unknownKey(path, String(parameters['additionalProperty']), Object.keys(rule.properties ?? {}), listed);
    case 'required': {
      const key = String(parameters['missingProperty']);
      // A branch that asks for a key of the config does not describe it.
      const known = (path.length === 0 ? schema.properties : rule.properties) as Readonly<Record<string, ValueSchema>> | undefined;
      const wanted = known?.[key]?.examples?.[0];
      return { path: [...path, key], message: 'missing', remedy: `Add it, for example "${key}": ${JSON.stringify(wanted)}.` };
    }
    case 'uniqueItems': {
      const index = Math.max(Number(parameters['i']), Number(parameters['j']));
      return {
        path: [...path, index],
        message: `${quote((data as readonly unknown[])[index])} is there twice`,
        remedy: 'Remove one of the two.',
      };
    }
    case 'enum':
      return path[0] === 'estimators' ? unknownEstimator(path, data) : unknownChoice(path, data, rule);
    case 'maxItems': {
      const found = (data as readonly unknown[]).length;
      return { path, message: `expected ${describeExpected(rule)}, found ${found} values${reasonOf(rule)}`, remedy };
    }
    case 'maximum': {
      const found = quote(data, written(path));
      return { path, message: `expected ${describeExpected(rule)}, found ${found}${reasonOf(rule)}`, remedy };
    }
    default:
      return { path, message: `expected ${describeExpected(rule)}, found ${quote(data, written(path))}`, remedy };
  }
}

const upperBounds: ReadonlySet<string> = new Set(['maximum', 'maxItems']);

function withoutUpperBounds({ maximum, maxItems, ...others }: ValueSchema): ValueSchema {
  void [maximum, maxItems];
  return others;
}

function reasonOf({ limitReason }: ValueSchema): string {
  return limitReason === undefined ? '' : `; ${limitReason}`;
}

function unknownKey(parent: ConfigPath, key: string, known: readonly string[], listed: Set<string>): ConfigFinding {
  const meant = nearest(key, known);
  const list = listed.has(formatPath(parent)) ? 'Remove it.' : `Known here: ${known.filter((name) => !name.startsWith('$')).join(', ')}.`;
  if (meant === undefined) listed.add(formatPath(parent));
  return {
    path: [...parent, key],
    message: 'unknown key',
    remedy: meant === undefined ? list : `Did you mean "${meant}"?`,
  };
}

/** What was written where a word was expected; nothing where it was something else, which need not even have a text. */
function wordOf(found: unknown): string {
  return typeof found === 'string' ? found : '';
}

function unknownEstimator(path: ConfigPath, found: unknown): ConfigFinding {
  const meant = nearest(wordOf(found), estimatorNames);
  return {
    path,
    message: `unknown estimator ${quote(found)}`,
    remedy: `${meant === undefined ? '' : `Did you mean "${meant}"? `}Known: ${estimatorNames.join(', ')}.`,
  };
}

function unknownChoice(path: ConfigPath, found: unknown, rule: ValueSchema): ConfigFinding {
  const choices = (rule.enum ?? []).map(String);
  const meant = nearest(wordOf(found), choices) ?? choices[0];
  return {
    path,
    message: `expected ${describeExpected(rule)}, found ${quote(found)}`,
    remedy: `Write for example ${JSON.stringify(meant)}.`,
  };
}

function parsePointer(pointer: string): ConfigPath {
  return pointer
    .split('/')
    .slice(1)
    .map((part) => (/^\d+$/.test(part) ? Number(part) : part.replaceAll('~1', '/').replaceAll('~0', '~')));
}
