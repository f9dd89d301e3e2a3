import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ConfigError } from '../../../src/runs/config/configError.ts';
import type { ConfigProblem } from '../../../src/runs/config/configError.ts';
import { loadConfig, parseConfig } from '../../../src/runs/config/loadConfig.ts';

const builtinExample = `{
  "name": "ledger-figure1",
  "trainer": "builtin",                       // "builtin" | "command" | "ray"
  "estimators": ["reinforce", "dr_grpo", "opo", "optimal_trajectory_baseline", "tir_optimal_token_baseline"],   // one run each
  "seeds": [1, 2, 3],
  "steps": 600,
  "task":      { "name": "ledger", "maxTurns": 100, "toolFailureRate": 0.1, "toolOutageRate": 0.1 },
  "policy":    { "kind": "gru", "width": 32 },
  "rollout":   { "promptsPerStep": 4, "groupSize": 8, "maxResponseTokens": 800, "temperature": 1.0 },
  "optimizer": { "learningRate": 8e-3, "warmupSteps": 20, "maxGradNorm": null },
  "loss":      { "aggregation": "seq-mean-token-sum" },
  "onCollapse": "warn"                        // "warn" | "stop" | "branch"
}`;

const commandExample = `{
  "name": "qwen3-8b-gsm8k",
  "trainer": "command",
  "command": ["bash", "run_qwen3_8b_fsdp.sh", "algorithm.adv_estimator=\${estimator}", "trainer.seed=\${seed}"],
  "estimators": ["grpo", "optimal_token_baseline"],
  "metrics": { "from": "stdout", "format": "auto", "gradNorm": "actor/grad_norm", "score": "critic/score/mean" }
}`;

function problemsOf(text: string): readonly ConfigProblem[] {
  try {
    parseConfig(text, 'figure1.otb.json');
  } catch (error) {
    assert.ok(error instanceof ConfigError, String(error));
    return error.problems;
  }
  return [];
}

/** The only problem of a config with these keys beside its name. */
function problem(keys: Record<string, unknown>): ConfigProblem {
  const problems = problemsOf(JSON.stringify({ name: 'a', ...keys }));
  const [first] = problems;
  assert.ok(first && problems.length === 1, JSON.stringify(problems));
  return first;
}

