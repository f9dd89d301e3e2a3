import { counted } from '../../../core/notation.ts';
import { isObject, parseNumber, setOwn, stringify } from '../../../core/records/json.ts';
import type { Trajectory } from '../../../core/records/trajectory.ts';
import { mappedFieldNames, valueAt, type Row, type RolloutMapping } from './mapping.ts';
import { promptTurns, responseTurns } from './turns.ts';

/** What a row says of one response. */
export interface Response extends Pick<
  Trajectory,
  'prompt' | 'response' | 'isTokenized' | 'mask' | 'reward' | 'logProbs' | 'sumPiSquared' | 'facts'
> {
  /** The same for responses to the same prompt. */
  readonly group: string;
  /** Null: the row does not say. */
  readonly step: number | null;
}

/** A value of a row that is not what its key is mapped to. The message is a part of a sentence. */
class RowError extends Error {}

/** Characters of a fact that is a list or an object. */
const longestFact = 2000;

/** What a row says by a mapping, or what is wrong with it, as a part of a sentence. */
export function parseResponse(row: unknown, mapping: RolloutMapping): Response | string {
  if (!isObject(row)) return 'is not a JSON object';
  try {
    return responseOf(row, mapping);
  } catch (error) {
    if (error instanceof RowError) return error.message;
    throw error;
  }
}

function responseOf(row: Row, mapping: RolloutMapping): Response {
  const at = (field: keyof RolloutMapping): { key: string; value: unknown } => ({
    key: mapping[field] ?? '',
    value: valueAt(row, mapping[field]),
  });
  const { value: prompt, key: promptKey } = at('prompt');
  const { texts, mask: turns, isTokenized } = spoken(at('response'));
  const perToken = (field: 'logProbs' | 'sumPiSquared'): Float32Array | null => tokenNumbers(at(field), texts.length, isTokenized);
  const [logProbs, sumPiSquared] = [perToken('logProbs'), perToken('sumPiSquared')];
  const own = tokenNumbers(at('mask'), texts.length, isTokenized);
  const mask = own
    ? own.map((value) => (value === 0 ? 0 : 1))
    : (turns ?? (logProbs?.some(Number.isNaN) ? logProbs.map((value) => (Number.isNaN(value) ? 0 : 1)) : null));
  const group = valueAt(row, mapping.group);
  return {
    prompt: prompt === undefined || prompt === null ? [] : promptOf(prompt, promptKey),
    response: texts,
    isTokenized,
    mask: mask && Uint8Array.from(mask),
    reward: rewardOf(at('reward')),
    logProbs: where(logProbs, mask),
    sumPiSquared: where(sumPiSquared, mask),
    facts: factsOf(row, mapping),
    group: stringify(group ?? prompt ?? null),
    step: mapping.step === null ? null : stepOf(at('step')),
  };
}

/** NaN where the policy did not choose the token, whatever the row has there. */
function where(values: Float32Array | null, mask: ArrayLike<number> | null): Float32Array | null {
  return values && mask ? values.map((value, t) => (mask[t] === 0 ? Number.NaN : value)) : values;
}

interface Mapped {
  readonly key: string;
  readonly value: unknown;
}

function spoken({ key, value }: Mapped): { texts: readonly string[]; mask: ArrayLike<number> | null; isTokenized: boolean } {
  if (value === undefined || value === null) throw new RowError(`has no "${key}", which is to be the response`);
  if (typeof value === 'string') return { ...responseTurns(value), isTokenized: false };
  const tokens = tokensOf(value);
  if (tokens) return { texts: tokens, mask: null, isTokenized: true };
  const messages = messagesOf(value);
  if (!messages)
    throw new RowError(`has under "${key}" ${kindOf(value)}, and a response is a text, a list of tokens, or a list of chat messages`);
  return { texts: messages.map(({ text }) => text), mask: messages.map(({ role }) => (role === 'assistant' ? 1 : 0)), isTokenized: false };
}

function promptOf(value: unknown, key: string): readonly string[] {
  if (typeof value === 'string') return promptTurns(value);
  const texts = tokensOf(value) ?? messagesOf(value)?.map(({ role, text }) => `${role}\n${text}`);
  if (texts) return texts;
  throw new RowError(`has under "${key}" ${kindOf(value)}, and a prompt is a text, a list of tokens, or a list of chat messages`);
}

