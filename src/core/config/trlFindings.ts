import type { Config } from './config.ts';
import type { ConfigFinding } from './findings.ts';
import { nearest } from './nearest.ts';
import { builtinSections, gpuFindings, rayKeys, variableFindings } from './programFindings.ts';
import { ledger } from './trlConfig.ts';
import type { TrlConfig } from './trlConfig.ts';

/** Keys that only runs of `trl` read. */
const trlKeys = ['model', 'dataset', 'reward', 'tools', 'trl'] as const satisfies readonly (keyof TrlConfig)[];

const rewardNames = ['number', ledger];
const toolNames = ['calculator'];

/** A function in a file of Python: `rewards.py:exact`. */
const pythonFunction = /^(.+\.py):([A-Za-z_]\w*)$/;

/** The file of a reward or tool; undefined where it has none: a named one. */
export function pythonFileOf(name: string): string | undefined {
  return pythonFunction.exec(name)?.[1];
}

/** Whether the name of a dataset is that of a file. */
export function isDataFile(name: string): boolean {
  return /\.(?:jsonl|json|csv|parquet)$/i.test(name);
}

/** Keys of `trl` in the config of another trainer. */
export function otherTrainerFindings(written: ReadonlySet<string>): readonly ConfigFinding[] {
  return trlKeys
    .filter((key) => written.has(key))
    .map((key) => ({
      path: [key],
      message: 'only "trainer": "trl" reads this',
      remedy: `Remove "${key}", or write "trainer": "trl".`,
    }));
}

/** What is wrong with a config of `trl` beyond its schema, save the keys of TRL's own. `written`: the keys that somebody wrote. */
export function trlFindings(config: Config, written: ReadonlySet<string>): readonly ConfigFinding[] {
  return [
    ...missingFindings(config, written),
    ...unreadFindings(config, written),
    ...modelFindings(config),
    ...datasetFindings(config),
    ...rewardFindings(config),
    ...toolFindings(config),
    ...lengthFindings(config, written),
    ...variableFindings(config),
    ...gpuFindings(config, written),
  ];
}

function missingFindings({ model, dataset, reward }: Config, written: ReadonlySet<string>): readonly ConfigFinding[] {
  const missing = (key: string, remedy: string): ConfigFinding => ({ path: [key], message: 'missing', remedy });
  return [
    ...(written.has('estimators')
      ? []
      : [missing('estimators', 'Add those to compare, for example "estimators": ["grpo", "tir_optimal_token_baseline"].')]),
    ...(model === null
      ? [missing('model', 'Add it with a name on the Hugging Face Hub or a folder, for example "model": "Qwen/Qwen2.5-0.5B-Instruct".')]
      : []),
    ...(dataset === null ? [missing('dataset', 'Add it, for example "dataset": "prompts.jsonl", or "ledger", which needs no data.')] : []),
    ...(reward === null && dataset !== null && dataset !== ledger
      ? [missing('reward', 'Add it: "number" compares with the answer column, "rewards.py:exact" calls a function of yours.')]
      : []),
  ];
}

/** What the plan fills in for a command, and what the sections of the built-in trainer are called here. */
const instead: Readonly<Record<string, string>> = {
  command: 'Remove it. For a script of yours write "trainer": "command".',
  metrics: 'Remove it: the metrics of the run are found by themselves.',
  resume: 'Remove it: the run can be resumed from its checkpoints as it is.',
  branch: 'Remove it: a run can be branched from its checkpoints as it is.',
  policy: 'Remove it, and name the model in "model".',
  rollout:
    'Remove it, and set per_device_train_batch_size, num_generations, max_completion_length and temperature in "trl" as you need them.',
  optimizer: 'Remove it, and set learning_rate, warmup_steps and max_grad_norm in "trl" as you need them.',
  loss: 'Remove it, and set loss_type in "trl".',
  checkpoint: 'Remove it, and set save_strategy and save_steps in "trl".',
};

function unreadFindings({ dataset, model }: Config, written: ReadonlySet<string>): readonly ConfigFinding[] {
  const unread = [
    ...builtinSections.filter((key) => key !== 'task' && key !== 'warmStart'),
    'command',
    'metrics',
    'resume',
    'branch',
    ...rayKeys,
  ];
  const findings = unread
    .filter((key) => written.has(key))
    .map((key): ConfigFinding => {
      return { path: [key], message: '"trainer": "trl" does not read this', remedy: instead[key] ?? `Remove "${key}".` };
    });
  if (written.has('task') && dataset !== null && dataset !== ledger)
    findings.push({ path: ['task'], message: 'only the dataset "ledger" has this', remedy: 'Remove it, or write "dataset": "ledger".' });
  if (written.has('warmStart') && typeof model === 'string')
    findings.push({
      path: ['warmStart'],
      message: 'only a model that is made from scratch is warm-started',
      remedy: 'Remove it, or write "model": {"kind": "scratch"}.',
    });
  return findings;
}