describe('a config that is fine', () => {
  it('may name nothing but itself: everything else has a default', () => {
    const { config } = parseConfig('{"name": "a"}', 'a.otb.json');
    assert.deepEqual(config, {
      name: 'a',
      trainer: 'builtin',
      estimators: ['reinforce', 'dr_grpo', 'opo', 'optimal_trajectory_baseline', 'tir_optimal_token_baseline'],
      seeds: [1],
      steps: 600,
      task: { name: 'ledger', operations: [2, 8], maxTurns: 100, toolFailureRate: 0.1, toolOutageRate: 0.1 },
      policy: { kind: 'gru', width: 32, truncateBackpropEvery: null },
      warmStart: { steps: 2500, batchSize: 32, learningRate: 5e-3, wanderRate: 0.01, quitRate: 0.01, copyNoise: 0.03, wordRate: 0.4 },
      rollout: { promptsPerStep: 4, groupSize: 8, maxResponseTokens: 800, temperature: 1 },
      optimizer: { learningRate: 8e-3, warmupSteps: 20, maxGradNorm: null, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 },
      loss: { aggregation: 'seq-mean-token-sum', handleZeroTail: true },
      checkpoint: { every: 100 },
      trajectories: { every: 100 },
      earlyStop: { scoreBelow: 0.02, steps: 80 },
      onCollapse: 'warn',
      collapseSensitivity: null,
      command: null,
      metrics: null,
      model: null,
      dataset: null,
      reward: null,
      tools: [],
      trl: {},
      cwd: null,
      env: {},
      envFile: null,
      resume: null,
      branch: null,
      stop: { interruptSeconds: 15, terminateSeconds: 10 },
      output: { maxMegabytes: 64, files: 4 },
      gpus: null,
      gpusPerRun: 1,
      gpuMetrics: false,
      address: null,
      runtimeEnv: {},
      metadata: {},
      entrypointResources: { cpus: null, gpus: null, memory: null, resources: null },
      headers: {},
    });
  });

  it('has a transformer of width 64 with 2 layers and 2 heads where it only asks for a transformer', () => {
    const { config } = parseConfig('{"name": "a", "policy": {"kind": "transformer"}}', 'a.otb.json');
    assert.deepEqual(config.policy, { kind: 'transformer', width: 64, layers: 2, heads: 2 });
  });

  it('does not share its defaults with another config', () => {
    const first = parseConfig('{"name": "a"}', 'a.otb.json').config;
    (first.seeds as number[]).push(7);
    assert.deepEqual(parseConfig('{"name": "a"}', 'a.otb.json').config.seeds, [1]);
  });

  it('switches a section off with null', () => {
    const { config } = parseConfig('{"name": "a", "earlyStop": null, "checkpoint": {"every": null}}', 'a.otb.json');
    assert.equal(config.earlyStop, null);
    assert.equal(config.checkpoint.every, null);
  });

  it('may have comments, trailing commas, a byte order mark and a $schema', () => {
    const { config } = parseConfig('\uFEFF{\r\n  // why\r\n  "$schema": "x", /* so */ "name": "a",\r\n}', 'a.otb.json');
    assert.equal(config.name, 'a');
    assert.ok(!('$schema' in config));
  });

  it('is the built-in example of the manual', () => {
    const { config } = parseConfig(builtinExample, 'figure1.otb.json');
    assert.deepEqual(config.seeds, [1, 2, 3]);
    assert.equal(config.optimizer.learningRate, 0.008);
  });

  it('is the command example of the manual, with its names of metrics', () => {
    const { config } = parseConfig(commandExample, 'qwen.otb.json');
    assert.equal(config.command?.[1], 'run_qwen3_8b_fsdp.sh');
    assert.deepEqual(config.metrics, {
      from: 'stdout',
      path: null,
      format: 'auto',
      gradNorm: 'actor/grad_norm',
      score: 'critic/score/mean',
    });
  });

  it('lets a command or Ray run name estimators of its own, and reads its output unless told otherwise', () => {
    for (const trainer of ['command', 'ray']) {
      const { config } = parseConfig(JSON.stringify({ name: 'a', trainer, command: ['x'], estimators: ['my_own'] }), 'a.otb.json');
      assert.deepEqual(config.estimators, ['my_own']);
      assert.equal(config.metrics?.from, 'stdout');
    }
  });

  it('may name a level of sensitivity, of the built-in trainer and of a program alike', () => {
    const levelOf = (keys: Record<string, unknown>) =>
      parseConfig(JSON.stringify({ name: 'a', ...keys }), 'a.otb.json').config.collapseSensitivity;
    assert.equal(levelOf({ collapseSensitivity: 'high' }), 'high');
    assert.equal(levelOf({ collapseSensitivity: 'low', trainer: 'command', command: ['./train'], estimators: ['mine'] }), 'low');
    const { key, line, message, remedy } = problem({ collapseSensitivity: 'hihg' });
    assert.deepEqual([key, line], ['collapseSensitivity', 1]);
    assert.equal(`${message}. ${remedy}`, 'expected "low", "normal", "high" or null, found "hihg". Write for example "high".');
  });

  it('accepts onCollapse "branch"', () => {
    assert.equal(parseConfig('{"name": "a", "onCollapse": "branch"}', 'a.otb.json').config.onCollapse, 'branch');
  });
});

describe('the place of a value', () => {
  const loaded = parseConfig(builtinExample, 'figure1.otb.json');

  it('is the line of its key or list element', () => {
    assert.equal(loaded.lines['optimizer.learningRate'], 10);
    assert.equal(loaded.lines['estimators[4]'], 4);
    assert.equal(loaded.lines['warmStart.steps'], undefined);
  });

  it('has a column', () => {
    assert.deepEqual(loaded.locate('optimizer.learningRate'), { line: 10, column: 18 });
    assert.deepEqual(loaded.locate('seeds[2]'), { line: 5, column: 19 });
  });

  it('is that of the nearest section where the key is not in the file', () => {
    assert.deepEqual(loaded.locate('optimizer.beta1'), { line: 10, column: 3 });
    assert.deepEqual(loaded.locate('warmStart.steps'), { line: 1, column: 1 });
  });

  it('does not depend on the kind of line ends', () => {
    const windows = parseConfig(builtinExample.replaceAll('\n', '\r\n'), 'figure1.otb.json');
    assert.deepEqual(windows.lines, loaded.lines);
    assert.deepEqual(windows.locate('seeds[2]'), loaded.locate('seeds[2]'));
  });
});

