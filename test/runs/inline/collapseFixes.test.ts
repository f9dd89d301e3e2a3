import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { edited } from '../../../src/core/inline/textEdit.ts';
import { collapseFixes } from '../../../src/runs/inline/collapseFixes.ts';
import { ConfigOutline } from '../../../src/runs/inline/configOutline.ts';
import { ScriptOutline } from '../../../src/runs/inline/scriptOutline.ts';
import { collapsedOverview, overview } from './overview.ts';

function titles(text: string, run = collapsedOverview('dr_grpo', 1, 181)): readonly string[] {
  const outline = new ConfigOutline(text);
  const named = outline.estimators.find(({ name }) => name === run.identity.estimator);
  return collapseFixes(outline, { ...(named && { named }), runs: [run] }).map(({ title }) => title);
}

describe('fixes of a collapse', () => {
  it('start with the token baseline, then clipping at twice the usual norm, and stopping', () => {
    assert.deepEqual(titles('{ "name": "a", "estimators": ["dr_grpo"] }'), [
      'Use tir_optimal_token_baseline instead',
      'Clip the gradient norm at 0.62 (optimizer.maxGradNorm)',
      'Stop runs at collapse (onCollapse: "stop")',
    ]);
  });

  it("are the token baseline and TRL's own key in a config of trl", () => {
    const config = (more: string) =>
      `{ "name": "a", "trainer": "trl", "estimators": ["dr_grpo"], "model": "gpt2", "dataset": "imdb", "reward": "a.py:b"${more} }`;
    assert.deepEqual(titles(config('')).slice(0, 2), [
      'Use tir_optimal_token_baseline instead',
      'Clip the gradient norm at 0.62 (trl.max_grad_norm)',
    ]);
    // Where nobody says, TRL clips at 1.
    assert.ok(titles(config(', "trl": { "max_grad_norm": 0 }')).some((title) => title.startsWith('Clip')));
    assert.ok(!titles(config(', "trl": { "max_grad_norm": 0.5 }')).some((title) => title.startsWith('Clip')));
  });

  it('do not clip where the collapse came without a surge', () => {
    const run = collapsedOverview('dr_grpo', 1, 181);
    // Of an event that does not say, nobody knows of a surge.
    for (const surge of [{ surge: 0 }, {}]) {
      const events = run.collapseEvents.map((event) => ({ ...event, data: { usualGradNorm: 0.31, ...surge } }));
      // A surge that came later is not what the run collapsed from.
      const later = events.map((event) => ({ ...event, type: 'unstable', step: 220, data: { usualGradNorm: 0.31, surge: 1 } }) as const);
      const offered = titles('{ "name": "a", "estimators": ["dr_grpo"] }', { ...run, collapseEvents: [...events, ...later] });
      assert.ok(offered.length > 0 && offered.every((title) => !title.startsWith('Clip')), offered.join('; '));
    }
  });

  it('are none for a silent run', () => {
    const text = '{ "name": "a", "estimators": ["dr_grpo"] }';
    const silence = {
      type: 'silent',
      step: 150,
      onsetStep: 121,
      time: 0,
      message: '',
      advice: '',
      data: { usualGradNorm: 0.31, surge: 1 },
    } as const;
    const run = overview('dr_grpo', 1, { collapse: 'silent', collapseEvents: [silence] });
    assert.ok(titles(text, run).every((title) => !title.startsWith('Clip')));
  });

  it('take the estimator out where the token baseline is there already', () => {
    assert.equal(titles('{ "name": "a", "estimators": ["dr_grpo", "tir_optimal_token_baseline"] }')[0], 'Remove dr_grpo');
  });

  it('leave out what the config does already', () => {
    const text = '{ "name": "a", "estimators": ["tir_optimal_token_baseline"], "optimizer": { "maxGradNorm": 0.5 }, "onCollapse": "stop" }';
    assert.deepEqual(titles(text, collapsedOverview('tir_optimal_token_baseline', 1, 181)), []);
  });

  it('do not edit text that is being typed, or one that is no config', () => {
    assert.deepEqual(titles('{ "name": "a", "estimators": ["dr_grpo"], '), []);
    assert.deepEqual(titles('{ "name": 1, "estimators": ["dr_grpo"] }'), []);
  });

  it('stop what still goes on', () => {
    assert.equal(titles('{', collapsedOverview('dr_grpo', 1, 181, { process: 'running' }))[0], 'Stop the run');
  });
});

function changed(text: string, title: string, estimator = 'grpo'): string | undefined {
  const outline = new ConfigOutline(text);
  const named = outline.estimators.find(({ name }) => name === estimator);
  const fixes = collapseFixes(outline, { ...(named && { named }), runs: [collapsedOverview(estimator, 1, 181)] });
  const fix = fixes.find((found) => found.title.startsWith(title));
  return fix?.kind === 'edit' ? edited(text, fix.edits) : undefined;
}

describe('fixes in the config of a program', () => {
  const verl =
    '{ "name": "a", "trainer": "command", "command": ["bash", "run.sh", "algorithm.adv_estimator=${estimator}"], "estimators": ["grpo"] }';

  it('are the arguments that its framework has, in the list of the command', () => {
    assert.equal(
      changed(verl, 'Use optimal_token_baseline instead'),
      verl.replace('"]', '", "actor_rollout_ref.actor.calculate_sum_pi_squared=True"]').replace('"grpo"', '"optimal_token_baseline"'),
    );
    assert.equal(
      changed(verl, 'Clip the gradient norm at 0.62'),
      verl.replace('"]', '", "actor_rollout_ref.actor.optim.clip_grad=0.62", "actor_rollout_ref.actor.grad_clip=0.62"]'),
    );
  });

  it('are none of another framework, and none of one that nobody knows', () => {
    const own = '{ "name": "a", "trainer": "command", "command": ["./train"], "estimators": ["grpo"], "onCollapse": "stop" }';
    assert.deepEqual(titles(own, collapsedOverview('grpo', 1, 181)), []);
    assert.deepEqual(titles(own.replace('./train', 'trl", "grpo", "--loss_type", "${estimator}'), collapsedOverview('grpo', 1, 181)), [
      'Use dr_grpo instead',
      'Clip the gradient norm at 0.62 (max_grad_norm)',
    ]);
  });
});

describe('fixes in a script', () => {
  it('are those of its framework, at the setting, and stopping what still goes on', () => {
    const outline = new ScriptOutline('main_ppo algorithm.adv_estimator=grpo\n', 'shell');
    const [setting] = outline.settings;
    assert.ok(setting);
    const runs = [collapsedOverview('grpo', 1, 181, { process: 'running' })];
    assert.deepEqual(
      collapseFixes(outline, { setting, runs }).map(({ title }) => title),
      [
        'Use optimal_token_baseline instead',
        'Clip the gradient norm at 0.62 (actor_rollout_ref.actor.optim.clip_grad, actor_rollout_ref.actor.grad_clip)',
        'Stop the run',
      ],
    );
  });
});
