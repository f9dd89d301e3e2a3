import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { estimatorSettings, settingsOfRun } from '../../../src/core/inline/estimatorSettings.ts';
import type { EstimatorSetting } from '../../../src/core/inline/estimatorSettings.ts';
import { scriptSyntax } from '../../../src/core/inline/scriptText.ts';
import type { ScriptSyntax } from '../../../src/core/inline/scriptText.ts';

/** "verl algorithm.adv_estimator 3: grpo (value)" for each, with the line from 1. */
function found(text: string, syntax: ScriptSyntax): readonly string[] {
  return estimatorSettings(text, syntax).map((setting) => describeSetting(text, setting));
}

function describeSetting(text: string, { framework, key, estimators, span, value, variable }: EstimatorSetting): string {
  const line = text.slice(0, span.offset).split('\n').length;
  const written = value ? ` = ${text.slice(value.offset, value.offset + value.length)}` : '';
  const from = variable === undefined ? '' : ` from ${variable}`;
  return `${framework} ${key} in line ${line}: ${estimators.join(' or ') || 'open'}${written}${from}`;
}

describe('estimators in scripts of verl', () => {
  it('are overrides of algorithm.adv_estimator, in quotes or without', () => {
    const script = 'set -x\n\npython3 -m verl.trainer.main_ppo \\\n    algorithm.adv_estimator=grpo \\\n    data.train_batch_size=8 $@\n';
    assert.deepEqual(found(script, 'shell'), ['verl algorithm.adv_estimator in line 4: grpo = grpo']);
    assert.deepEqual(found("python3 -m verl.trainer.main_ppo 'algorithm.adv_estimator=rloo'", 'shell'), [
      'verl algorithm.adv_estimator in line 1: rloo = rloo',
    ]);
    assert.deepEqual(found('main_ppo ++algorithm.adv_estimator="opo"', 'shell'), ['verl algorithm.adv_estimator in line 1: opo = opo']);
  });

  it('are where their variable is assigned, if that is in the script', () => {
    const script = 'adv_estimator=grpo   # or gae\n\nmain_ppo \\\n  algorithm.adv_estimator=${adv_estimator} \\\n  x=1\n';
    assert.deepEqual(found(script, 'shell'), ['verl algorithm.adv_estimator in line 1: grpo = grpo']);
    const branches = 'if [ $1 = a ]; then\n  export ADV="grpo"\nelse\n  ADV=gae; fi\nmain_ppo algorithm.adv_estimator=$ADV\n';
    assert.deepEqual(found(branches, 'shell'), [
      'verl algorithm.adv_estimator in line 2: grpo = grpo',
      'verl algorithm.adv_estimator in line 4: gae = gae',
    ]);
  });

  it('are on the line that passes them on, where the script takes them from outside', () => {
    assert.deepEqual(found('main_ppo \\\n  algorithm.adv_estimator="${ADV:-grpo}" \\\n', 'shell'), [
      'verl algorithm.adv_estimator in line 2: open from ADV',
    ]);
    assert.deepEqual(found('ADV=${ADV_ESTIMATOR:-grpo}\nmain_ppo algorithm.adv_estimator=$ADV', 'shell'), [
      'verl algorithm.adv_estimator in line 2: open from ADV_ESTIMATOR',
    ]);
    assert.deepEqual(found('main_ppo algorithm.adv_estimator=$1', 'shell'), ['verl algorithm.adv_estimator in line 1: open']);
  });

  it('are not what stands in comments', () => {
    assert.deepEqual(found('# algorithm.adv_estimator=grpo\necho a#b # algorithm.adv_estimator=gae\n', 'shell'), []);
    assert.deepEqual(found('"""Run with algorithm.adv_estimator=grpo"""\nx = 1  # --loss_type grpo\n', 'python'), []);
    assert.deepEqual(found('algorithm:\n  # adv_estimator: grpo\n  adv_estimator: gae # grpo\n', 'yaml'), [
      'verl algorithm.adv_estimator in line 3: gae = gae',
    ]);
  });

  it('are the key under algorithm in YAML, and in no other section', () => {
    const yaml = 'data:\n  adv_estimator: opo\nalgorithm:\n  gamma: 1.0\n\n  adv_estimator: "grpo"\ntrainer:\n  adv_estimator: gae\n';
    assert.deepEqual(found(yaml, 'yaml'), ['verl algorithm.adv_estimator in line 6: grpo = grpo']);
    assert.deepEqual(found('algorithm:\n  adv_estimator: ${oc.env:ADV,grpo}\n', 'yaml'), [
      'verl algorithm.adv_estimator in line 2: open from ADV',
    ]);
  });

  it('are found in arguments and attributes of a Python program', () => {
    const script = 'args = ["algorithm.adv_estimator=grpo", f"algorithm.adv_estimator={name}"]\nconfig.algorithm.adv_estimator = "rloo"\n';
    assert.deepEqual(found(script, 'python'), [
      'verl algorithm.adv_estimator in line 1: grpo = grpo',
      'verl algorithm.adv_estimator in line 1: open from name',
      'verl algorithm.adv_estimator in line 2: rloo = rloo',
    ]);
  });
});

