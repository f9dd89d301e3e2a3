import table from '../../../media/trl-config.schema.json';
import { isSecret } from '../../core/config/commandTemplate.ts';
import type { Config } from '../../core/config/config.ts';
import type { ConfigFinding } from '../../core/config/findings.ts';
import { nearest } from '../../core/config/nearest.ts';
import { counted } from '../../core/notation.ts';
import { getOwn } from '../../core/records/json.ts';
import { describeExpected, quote } from './expectation.ts';
import type { ValueSchema } from './expectation.ts';
import type { WrittenValue } from './schemaFindings.ts';

/** A key of GRPOConfig, as `media/trl-config.schema.json` has it. */
interface TrlKey extends ValueSchema {
  readonly default: unknown;
}

/** Keys of GRPOConfig by name, of the TRL that python/requirements.lock names. */
const trlKeys: Readonly<Record<string, TrlKey>> = table.properties;
const names = Object.keys(trlKeys);

/** A newer TRL has a few more than ours; each that is not known is compared with all. */
const mostKeys = 2 * names.length;

/** What another key of the config says, or nobody may choose. */
const refused: Readonly<Record<string, readonly [message: string, remedy: string]>> = {
  seed: ['the seed of a run comes from "seeds"', 'Remove it, and write for example "seeds": [1, 2, 3].'],
  max_steps: ['how long a run trains stands in "steps"', 'Remove it, and write for example "steps": 200.'],
  run_name: ['a run is called by "name"', 'Remove it, and change "name".'],
  output_dir: ['checkpoints are written into the folder of the run', 'Remove it.'],
  logging_steps: ['every step is logged', 'Remove it.'],
  logging_strategy: ['every step is logged', 'Remove it.'],
  logging_first_step: ['every step is logged', 'Remove it.'],
};

/**
 * Keys under "trl" whose values are not of TRL's types, as the schema tells editors. `written` gives the text of a value, for numbers that
 * JavaScript cannot hold.
 */
export function trlTypeFindings(trl: Config['trl'], written: WrittenValue = () => undefined): readonly ConfigFinding[] {
  return Object.entries(trl).flatMap(([key, value]) => {
    const rule = getOwn(trlKeys, key);
    if (rule === undefined || getOwn(refused, key) !== undefined || fits(value, rule)) return [];
    const path = ['trl', key];
    const remedy = rule.default === null ? 'Remove it for the default.' : `Write for example ${JSON.stringify(rule.default)}.`;
    return [{ path, message: `expected ${describeExpected(rule)}, found ${quote(value, written(path))}`, remedy }];
  });
}

/**
 * What is wrong with the keys under "trl", whose types are right. One that is not known and near to none goes through: a newer TRL may
 * have it.
 */
export function trlKeyFindings({ trl, gpusPerRun }: Pick<Config, 'trl' | 'gpusPerRun'>): readonly ConfigFinding[] {
  const keys = Object.keys(trl).length;
  if (keys > mostKeys) return [{ path: ['trl'], message: `${keys} keys are more than TRL can have`, remedy: 'Keep those that you need.' }];
  return [...Object.entries(trl).flatMap(([key, value]) => keyFindings(key, value)), ...batchFindings(trl, gpusPerRun)];
}

function keyFindings(key: string, value: unknown): readonly ConfigFinding[] {
  const path = ['trl', key];
  const [message, remedy] = getOwn(refused, key) ?? [];
  if (message !== undefined && remedy !== undefined) return [{ path, message, remedy }];
  if (isSecret(key) && value !== null) {
    const reason = 'it is a secret by its name, and would be written into the files of every run';
    return [{ path, message: reason, remedy: 'Remove it, and set HF_TOKEN in the environment or in "envFile".' }];
  }
  const rule = getOwn(trlKeys, key);
  if (rule === undefined) {
    const meant = nearest(key, names);
    return meant === undefined ? [] : [{ path, message: 'TRL has no such key', remedy: `Did you mean "${meant}"?` }];
  }
  const words = (rule.examples ?? []).map(String);
  if (typeof value !== 'string' || words.includes(value)) return [];
  const meant = nearest(value, words);
  return meant === undefined ? [] : [{ path, message: `TRL does not know ${quote(value)} here`, remedy: `Did you mean "${meant}"?` }];
}

function fits(value: unknown, { type }: ValueSchema): boolean {
  if (type === undefined) return true;
  return (typeof type === 'string' ? [type] : type).some((name) => isOfType(value, name));
}

function isOfType(value: unknown, type: string): boolean {
  switch (type) {
    case 'integer':
      return Number.isSafeInteger(value);
    case 'number':
      return Number.isFinite(value);
    case 'null':
      return value === null;
    case 'array':
      return Array.isArray(value);
    case 'object':
      return typeof value === 'object' && value !== null && !Array.isArray(value);
    default:
      return typeof value === type;
  }
}

/** What TRL itself refuses at the start, after the model was loaded: batches that hold no whole groups. */
function batchFindings(trl: Config['trl'], processes: number): readonly ConfigFinding[] {
  const number = (key: string): number => Number(trl[key] ?? trlKeys[key]?.default);
  const group = number('num_generations');
  if (group < 2) {
    return [
      {
        path: ['trl', 'num_generations'],
        message: `a group of ${counted(group, 'response')} has nothing to compare`,
        remedy: 'Write 2 or more, for example 8.',
      },
    ];
  }
  if (trl['auto_find_batch_size'] === true) {
    const message = 'TRL cannot look for a batch size here: a batch has to hold whole groups';
    return [{ path: ['trl', 'auto_find_batch_size'], message, remedy: 'Remove it, and lower per_device_train_batch_size.' }];
  }
  const hasSize = (trl['generation_batch_size'] ?? null) !== null;
  const hasSteps = (trl['steps_per_generation'] ?? null) !== null;
  if (hasSize && hasSteps) {
    const message = 'it and steps_per_generation say the same in two ways';
    return [{ path: ['trl', 'generation_batch_size'], message, remedy: 'Remove one of the two.' }];
  }
  const step = number('per_device_train_batch_size') * processes;
  if (!(step > 0)) return [];
  const common = (step * group) / greatestCommonDivisor(step, group);
  const stepSize = `per_device_train_batch_size${processes > 1 ? ' × gpusPerRun' : ''}`;
  if (hasSize) {
    const size = number('generation_batch_size');
    if (!(size > 0) || size % common === 0) return [];
    const message = `${counted(size, 'response')} cannot be divided into groups of ${group} (num_generations) and batches of ${step} (${stepSize})`;
    const remedy = `Write a multiple of ${common}, for example ${Math.ceil(size / common) * common}.`;
    return [{ path: ['trl', 'generation_batch_size'], message, remedy }];
  }
  const stepsKey = hasSteps ? 'steps_per_generation' : 'gradient_accumulation_steps';
  const size = step * number(stepsKey);
  if (!(size > 0) || size % group === 0) return [];
  return [
    {
      path: ['trl', ['num_generations', 'per_device_train_batch_size', stepsKey].find((key) => key in trl) ?? 'num_generations'],
      message: `${stepSize} × ${stepsKey} is ${counted(size, 'response')}, which cannot be divided into groups of ${group} (num_generations)`,
      remedy: `Write for example "${stepsKey}": ${common / step}.`,
    },
  ];
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