/** Tokens as texts, or as their numbers. */
function tokensOf(value: unknown): readonly string[] | undefined {
  if (!Array.isArray(value)) return undefined;
  if (value.every((token) => typeof token === 'string')) return value;
  return value.every((token) => Number.isSafeInteger(token)) ? value.map(String) : undefined;
}

function messagesOf(value: unknown): readonly { readonly role: string; readonly text: string }[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const messages = value.map((message: unknown) =>
    isObject(message) && typeof message['role'] === 'string' ? { role: message['role'], text: messageText(message) } : undefined,
  );
  return messages.every((message) => message !== undefined) ? messages : undefined;
}

/** The texts of a message, and its tool calls as JSON behind them. */
function messageText({ content, tool_calls: calls }: Row): string {
  const parts: readonly unknown[] = Array.isArray(content) ? content : [content];
  const texts = parts.map((part) => (isObject(part) && typeof part['text'] === 'string' ? part['text'] : part));
  const said = texts
    .filter((part) => part !== undefined && part !== null)
    .map((part) => (typeof part === 'string' ? part : stringify(part)));
  const called = Array.isArray(calls)
    ? calls.map((each) => `<tool_call>${stringify(isObject(each) ? (each['function'] ?? each) : each)}</tool_call>`)
    : [];
  return [...said, ...called].join('\n');
}

/** NaN for null, as at tokens that a tool wrote. Null: there is nothing. */
function tokenNumbers({ key, value }: Mapped, length: number, isTokenized: boolean): Float32Array | null {
  if (value === undefined || value === null) return null;
  if (!Array.isArray(value)) throw new RowError(`has under "${key}" ${kindOf(value)} instead of a list of numbers`);
  if (!isTokenized)
    throw new RowError(`has a list under "${key}", but its response is not a list of tokens, so that nobody knows which is whose`);
  if (value.length !== length)
    throw new RowError(`has ${counted(value.length, 'number')} under "${key}" for the ${counted(length, 'token')} of its response`);
  const numbers = new Float32Array(length);
  for (let t = 0; t < length; t++) {
    const each: unknown = value[t];
    if (typeof each === 'number') numbers[t] = each;
    else if (each === null) numbers[t] = Number.NaN;
    else {
      const number = typeof each === 'boolean' ? Number(each) : parseNumber(each);
      if (number === undefined) throw new RowError(`has under "${key}" ${kindOf(each)} instead of number ${t + 1}`);
      numbers[t] = number;
    }
  }
  return numbers;
}

/** The reward of a response; of rewards by token their sum. */
function rewardOf({ key, value }: Mapped): number | null {
  if (value === undefined || value === null) return null;
  if (typeof value === 'boolean') return Number(value);
  const parts = (Array.isArray(value) ? value : [value]).map(parseNumber);
  if (parts.length === 0 || parts.some((part) => part === undefined))
    throw new RowError(`has under "${key}" ${kindOf(value)} instead of a number, the reward`);
  return parts.reduce<number>((sum, part) => sum + part!, 0);
}

function stepOf({ key, value }: Mapped): number {
  if (value === undefined || value === null) throw new RowError(`has no "${key}", which is to be the step`);
  if (Number.isSafeInteger(value) && (value as number) >= 0) return value as number;
  throw new RowError(`has under "${key}" ${kindOf(value)} instead of a step, a whole number from 0`);
}

/** All that is not mapped. */
function factsOf(row: Row, mapping: RolloutMapping): Trajectory['facts'] {
  const mapped = new Set(mappedFieldNames.map((field) => mapping[field]));
  const facts: Record<string, string | number | boolean | null> = {};
  for (const [key, value] of Object.entries(row)) if (!mapped.has(key)) setOwn(facts, key, factOf(value));
  return facts;
}

function factOf(value: unknown): string | number | boolean | null {
  if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  const text = stringify(value);
  return text.length > longestFact ? `${text.slice(0, longestFact)}…` : text;
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list of something else';
  if (isObject(value)) return 'an object';
  return { string: 'a text', number: 'a number', boolean: 'true or false' }[typeof value as string] ?? 'nothing';
}