function modelFindings({ model, dataset }: Config): readonly ConfigFinding[] {
  if (typeof model !== 'object' || model === null) return [];
  const findings: ConfigFinding[] = [];
  if (dataset !== null && dataset !== ledger) {
    findings.push({
      path: ['model'],
      message: 'a model from scratch knows no language but that of the ledger',
      remedy: 'Write "dataset": "ledger", or name a model, for example "Qwen/Qwen2.5-0.5B-Instruct".',
    });
  }
  // Positions turn pairs of numbers of each head.
  const unit = 2 * model.heads;
  if (model.width % unit !== 0) {
    findings.push({
      path: ['model', 'width'],
      message: `expected a multiple of 2 × heads = ${unit}, found ${model.width}`,
      remedy: `Write for example ${Math.max(1, Math.round(model.width / unit)) * unit}.`,
    });
  }
  return findings;
}

function datasetFindings({ dataset }: Config): readonly ConfigFinding[] {
  const name = typeof dataset === 'string' ? dataset : dataset?.path;
  if (typeof dataset === 'object' && name === ledger)
    return [{ path: ['dataset'], message: 'the ledger has no columns to choose', remedy: 'Write "dataset": "ledger".' }];
  if (typeof dataset === 'object' && dataset !== null && isDataFile(dataset.path) && dataset.split !== 'train') {
    const message = `a file has no split ${JSON.stringify(dataset.split)}`;
    return [{ path: ['dataset', 'split'], message, remedy: 'Remove it: all rows of the file are taken.' }];
  }
  if (name === undefined || name === ledger || /[./\\]/.test(name) || nearest(name, [ledger]) === undefined) return [];
  return [{ path: ['dataset'], message: `there is no dataset ${JSON.stringify(name)} here`, remedy: `Did you mean "${ledger}"?` }];
}

function rewardFindings({ reward, dataset }: Config): readonly ConfigFinding[] {
  const rewards = typeof reward === 'string' ? [{ name: reward, path: ['reward'] }] : listed(reward ?? []);
  return rewards.flatMap(({ name, path }) => {
    const isLedger = name === ledger;
    if (isLedger === (dataset === ledger) || dataset === null) return namedOrFunction(name, path, rewardNames);
    const message = isLedger ? 'the reward "ledger" looks at answers of the dataset "ledger"' : 'the dataset "ledger" has its own reward';
    const remedy = isLedger
      ? 'Write "number", a function such as "rewards.py:exact", or "dataset": "ledger".'
      : 'Remove "reward", or take another dataset.';
    return [{ path, message, remedy }];
  });
}

function toolFindings({ tools, dataset }: Config): readonly ConfigFinding[] {
  if (dataset === ledger && tools.length > 0) {
    const message = 'the dataset "ledger" has its own calculator, which fails at times';
    return [{ path: ['tools'], message, remedy: 'Remove "tools", or take another dataset.' }];
  }
  return tools.flatMap((tool, index) => namedOrFunction(tool, ['tools', index], toolNames));
}

/** How long a run trains is said once: in steps, or as so many times through the data. */
function lengthFindings({ trl }: Config, written: ReadonlySet<string>): readonly ConfigFinding[] {
  if (!written.has('steps') || !('num_train_epochs' in trl)) return [];
  return [{ path: ['trl', 'num_train_epochs'], message: '"steps" says how long a run trains', remedy: 'Remove one of the two.' }];
}

function listed(rewards: readonly string[]): readonly { readonly name: string; readonly path: ConfigFinding['path'] }[] {
  return rewards.map((name, index) => ({ name, path: ['reward', index] }));
}

/** Nothing where it is one of `known`, or a function in a file of Python. */
function namedOrFunction(name: string, path: ConfigFinding['path'], known: readonly string[]): readonly ConfigFinding[] {
  if (known.includes(name) || pythonFunction.test(name)) return [];
  const meant = nearest(name, known);
  const names = known.map((word) => `"${word}"`).join(' or ');
  const shown = JSON.stringify(name.length > 60 ? `${name.slice(0, 57)}…` : name);
  const [file, called] = path[0] === 'tools' ? ['tools.py', 'search'] : ['rewards.py', 'exact'];
  const own = /^(.*\.py)(?::|$)/.exec(name)?.[1] ?? file;
  return [
    {
      path,
      message: `expected ${names}, or a function like "${file}:${called}", found ${shown}`,
      remedy: meant === undefined ? `Write for example ${JSON.stringify(`${own}:${called}`)}.` : `Did you mean "${meant}"?`,
    },
  ];
}
