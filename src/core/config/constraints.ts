import type { EstimatorName } from '../estimators/estimator.ts';
import { taskSizes } from '../memory/taskSizes.ts';
import type { Config } from './config.ts';
import type { ConfigFinding } from './findings.ts';
import { engineSizeFindings } from './memoryFindings.ts';
import { programFindings, programKeys } from './programFindings.ts';
import { otherTrainerFindings, trlFindings } from './trlFindings.ts';

/** Estimators that make sense for a single response; all others compare the responses to one prompt. */
const groupless: readonly string[] = ['reinforce', 'reinforce_plus_plus'] satisfies readonly EstimatorName[];

/** Most runs of a config. More is taken for a mistake: every run is a process, a folder and a row in the runs view. */
export const mostRuns = 1000;

/**
 * What a schema cannot say: keys that only make sense together, or not together.
 * `written` are the top-level keys that the file has itself; all others were filled in. `engine`: what the maths is to run on, as
 * `--engine` names it.
 */
export function constraintFindings(config: Config, written: ReadonlySet<string>, engine: string): readonly ConfigFinding[] {
  return [...runCountFindings(config), ...trainerFindings(config, written, engine)];
}

function trainerFindings(config: Config, written: ReadonlySet<string>, engine: string): readonly ConfigFinding[] {
  const { trainer } = config;
  if (trainer === 'trl') return trlFindings(config, written);
  const own = trainer === 'builtin' ? builtinFindings(config, written) : programFindings(config, trainer, written);
  const size = trainer === 'builtin' ? engineSizeFindings(config, { engine, threads: 1 }) : [];
  return [...own, ...otherTrainerFindings(written), ...size];
}

function runCountFindings({ estimators, seeds }: Config): readonly ConfigFinding[] {
  const runs = estimators.length * seeds.length;
  if (runs <= mostRuns) return [];
  const longer = seeds.length >= estimators.length ? 'seeds' : 'estimators';
  const other = longer === 'seeds' ? estimators : seeds;
  return [
    {
      path: [longer],
      message: `${estimators.length} estimators × ${seeds.length} seeds are ${runs} runs; a config starts at most ${mostRuns}`,
      remedy: `Keep at most ${Math.floor(mostRuns / other.length)} ${longer}, or write several configs.`,
    },
  ];
}

function builtinFindings(config: Config, written: ReadonlySet<string>): readonly ConfigFinding[] {
  const findings: ConfigFinding[] = [];
  const { estimators, task, policy, rollout, checkpoint } = config;
  for (const key of programKeys) {
    if (!written.has(key) || config[key] === null) continue;
    findings.push({
      path: [key],
      message: 'the built-in trainer runs no command, and does not read this',
      remedy: `Remove "${key}", or write "trainer": "command".`,
    });
  }
  if (rollout.groupSize === 1) {
    const needGroups = estimators.filter((name) => !groupless.includes(name));
    if (needGroups.length > 0) {
      findings.push({
        path: ['rollout', 'groupSize'],
        message: `${needGroups.join(', ')} ${needGroups.length === 1 ? 'compares' : 'compare'} the responses to one prompt, but a group has only 1`,
        remedy: `Write 2 or more, for example 8, or use only ${groupless.join(' and ')}.`,
      });
    }
  }
  const turn = taskSizes[task.name].minResponseTokens;
  if (rollout.maxResponseTokens < turn) {
    findings.push({
      path: ['rollout', 'maxResponseTokens'],
      message: `one turn of the task ${task.name} takes ${turn} tokens, but a response may have only ${rollout.maxResponseTokens}`,
      remedy: `Write ${turn} or more, for example 800.`,
    });
  }
  const [least, most] = task.operations;
  if (least > most) {
    findings.push({
      path: ['task', 'operations'],
      message: `the least number of operations, ${least}, is above the most, ${most}`,
      remedy: `Write [${most}, ${least}].`,
    });
  }
  if (policy.kind === 'transformer' && policy.width % (4 * policy.heads) !== 0) {
    const unit = 4 * policy.heads;
    findings.push({
      path: ['policy', 'width'],
      message: `expected a multiple of 4 × heads = ${unit}, found ${policy.width}`,
      remedy: `Write for example ${Math.max(1, Math.round(policy.width / unit)) * unit}.`,
    });
  }
  if (config.onCollapse === 'branch' && checkpoint.every === null) {
    findings.push({
      path: ['onCollapse'],
      message: 'a branch starts from a checkpoint, but checkpoint.every is null',
      remedy: 'Write how often to write one, for example "checkpoint": {"every": 20}, or "onCollapse": "stop".',
    });
  }
  return findings;
}
