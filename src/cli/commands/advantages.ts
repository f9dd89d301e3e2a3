import type { Command } from 'commander';
import { InvalidArgumentError, Option } from 'commander';
import type { ParseError } from 'jsonc-parser';
import { parse, printParseErrorCode } from 'jsonc-parser';
import { nearest } from '../../core/config/nearest.ts';
import { AdvantagesRequestError, advantageRows, parseAdvantagesRequest } from '../../core/estimators/advantagesRequest.ts';
import type { EstimatorName } from '../../core/estimators/estimator.ts';
import { estimatorNames } from '../../core/estimators/estimator.ts';
import { estimatorInfos, estimators, isEstimatorName } from '../../core/estimators/registry.ts';
import type { CommandContext } from '../context.ts';
import { badInput } from '../exit.ts';
import { jsonOption } from '../options.ts';

/** `otb advantages`: the advantages of a batch, JSON in and JSON out, for other programs and for comparison with other trainers. */
export function registerAdvantages(program: Command, context: CommandContext): void {
  program
    .command('advantages')
    .description('compute the advantages of a batch: JSON on standard input, {"advantages": [[…]]} on standard output')
    .addOption(new Option('--estimator <name>', 'which estimator').argParser(parseEstimator).makeOptionMandatory())
    .addOption(jsonOption().hideHelp())
    .addHelpText('after', () => `\n${describeRequest()}`)
    .action(async ({ estimator }: { estimator: EstimatorName }) => {
      const batch = readRequest(await context.readStdin(), estimator);
      const advantages = new Float64Array(batch.batch * batch.length);
      estimators[estimator](batch, advantages);
      context.output.printJsonLine({ advantages: advantageRows(batch, advantages) });
    });
}

function readRequest(text: string, estimator: EstimatorName) {
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
  const errors: ParseError[] = [];
  parse(text, errors, { disallowComments: true });
  const [first] = errors;
  const offset = first?.offset ?? text.length;
  const before = text.slice(0, offset).split('\n');
  const found = /^[^\s,\]}]*/.exec(text.slice(offset, offset + 40))?.[0] ?? '';
  const what = `${first === undefined ? 'unexpected' : printParseErrorCode(first.error)}${found === '' ? '' : ` at ${JSON.stringify(found)}`}`;
  return `standard input:${before.length}:${(before.at(-1)?.length ?? 0) + 1}: this is no JSON: ${what}. JSON has no comments, no NaN and no trailing commas.`;
}

function parseEstimator(name: string): EstimatorName {
  if (isEstimatorName(name)) return name;
  const near = nearest(name, estimatorNames);
  throw new InvalidArgumentError(
    `There is no such estimator.${near === undefined ? '' : ` Did you mean ${near}?`} Known are ${estimatorNames.join(', ')}`,
  );
}

function describeRequest(): string {
  return [
    'The document, under the names that verl uses; every array has one row for each response, one column for each token:',
    '  token_level_rewards  numbers',
    '  response_mask        1: a token that the policy chose, 0: tool output or padding',
    '  index                one string or number for each response, equal for responses to the same prompt',
    '  old_log_probs        log-probability of each token under the policy that sampled it',
    '  sum_pi_squared       sum over the vocabulary of the squared probabilities at each token',
    '  rollout_is_weights   importance weights (optional)',
    '  handle_zero_tail     whether a baseline beyond the second longest response of a group is 0 (optional, default true)',
    '',
    'Estimators:',
    ...estimatorNames.map((name) => `  ${name.padEnd(28)} ${estimatorInfos[name].formula}`),
  ].join('\n');
}
