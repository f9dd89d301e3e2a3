import type { TaskConfig, WarmStartConfig } from './config.ts';

/** What only runs of `trl` read, and `otb_trl` finds in their `run.json`. */
export interface TrlConfig {
  /** Name on the Hugging Face Hub, folder, or what a small one is made from; null: nobody said, which no run of `trl` may. */
  readonly model: string | ScratchModel | null;
  readonly dataset: string | TrlDataset | null;
  /** Named rewards and functions in files of Python (`rewards.py:exact`), which are summed; null: as the dataset has it. */
  readonly reward: string | readonly string[] | null;
  readonly tools: readonly string[];
  /** Keys of TRL's GRPOConfig, only those that somebody wrote. */
  readonly trl: Readonly<Record<string, unknown>>;
}

/** A model with random weights and a tokenizer for the ledger: nothing is downloaded. */
interface ScratchModel {
  readonly kind: 'scratch';
  readonly width: number;
  readonly layers: number;
  readonly heads: number;
}

interface TrlDataset {
  /** Name on the Hugging Face Hub, or a file. */
  readonly path: string;
  /** The configuration of a dataset that has several. */
  readonly name: string | null;
  readonly split: string;
  /** Column of the prompts. */
  readonly prompt: string;
  /** Column of the answers, which the data need not have. */
  readonly answer: string;
  /** What stands before each prompt as the system's message. */
  readonly system: string | null;
}

/** The same of one run: nothing is left to be chosen. */
export interface TrlRun {
  readonly model: string | ScratchModel;
  /** "ledger", or where the prompts come from. */
  readonly dataset: 'ledger' | TrlDataset;
  readonly reward: readonly string[];
  readonly tools: readonly string[];
  readonly trl: Readonly<Record<string, unknown>>;
  /** Of the ledger; null with other datasets. */
  readonly task: TaskConfig | null;
  /** Of a model made from scratch; null with others. */
  readonly warmStart: WarmStartConfig | null;
}

/** The task of the built-in trainer as a dataset: its prompts, its tool and its reward. */
export const ledger = 'ledger';

/** What a config of `trl` says of a run, with what it leaves out filled in. */
export function trlRun(config: TrlConfig & { readonly task: TaskConfig; readonly warmStart: WarmStartConfig }): TrlRun {
  const { model, dataset, reward, tools, trl, task, warmStart } = config;
  const isLedger = dataset === ledger;
  return {
    // Neither is missing in a config that was checked.
    model: model ?? '',
    dataset: isLedger ? ledger : typeof dataset === 'string' || dataset === null ? datasetAt(dataset ?? '') : dataset,
    reward: reward === null ? (isLedger ? [ledger] : []) : typeof reward === 'string' ? [reward] : reward,
    tools,
    trl,
    task: isLedger ? task : null,
    warmStart: typeof model === 'object' ? warmStart : null,
  };
}

function datasetAt(path: string): TrlDataset {
  return { path, name: null, split: 'train', prompt: 'prompt', answer: 'answer', system: null };
}

/** What a run of `trl` starts: our package, in a process for each GPU where there are several. */
export function trlCommand(gpusPerRun: number): readonly string[] {
  const launcher = gpusPerRun > 1 ? ['accelerate.commands.launch', '--num_processes', String(gpusPerRun), '-m'] : [];
  return ['${python}', '-m', ...launcher, 'otb_trl', '${runDir}'];
}

/** What is added to the command when the run goes on from its newest checkpoint. */
export const trlResume: readonly string[] = ['--resume'];

/** Where `otb_trl` writes its metrics: lines like those of verl's file logger. */
export const trlMetrics = {
  from: 'files',
  path: '${runDir}/trainer.jsonl',
  format: 'verl-jsonl',
  gradNorm: null,
  score: null,
} as const;

/** A step of a real model takes a while, and is finished before a run ends. */
export const trlStop = { interruptSeconds: 300, terminateSeconds: 30 } as const;

/** The gradient norm at which TRL clips; null: it does not. */
export function trlClip({ max_grad_norm: limit = 1 }: TrlConfig['trl']): number | null {
  return typeof limit === 'number' && limit > 0 ? limit : null;
}