describe('a config with mistakes', () => {
  it('is rejected with file, line, column, key, what was expected and an example', () => {
    const text = builtinExample.replace('8e-3', '"fast"').replace('// one run each\n', '\n');
    assert.throws(
      () => parseConfig(text, 'figure1.otb.json'),
      (error: Error) =>
        error.message === 'figure1.otb.json:10:18: optimizer.learningRate: expected a number > 0, found "fast". Write for example 0.008.',
    );
  });

  it('is told about all of them at once, in the order of the file', () => {
    const problems = problemsOf('{\n "name": "a",\n "steps": 0,\n "stepz": 1,\n "rollout": {"groupSize": -1}\n}');
    assert.deepEqual(
      problems.map(({ line, key }) => [line, key]),
      [
        [3, 'steps'],
        [4, 'stepz'],
        [5, 'rollout.groupSize'],
      ],
    );
  });

  it('hears which known key an unknown key was meant to be', () => {
    assert.match(problem({ optimizer: { learning_rate: 1 } }).remedy, /"learningRate"/);
    assert.match(problem({ policy: { kind: 'gru', widht: 32 } }).remedy, /"width"/);
    assert.match(problem({ optimizer: { momentum: 1 } }).remedy, /Known here: learningRate, warmupSteps/);
  });

  it('hears which estimator an unknown one was meant to be', () => {
    const { key, message, remedy } = problem({ estimators: ['opo', 'dr_gpro'] });
    assert.equal(key, 'estimators[1]');
    assert.equal(message, 'unknown estimator "dr_gpro"');
    assert.match(remedy, /^Did you mean "dr_grpo"\? Known: reinforce, /);
  });

  it('must not compare a response with itself: a group of 1 goes only with estimators without a group', () => {
    const rollout = { groupSize: 1 };
    const { key, message } = problem({ rollout, estimators: ['reinforce', 'grpo', 'opo'] });
    assert.equal(key, 'rollout.groupSize');
    assert.match(message, /^grpo, opo compare/);
    assert.deepEqual(problemsOf(JSON.stringify({ name: 'a', rollout, estimators: ['reinforce', 'reinforce_plus_plus'] })), []);
  });

  it('must leave room for one turn of the task', () => {
    assert.match(problem({ rollout: { maxResponseTokens: 8 } }).message, /takes 9 tokens/);
    assert.deepEqual(problemsOf('{"name": "a", "rollout": {"maxResponseTokens": 9}}'), []);
  });

  it('must have a width that the lanes of the engine divide', () => {
    assert.match(problem({ policy: { kind: 'gru', width: 30 } }).message, /a multiple of 4 ≥ 4, found 30/);
    const { message, remedy } = problem({ policy: { kind: 'transformer', width: 60, heads: 4 } });
    assert.equal(message, 'expected a multiple of 4 × heads = 16, found 60');
    assert.equal(remedy, 'Write for example 64.');
  });

  it('must not name a seed or an estimator twice', () => {
    assert.deepEqual(
      [problem({ seeds: [1, 2, 1] })].map(({ key, message }) => [key, message]),
      [['seeds[2]', '1 is there twice']],
    );
    assert.equal(problem({ estimators: ['opo', 'opo'] }).key, 'estimators[1]');
  });

  it('must not have a key twice', () => {
    const [first, ...others] = problemsOf('{"name": "a",\n "steps": 1,\n "steps": 2}');
    assert.deepEqual([first?.line, first?.key, others.length], [3, 'steps', 0]);
  });

  it('needs a command and its own estimators for a command run', () => {
    assert.equal(problem({ trainer: 'command', estimators: ['x'] }).key, 'command');
    assert.equal(problem({ trainer: 'ray', command: ['x'] }).key, 'estimators');
  });

  it('must not contradict itself', () => {
    assert.equal(problem({ command: ['python'] }).key, 'command');
    assert.equal(problem({ metrics: {} }).key, 'metrics');
    assert.equal(problem({ task: { operations: [5, 2] } }).key, 'task.operations');
    assert.equal(problem({ onCollapse: 'branch', checkpoint: { every: null } }).key, 'onCollapse');
    const program = { trainer: 'command', command: ['x'], estimators: ['y'] };
    assert.equal(problem({ ...program, optimizer: {} }).key, 'optimizer');
    assert.equal(problem({ ...program, metrics: { from: 'files' } }).key, 'metrics');
    assert.equal(problem({ ...program, metrics: { from: 'stdout', path: 'x' } }).key, 'metrics.path');
  });

  it('says what a choice is between', () => {
    const { message, remedy } = problem({ loss: { aggregation: 'token_mean' } });
    assert.equal(message, 'expected "seq-mean-token-sum", "token-mean" or "seq-mean-token-mean", found "token_mean"');
    assert.equal(remedy, 'Write for example "token-mean".');
  });

  it('is not JSON: the place where it stops making sense is named', () => {
    const [first] = problemsOf('{\n  "name": "a"\n  "steps": 5\n}');
    assert.deepEqual([first?.line, first?.column, first?.message], [3, 3, 'a comma is missing before this']);
    assert.match(problemsOf('')[0]?.message ?? '', /empty/);
    assert.match(problemsOf('[1]')[0]?.message ?? '', /expected an object/);
    assert.ok(problemsOf('{"name": "a", "steps": }').length > 0);
  });

  it('is not there at all', async () => {
    await assert.rejects(
      loadConfig('no-such.otb.json'),
      (error: Error) => error instanceof ConfigError && /no such file/.test(error.message),
    );
  });
});
