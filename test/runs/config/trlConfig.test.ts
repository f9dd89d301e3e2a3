import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ConfigError } from '../../../src/runs/config/configError.ts';
import { parseConfig } from '../../../src/runs/config/loadConfig.ts';
import type { LoadedConfig } from '../../../src/runs/config/loadConfig.ts';

const gsm8k = {
  name: 'gsm8k',
  trainer: 'trl',
  estimators: ['grpo', 'tir_optimal_token_baseline'],
  model: 'Qwen/Qwen2.5-0.5B-Instruct',
  dataset: { path: 'openai/gsm8k', name: 'main', prompt: 'question' },
  reward: 'number',
};
const ledger = {
  name: 'ledger',
  trainer: 'trl',
  estimators: ['grpo'],
  model: { kind: 'scratch', width: 64, layers: 2, heads: 4 },
  dataset: 'ledger',
};

function load(config: Readonly<Record<string, unknown>>): LoadedConfig {
  return parseConfig(JSON.stringify(config, null, 2), 'example.otb.json');
}

/** "key: message. remedy" of each problem. */
function problemsOf(config: Readonly<Record<string, unknown>>): readonly string[] {
  try {
    load(config);
  } catch (error) {
    assert.ok(error instanceof ConfigError);
    return error.problems.map(({ key, message, remedy }) => `${key}: ${message}. ${remedy}`);
  }
  return [];
}

/** What is said of GRPOConfig's keys. */
function problemsWith(trl: Readonly<Record<string, unknown>>, more: Readonly<Record<string, unknown>> = {}): readonly string[] {
  return problemsOf({ ...gsm8k, ...more, trl });
}

