import { isObject, stringify } from '../../../core/records/json.ts';

/** What a key of a row can be, and what is said of it where somebody chooses. */
export const mappedFields = {
  prompt: 'The prompt: a text, tokens, or chat messages',
  response: 'The response: a text, tokens, or chat messages',
  reward: 'The reward of the response: a number',
  group: 'The same for responses to one prompt; without it, equal prompts',
  step: 'The training step; without it, the number in the name of the file',
  mask: '1 for each token that the policy chose, 0 for what a tool or the environment said',
  logProbs: 'The log-probability of each token of the response',
  sumPiSquared: 'The sum of the squared probabilities over the vocabulary, at each token',
} as const;

export type MappedField = keyof typeof mappedFields;

/** Which key of a row says what; null: none does. A key with dots leads into objects where there is none of that name. */
export type RolloutMapping = Readonly<Record<MappedField, string | null>> & { readonly response: string };

export const mappedFieldNames = Object.keys(mappedFields) as readonly MappedField[];

export type Row = Readonly<Record<string, unknown>>;

/** A mapping that was written; a text: what is wrong with it. `name`: what it is called there. */
export function parseMapping(value: unknown, name: string): RolloutMapping | string {
  if (!isObject(value)) return `${name} is not an object`;
  for (const field of mappedFieldNames) {
    const key = value[field];
    if (typeof key === 'string' || (field !== 'response' && (key === null || key === undefined))) continue;
    return `${name}.${field} is ${key === undefined ? 'missing' : stringify(key)}, and names no key of the rollouts`;
  }
  return Object.fromEntries(mappedFieldNames.map((field) => [field, value[field] ?? null])) as RolloutMapping;
}

/** What a row has under a key of a mapping; undefined: nothing. */
export function valueAt(row: Row, key: string | null): unknown {
  if (key === null) return undefined;
  if (Object.hasOwn(row, key)) return row[key];
  let value: unknown = row;
  for (const part of key.split('.')) {
    if (!isObject(value) || !Object.hasOwn(value, part)) return undefined;
    value = value[part];
  }
  return value;
}

/** The keys of a row, also of the objects in it, as a mapping names them. */
export function keysOf(row: Row): readonly string[] {
  return Object.entries(row).flatMap(([key, value]) => [
    key,
    ...(isObject(value) ? Object.keys(value).map((inner) => `${key}.${inner}`) : []),
  ]);
}
