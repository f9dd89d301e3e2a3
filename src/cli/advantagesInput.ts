import { printParseErrorCode, visit } from 'jsonc-parser';
import { AdvantagesRequestError, parseAdvantagesRequest } from '../core/estimators/advantagesRequest.ts';
import type { AdvantageBatch, EstimatorName } from '../core/estimators/estimator.ts';
import { isNestedBeyond } from '../core/records/json.ts';
import { badInput } from './exit.ts';

/** The parser that knows the place of a mistake goes one call deeper with each level. */
const mostLevels = 100;

/** Reads what `otb advantages` is given on standard input. Throws bad input with its line and column. */
export function readAdvantagesInput(text: string, estimator: EstimatorName): AdvantageBatch {
  try {
    return parseAdvantagesRequest(parseJson(text), estimator);
  } catch (error) {
    if (error instanceof AdvantagesRequestError) throw badInput(`standard input: ${error.message}`, error);
    throw error;
  }
}

function parseJson(text: string): unknown {
  if (text.trim() === '') throw badInput('standard input is empty: it takes a JSON document. See: otb advantages --help');
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw badInput(syntaxError(text), error);
  }
}

/** Says where the JSON is broken. Only asked when it is: this parser is slower than the built-in one, but knows the place. */
function syntaxError(text: string): string {
  if (isNestedBeyond(text, mostLevels))
    return `standard input: arrays and objects are nested more than ${mostLevels} deep; a batch needs 2 levels.`;
  const first = firstError(text);
  const offset = first?.offset ?? text.length;
  const before = text.slice(0, offset).split('\n');
  const found = /^[^\s,\]}]*/.exec(text.slice(offset, offset + 40))?.[0] ?? '';
  const what = `${first === undefined ? 'unexpected' : printParseErrorCode(first.code)}${found === '' ? '' : ` at ${JSON.stringify(found)}`}`;
  return `standard input:${before.length}:${(before.at(-1)?.length ?? 0) + 1}: this is not JSON: ${what}. JSON has no comments, no NaN and no trailing commas.`;
}

/** Where the parser stumbles first; it would go on, and stumble millions of times over a long text. */
function firstError(text: string): { readonly code: number; readonly offset: number } | undefined {
  let first: { readonly code: number; readonly offset: number } | undefined;
  const stop = new Error('found');
  try {
    visit(
      text,
      {
        onError(code, offset) {
          first = { code, offset };
          throw stop;
        },
      },
      { disallowComments: true },
    );
  } catch (error) {
    if (error !== stop) throw error;
  }
  return first;
}