describe('a config of trl', () => {
  it('is loaded with the names that its data usually have', () => {
    assert.deepEqual(load(gsm8k).config.dataset, {
      path: 'openai/gsm8k',
      name: 'main',
      split: 'train',
      prompt: 'question',
      answer: 'answer',
      system: null,
    });
  });

  it('gives a step of a real model the time to end', () => {
    assert.deepEqual(load(gsm8k).config.stop, { interruptSeconds: 300, terminateSeconds: 30 });
    assert.deepEqual(load({ ...gsm8k, stop: { interruptSeconds: 60 } }).config.stop, { interruptSeconds: 60, terminateSeconds: 30 });
    const command = { name: 'example', trainer: 'command', estimators: ['grpo'], command: ['true'] };
    assert.equal(load(command).config.stop.interruptSeconds, 15);
  });

  it("keeps of GRPOConfig what was written, and none of TRL's defaults", () => {
    assert.deepEqual(load({ ...gsm8k, trl: { learning_rate: 2e-6 } }).config.trl, { learning_rate: 2e-6 });
  });

  it('may make the model from scratch', () => {
    assert.deepEqual(load({ ...ledger, model: { kind: 'scratch' } }).config.model, { kind: 'scratch', width: 64, layers: 2, heads: 4 });
  });

  it('says all that it lacks', () => {
    assert.deepEqual(
      problemsOf({ name: 'example', trainer: 'trl' }).map((problem) => problem.split('. ')[0]),
      ['model: missing', 'dataset: missing'],
    );
    assert.deepEqual(problemsOf({ ...gsm8k, estimators: undefined }), [
      'estimators: missing. Add those to compare, for example "estimators": ["grpo", "tir_optimal_token_baseline"].',
    ]);
    assert.match(problemsOf({ ...gsm8k, model: null })[0] ?? '', /^model: missing\. Add it with a name on the Hugging Face Hub/);
    assert.deepEqual(problemsOf({ ...gsm8k, reward: undefined }), [
      'reward: missing. Add it: "number" compares with the answer column, "rewards.py:exact" calls a function of yours.',
    ]);
    assert.deepEqual(problemsOf(ledger), []);
  });

  it('says what a dataset lacks', () => {
    assert.deepEqual(problemsOf({ ...gsm8k, dataset: { name: 'main' } }), [
      'dataset.path: missing. Add it, for example "path": "openai/gsm8k".',
    ]);
  });

  it('knows the ten estimators only', () => {
    const [problem = ''] = problemsOf({ ...gsm8k, estimators: ['gpro'] });
    assert.match(problem, /unknown estimator "gpro"\. Did you mean "grpo"\?/);
  });

  it('leaves command, metrics and the way to go on to the program', () => {
    const problems = problemsOf({ ...gsm8k, command: ['python', 'train.py'], metrics: { from: 'stdout' }, resume: [], headers: {} });
    assert.deepEqual(problems, [
      'command: "trainer": "trl" does not read this. Remove it. For a script of yours write "trainer": "command".',
      'metrics: "trainer": "trl" does not read this. Remove it: the metrics of the run are found by themselves.',
      'resume: "trainer": "trl" does not read this. Remove it: the run can be resumed from its checkpoints as it is.',
      'headers: "trainer": "trl" does not read this. Remove "headers".',
    ]);
  });

  it("tells what the built-in trainer's sections are called here", () => {
    assert.deepEqual(problemsOf({ ...gsm8k, optimizer: { learningRate: 0.01 } }), [
      'optimizer: "trainer": "trl" does not read this. Remove it, and set learning_rate, warmup_steps and max_grad_norm in "trl" as you need them.',
    ]);
  });

  it('has a task and a warm start only where there is one', () => {
    assert.deepEqual(problemsOf({ ...ledger, task: { maxTurns: 10 }, warmStart: { steps: 5 } }), []);
    assert.deepEqual(problemsOf({ ...gsm8k, task: { maxTurns: 10 }, warmStart: { steps: 5 } }), [
      'task: only the dataset "ledger" has this. Remove it, or write "dataset": "ledger".',
      'warmStart: only a model that is made from scratch is warm-started. Remove it, or write "model": {"kind": "scratch"}.',
    ]);
  });

  it('does not give a model from scratch prompts in a language that it cannot read', () => {
    const [problem = ''] = problemsOf({ ...gsm8k, model: ledger.model });
    assert.match(problem, /^model: a model from scratch knows no language but that of the ledger\. Write "dataset": "ledger"/);
  });

  it('asks for a width that the heads can share', () => {
    assert.deepEqual(problemsOf({ ...ledger, model: { kind: 'scratch', width: 60, heads: 4 } }), [
      'model.width: expected a multiple of 2 × heads = 8, found 60. Write for example 64.',
    ]);
  });

  it('takes rewards by name or as functions in files of Python', () => {
    assert.deepEqual(problemsOf({ ...gsm8k, reward: ['number', 'my rewards/of mine.py:exact_1'] }), []);
    assert.deepEqual(problemsOf({ ...gsm8k, reward: 'nubmer' }), [
      'reward: expected "number" or "ledger", or a function like "rewards.py:exact", found "nubmer". Did you mean "number"?',
    ]);
    assert.deepEqual(problemsOf({ ...gsm8k, reward: ['mine.py'] }), [
      'reward[0]: expected "number" or "ledger", or a function like "rewards.py:exact", found "mine.py". Write for example "mine.py:exact".',
    ]);
    assert.match(problemsOf({ ...gsm8k, reward: 'ledger' })[0] ?? '', /^reward: the reward "ledger" looks at answers of the dataset/);
  });

  it('takes tools the same way', () => {
    assert.deepEqual(problemsOf({ ...gsm8k, tools: ['calculator', 'tools.py:search'] }), []);
    assert.deepEqual(problemsOf({ ...gsm8k, tools: ['calcualtor', 'tools.py:1'] }), [
      'tools[0]: expected "calculator", or a function like "tools.py:search", found "calcualtor". Did you mean "calculator"?',
      'tools[1]: expected "calculator", or a function like "tools.py:search", found "tools.py:1". Write for example "tools.py:search".',
    ]);
  });

  it('leaves the reward and the tool of the ledger to the ledger', () => {
    assert.deepEqual(problemsOf({ ...ledger, reward: 'number', tools: ['calculator'] }), [
      'reward: the dataset "ledger" has its own reward. Remove "reward", or take another dataset.',
      'tools: the dataset "ledger" has its own calculator, which fails at times. Remove "tools", or take another dataset.',
    ]);
    assert.deepEqual(problemsOf({ ...ledger, reward: 'ledger' }), []);
  });

  it('takes a file as a whole', () => {
    assert.deepEqual(problemsOf({ ...gsm8k, dataset: { path: 'a.jsonl', split: 'test' } }), [
      'dataset.split: a file has no split "test". Remove it: all rows of the file are taken.',
    ]);
  });

  it('is told its length once', () => {
    assert.deepEqual(problemsWith({ num_train_epochs: 2 }), []);
    assert.deepEqual(problemsWith({ num_train_epochs: 2 }, { steps: 10 }), [
      'trl.num_train_epochs: "steps" says how long a run trains. Remove one of the two.',
    ]);
  });

  it('asks whether the ledger was meant', () => {
    assert.deepEqual(problemsOf({ ...ledger, model: gsm8k.model, reward: 'number', dataset: 'legder' }), [
      'dataset: there is no dataset "legder" here. Did you mean "ledger"?',
    ]);
    assert.deepEqual(problemsOf({ ...gsm8k, dataset: 'imdb' }), []);
  });

  it('writes no secret into the files of a run', () => {
    assert.match(problemsOf({ ...gsm8k, env: { HF_TOKEN: 'hf_secret' } })[0] ?? '', /^env\.HF_TOKEN: HF_TOKEN is a secret by its name/);
    assert.match(problemsWith({ hub_token: 'hf_secret' })[0] ?? '', /^trl\.hub_token: it is a secret by its name/);
  });

  it('has keys that no other trainer reads', () => {
    assert.deepEqual(problemsOf({ name: 'example', reward: 'number', trl: { learning_rate: 1 } }), [
      'reward: only "trainer": "trl" reads this. Remove "reward", or write "trainer": "trl".',
      'trl: only "trainer": "trl" reads this. Remove "trl", or write "trainer": "trl".',
    ]);
  });
});

