import { nearest } from '../../core/config/nearest.ts';
import { isObject } from '../../core/records/json.ts';
import { AgentError } from './agentError.ts';
import { plainLine } from './untrustedText.ts';

interface TextSchema {
  readonly type: 'string';
  readonly description: string;
  readonly maxLength: number;
  readonly enum?: readonly string[];
}

interface IntegerSchema {
  readonly type: 'integer';
  readonly description: string;
  readonly minimum: number;
  readonly maximum: number;
}

interface ListSchema {
  readonly type: 'array';
  readonly description: string;
  readonly items: Omit<TextSchema, 'description'>;
  readonly minItems: number;
  readonly maxItems: number;
}

/** A run, and perhaps one of its steps. */
export const runAtStepInput = {
  type: 'string',
  maxLength: 500,
  description: 'Which run, as for otb_summarize_run; "RUN@STEP" names the step too.',
} as const satisfies TextSchema;

/** A step of a run. `usual`: which it is where it is left out. */
export function stepInput(usual: string) {
  return { type: 'integer', minimum: 0, maximum: Number.MAX_SAFE_INTEGER, description: `The step; left out: ${usual}.` } as const;
}

/** The JSON Schema of a tool's input: an object of texts, whole numbers and lists of texts. */
export interface InputSchema {
  readonly type: 'object';
  readonly properties: Readonly<Record<string, TextSchema | IntegerSchema | ListSchema>>;
  readonly required: readonly string[];
  readonly additionalProperties: false;
}

type ValueOf<S> = S extends { type: 'integer' }
  ? number
  : S extends { type: 'array' }
    ? readonly string[]
    : S extends { enum: readonly (infer Word)[] }
      ? Word
      : string;

/** What input of a schema looks like; what is not required is undefined where it was left out. */
export type InputOf<S extends InputSchema> = {
  readonly [Key in keyof S['properties']]: Key extends S['required'][number]
    ? ValueOf<S['properties'][Key]>
    : ValueOf<S['properties'][Key]> | undefined;
};

/** Checks input against its schema. Throws an AgentError that names the key and says what was expected. */
export function parseInput<S extends InputSchema>(schema: S, input: unknown): InputOf<S> {
  const given = input ?? {};
  if (!isObject(given)) throw bad('input', 'an object', given);
  const known = Object.keys(schema.properties);
  for (const key of Object.keys(given)) {
    if (Object.hasOwn(schema.properties, key)) continue;
    const meant = nearest(key, known);
    const remedy = meant === undefined ? `There are ${known.join(', ')}.` : `Did you mean "${meant}"?`;
    throw new AgentError('bad_input', `There is no input "${plainLine(key, 60)}". ${remedy}`);
  }
  const values = known.map((key) => [key, parseValue(schema, key, Object.hasOwn(given, key) ? given[key] : undefined)] as const);
  return Object.fromEntries(values) as InputOf<S>;
}

function parseValue(schema: InputSchema, key: string, value: unknown): unknown {
  const property = schema.properties[key];
  if (property === undefined) return undefined;
  if (value === undefined || value === null) {
    if (schema.required.includes(key)) throw new AgentError('bad_input', `"${key}" is missing: ${property.description}`);
    return undefined;
  }
  switch (property.type) {
    case 'string':
      return parseWord(key, property, value);
    case 'integer': {
      const { minimum, maximum } = property;
      if (typeof value === 'number' && Number.isInteger(value) && value >= minimum && value <= maximum) return value;
      throw bad(key, `a whole number from ${minimum} to ${maximum}`, value);
    }
    case 'array': {
      const { items, minItems, maxItems } = property;
      if (!Array.isArray(value) || value.length < minItems || value.length > maxItems)
        throw bad(key, `a list of ${minItems} to ${maxItems} texts`, value);
      return value.map((entry: unknown, index) => parseWord(`${key}[${index}]`, items, entry));
    }
  }
}

function parseWord(key: string, { maxLength, enum: words }: Omit<TextSchema, 'description'>, value: unknown): string {
  if (typeof value !== 'string' || value.trim() === '' || value.length > maxLength)
    throw bad(key, `a text of 1 to ${maxLength} characters`, value);
  if (words !== undefined && !words.includes(value)) throw bad(key, `one of ${words.join(', ')}`, value);
  return value;
}

function bad(key: string, expected: string, found: unknown): AgentError {
  return new AgentError('bad_input', `${key}: expected ${expected}, found ${plainLine(foundText(found), 60)}.`);
}

function foundText(found: unknown): string {
  if (Array.isArray(found)) return `a list of ${found.length}`;
  return JSON.stringify(found) ?? String(found);
}