describe('estimators in scripts of TRL', () => {
  it('are the loss type of GRPOConfig, in Python, as a flag, and in YAML', () => {
    assert.deepEqual(found('args = GRPOConfig(\n    output_dir="out (1)",\n    loss_type="dr_grpo",\n)\n', 'python'), [
      'trl loss_type in line 3: dr_grpo = dr_grpo',
    ]);
    assert.deepEqual(found('accelerate launch grpo.py \\\n  --loss_type dr_grpo \\\n  --seed 1', 'shell'), [
      'trl loss_type in line 2: dr_grpo = dr_grpo',
    ]);
    assert.deepEqual(found('cmd = ["train.py", "--loss_type", "bnpo"]', 'python'), ['trl loss_type in line 1: bnpo or grpo = bnpo']);
    assert.deepEqual(found('learning_rate: 1e-6\nloss_type: dapo\n', 'yaml'), ['trl loss_type in line 2: dapo or grpo = dapo']);
  });

  it('are the config itself where it says nothing of the loss', () => {
    assert.deepEqual(found('a = GRPOConfig(output_dir="x")\nb = trl.RLOOConfig(output_dir="y")\n', 'python'), [
      'trl GRPOConfig in line 1: grpo or dapo',
      'trl RLOOConfig in line 2: rloo',
    ]);
  });

  it('are the config that is made of what the script is given', () => {
    assert.deepEqual(found('parser = TrlParser((ScriptArguments, GRPOConfig, ModelConfig))', 'python'), ['trl GRPOConfig in line 1: open']);
    assert.deepEqual(found('parser = HfArgumentParser(RLOOConfig)', 'python'), ['trl RLOOConfig in line 1: rloo']);
  });

  it('know that GRPO without scaled rewards is Dr. GRPO', () => {
    assert.deepEqual(found('GRPOConfig(\n  scale_rewards=False)', 'python'), ['trl scale_rewards in line 2: dr_grpo = False']);
    assert.deepEqual(found('GRPOConfig(scale_rewards="none", loss_type="bnpo")', 'python'), [
      'trl loss_type in line 1: bnpo or dr_grpo = bnpo',
    ]);
    assert.deepEqual(found('train.py --scale_rewards group', 'shell'), ['trl scale_rewards in line 1: grpo = group']);
  });

  it('are where a constant of the file says it, else where the variable is passed on', () => {
    assert.deepEqual(found('LOSS: str = "bnpo"\nGRPOConfig(loss_type=LOSS)', 'python'), ['trl loss_type in line 1: bnpo or grpo = bnpo']);
    assert.deepEqual(found('def main(args):\n    return GRPOConfig(loss_type=args.loss_type)', 'python'), [
      'trl loss_type in line 2: open',
    ]);
  });

  it('are not the losses of other trainers', () => {
    assert.deepEqual(found('dpo.py --loss_type sigmoid', 'shell'), []);
  });
});

describe('estimators in scripts of other frameworks', () => {
  it('are flags of OpenRLHF and slime, and overrides of SkyRL', () => {
    assert.deepEqual(found('train --algo.advantage.estimator group_norm', 'shell'), [
      'openrlhf algo.advantage.estimator in line 1: group_norm = group_norm',
    ]);
    assert.deepEqual(found('train --advantage_estimator=rloo', 'shell'), ['openrlhf advantage_estimator in line 1: rloo = rloo']);
    assert.deepEqual(found('ARGS=(\n   --advantage-estimator grpo\n)', 'shell'), ['slime advantage-estimator in line 2: grpo = grpo']);
    assert.deepEqual(found('trainer.algorithm.advantage_estimator="$ADV_EST" \\\n', 'shell'), [
      'skyrl trainer.algorithm.advantage_estimator in line 1: open from ADV_EST',
    ]);
  });
});

describe('the settings of a run', () => {
  const two = estimatorSettings('a algorithm.adv_estimator=grpo\nb algorithm.adv_estimator=rloo\n', 'shell');
  const open = estimatorSettings('a algorithm.adv_estimator=$1\n', 'shell');
  const one = two.slice(0, 1);

  it('are those that name its estimator', () => {
    assert.deepEqual(settingsOfRun(two, 'rloo', true), two.slice(1));
  });

  it('are those that are called so before those that may be', () => {
    const losses = estimatorSettings('a --loss_type dapo\nb --loss_type grpo\n', 'shell');
    assert.deepEqual(settingsOfRun(losses, 'grpo', false), losses.slice(1));
    assert.deepEqual(settingsOfRun(losses.slice(0, 1), 'grpo', false), losses.slice(0, 1));
  });

  it('are those that take what the script is given, whatever it is', () => {
    assert.deepEqual(settingsOfRun(open, 'opo', true), open);
  });

  it('are not those of another estimator, where the command says which one it takes', () => {
    assert.deepEqual(settingsOfRun(one, 'opo', true), []);
  });

  it('are the only ones that there are, where the command says nothing', () => {
    assert.deepEqual(settingsOfRun(one, 'mine', false), one);
    assert.deepEqual(settingsOfRun(two, 'mine', false), []);
    assert.deepEqual(settingsOfRun(one, 'gae', false), []);
  });
});

describe('any text', () => {
  it('is read within bounds', () => {
    const hostile = [
      'GRPOConfig('.repeat(20_000),
      '"'.repeat(100_001),
      `a: ${' '.repeat(250_000)}b`,
      'algorithm.adv_estimator=$a\n'.repeat(9000),
      "'".repeat(99_999),
    ];
    for (const text of hostile)
      for (const syntax of ['shell', 'python', 'yaml'] as const) assert.ok(estimatorSettings(text, syntax).length <= 200);
  });

  it('is known by the ending of its file', () => {
    assert.deepEqual(['run.sh', 'a/b.PY', 'c.yml', 'd.yaml', 'e.slurm', 'f.json', 'sh'].map(scriptSyntax), [
      'shell',
      'python',
      'yaml',
      'yaml',
      'shell',
      undefined,
      undefined,
    ]);
  });
});