describe("the keys of TRL's GRPOConfig", () => {
  it('are asked about where they are near to one', () => {
    assert.deepEqual(problemsWith({ learnig_rate: 1e-6 }), ['trl.learnig_rate: TRL has no such key. Did you mean "learning_rate"?']);
    assert.deepEqual(problemsWith({ learningRate: 1e-6 }), ['trl.learningRate: TRL has no such key. Did you mean "learning_rate"?']);
  });

  it('go through where a newer TRL may have them', () => {
    assert.deepEqual(problemsWith({ quantum_annealing_of_rewards: true, __proto__: null, constructor: 1 }), []);
  });

  it('are refused where another key of the config says the same', () => {
    const refused = {
      seed: 1,
      max_steps: 5,
      run_name: 'a',
      output_dir: 'out',
      logging_steps: 5,
      logging_strategy: 'no',
      logging_first_step: true,
    };
    const problems = problemsWith(refused);
    assert.deepEqual(
      problems.map((problem) => problem.slice('trl.'.length, problem.indexOf(':'))),
      Object.keys(refused),
    );
    assert.equal(problems[1], 'trl.max_steps: how long a run trains stands in "steps". Remove it, and write for example "steps": 200.');
  });

  it('have the types that TRL says', () => {
    assert.deepEqual(problemsWith({ learning_rate: 'fast', num_generations: 2.5, bf16: 'yes', reward_weights: 1 }), [
      'trl.learning_rate: expected a number, found "fast". Write for example 0.000001.',
      'trl.num_generations: expected an integer or null, found 2.5. Write for example 8.',
      'trl.bf16: expected true or false or null, found "yes". Remove it for the default.',
      'trl.reward_weights: expected a list of 0 or more values or null, found 1. Remove it for the default.',
    ]);
    assert.deepEqual(
      problemsWith({ bf16: null, scale_rewards: false, report_to: ['wandb'], warmup_steps: 0.1, model_init_kwargs: {} }),
      [],
    );
  });

  it('are asked about where a word is near to one that TRL knows', () => {
    assert.deepEqual(problemsWith({ lr_scheduler_type: 'cosin' }), [
      'trl.lr_scheduler_type: TRL does not know "cosin" here. Did you mean "cosine"?',
    ]);
    assert.deepEqual(problemsWith({ lr_scheduler_type: 'from_a_newer_version' }), []);
  });

  it('are not so many that to compare them takes long', () => {
    const many = Object.fromEntries(Array.from({ length: 10_000 }, (_, index) => [`per_device_${index}_batch_size`, 1]));
    assert.deepEqual(problemsWith(many), ['trl: 10000 keys are more than TRL can have. Keep those that you need.']);
  });

  it('make batches of whole groups', () => {
    assert.deepEqual(problemsWith({ per_device_train_batch_size: 4, num_generations: 8, gradient_accumulation_steps: 2 }), []);
    assert.deepEqual(problemsWith({ per_device_train_batch_size: 4 }), [
      'trl.per_device_train_batch_size: per_device_train_batch_size × gradient_accumulation_steps is 4 responses, which cannot be divided into groups of 8 (num_generations). Write for example "gradient_accumulation_steps": 2.',
    ]);
    assert.deepEqual(problemsWith({ per_device_train_batch_size: 4 }, { gpus: 'all', gpusPerRun: 2 }), []);
    assert.deepEqual(problemsWith({ generation_batch_size: 20, per_device_train_batch_size: 4 }), [
      'trl.generation_batch_size: 20 responses cannot be divided into groups of 8 (num_generations) and batches of 4 (per_device_train_batch_size). Write a multiple of 8, for example 24.',
    ]);
    assert.match(problemsWith({ num_generations: 1 })[0] ?? '', /a group of 1 response has nothing to compare\. Write 2 or more/);
    assert.match(problemsWith({ generation_batch_size: 8, steps_per_generation: 1 })[0] ?? '', /in two ways\. Remove one/);
    assert.match(problemsWith({ auto_find_batch_size: true })[0] ?? '', /lower per_device_train_batch_size/);
  });
});
