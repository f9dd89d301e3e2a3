import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Config } from '../../../src/core/config/config.ts';
import { trainingScript } from '../../../src/core/config/trainingScript.ts';
import { parseConfig } from '../../../src/runs/config/loadConfig.ts';
import { configKinds, configNameFor, newConfigText } from '../../../src/runs/launcher/frameworkPresets.ts';
import type { ConfigKind } from '../../../src/runs/launcher/frameworkPresets.ts';

const scripts = {
  verl: 'python3 -m verl.trainer.main_ppo \\\n  algorithm.adv_estimator=grpo \\\n  trainer.n_gpus_per_node=8 $@\n',
  verlVariable: 'python3 -m verl.trainer.main_ppo algorithm.adv_estimator=${ADV:-gae} data.seed=${SEED:-1}\n',
  verlFixed: 'python3 -m verl.trainer.main_ppo algorithm.adv_estimator=grpo\n',
  trl: 'parser = TrlParser((ScriptArguments, GRPOConfig))\ntrainer = GRPOTrainer(args=args)\n',
  trlFixed: 'args = RLOOConfig(seed=1)\nRLOOTrainer(args=args).train()\n',
  own: 'p.add_argument("-e", "--estimator")\np.add_argument("--seed", type=int)\np.add_argument("--output-dir")\n',
  plain: 'print("hello")\n',
};

function config(file: string, text: string, kind: ConfigKind = 'command', gpus = 0): Config {
  const script = trainingScript(file, text);
  assert.ok(script);
  return parseConfig(newConfigText({ kind, script, gpus }), 'new.otb.json').config;
}

describe('a new config', () => {
  it('is a valid one, whatever the script and the kind', () => {
    for (const kind of configKinds)
      for (const [name, text] of Object.entries(scripts))
        for (const gpus of [0, 4]) {
          const loaded = config(name.startsWith('verl') ? 'run.sh' : 'train.py', text, kind, gpus);
          assert.equal(loaded.trainer, kind === 'ray' ? 'ray' : 'command', name);
        }
  });

  it('overrides what a script of verl is given, and adds the token baseline', () => {
    const { command, estimators, resume } = config('examples/run qwen.sh', scripts.verl, 'verl');
    assert.deepEqual(command?.slice(0, 3), ['bash', 'examples/run qwen.sh', 'algorithm.adv_estimator=${estimator}']);
    assert.ok(command?.includes('data.seed=${seed}'));
    assert.ok(command?.includes('actor_rollout_ref.actor.calculate_sum_pi_squared=True'));
    const fused = config('run.sh', `x actor_rollout_ref.model.use_fused_kernels=True ${scripts.verl}`, 'verl');
    assert.ok(fused.command?.includes('actor_rollout_ref.model.use_fused_kernels=False'));
    assert.deepEqual([estimators, resume], [['grpo', 'optimal_token_baseline'], ['trainer.resume_mode=auto']]);
  });

  it('uses the variables that a script takes from its environment', () => {
    const { command, env, estimators } = config('run.sh', scripts.verlVariable, 'verl');
    assert.deepEqual([command, env, estimators], [['bash', 'run.sh'], { ADV: '${estimator}', SEED: '${seed}' }, ['default']]);
  });

  it('starts a script that takes nothing as it is, once, and says what to change', () => {
    const script = trainingScript('run.sh', scripts.verlFixed);
    assert.ok(script);
    const text = newConfigText({ kind: 'verl', script, gpus: 0 });
    assert.match(text, /run\.sh takes no arguments: end its last command with "\$@"/);
    assert.deepEqual(parseConfig(text, 'new.otb.json').config.command, ['bash', 'run.sh']);
  });

  it('gives a script of TRL the options that its parser takes', () => {
    const { command, estimators, resume } = config('grpo.py', scripts.trl, 'trl');
    assert.deepEqual(command?.slice(0, 6), ['${python}', 'grpo.py', '--loss_type', '${estimator}', '--seed', '${seed}']);
    assert.deepEqual([estimators, resume], [['grpo', 'dr_grpo'], null]);
    assert.deepEqual(config('rloo.py', scripts.trlFixed, 'trl').estimators, ['rloo']);
  });

  it('gives any other program those of its options that are known', () => {
    const { command } = config('train.py', scripts.own);
    assert.deepEqual(command, [
      '${python}',
      'train.py',
      '--estimator',
      '${estimator}',
      '--seed',
      '${seed}',
      '--output-dir',
      '${runDir}/output',
    ]);
  });

  it('takes as many GPUs as the script says, where there are some', () => {
    const run = config('run.sh', scripts.verl, 'verl', 8);
    assert.deepEqual([run.gpus, run.gpusPerRun], ['all', 8]);
    assert.deepEqual(config('run.sh', scripts.verl, 'verl', 2).gpusPerRun, 2);
    assert.equal(config('run.sh', scripts.verl, 'verl', 0).gpus, null);
  });

  it('runs on a Ray cluster with its Python, and with nothing of this machine', () => {
    const run = config('train.py', scripts.trl, 'ray', 8);
    assert.equal(run.command?.[0], 'python3');
    assert.ok(run.command?.every((argument) => !argument.includes('${runDir}')));
    assert.deepEqual([run.gpus, run.runtimeEnv], [null, { working_dir: '.' }]);
  });

  it('is called like its script, and takes paths as they are', () => {
    assert.equal(configNameFor('a/run qwen (3).sh'), 'run-qwen-3-');
    assert.equal(configNameFor('ünï.py'), '-n-');
    assert.deepEqual(config('odd ${name}.sh', 'echo', 'command').command, ['bash', 'odd $${name}.sh']);
  });
});
