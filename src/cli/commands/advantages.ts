import type { Command } from 'commander';
import { InvalidArgumentError, Option } from 'commander';
import { nearest } from '../../core/config/nearest.ts';
import { advantageRows } from '../../core/estimators/advantagesRequest.ts';
import type { EstimatorName } from '../../core/estimators/estimator.ts';
import { estimatorNames } from '../../core/estimators/estimator.ts';
import { estimatorInfos, estimators, isEstimatorName } from '../../core/estimators/registry.ts';
import { readAdvantagesInput } from '../advantagesInput.ts';
import type { CommandContext } from '../context.ts';
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
      const batch = readAdvantagesInput(await context.readStdin(), estimator);
      const advantages = new Float64Array(batch.batch * batch.length);
      estimators[estimator](batch, advantages);
      context.output.printJsonLine({ advantages: advantageRows(batch, advantages) });
    });
}

function parseEstimator(name: string): EstimatorName {
  if (isEstimatorName(name)) return name;
  const near = nearest(name, estimatorNames);
  throw new InvalidArgumentError(
    `There is no such estimator.${near === undefined ? '' : ` Did you mean ${near}?`} Known: ${estimatorNames.join(', ')}`,
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
