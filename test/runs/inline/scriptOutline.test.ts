import assert from 'node:assert/strict';
import path from 'node:path';
import { describe, it } from 'node:test';
import type { OwnRun } from '../../../src/runs/catalog/runOverview.ts';
import { collapseProblems } from '../../../src/runs/inline/collapseProblems.ts';
import { ConfigRuns } from '../../../src/runs/inline/configRuns.ts';
import { ScriptOutline, scriptsOf } from '../../../src/runs/inline/scriptOutline.ts';
import { examplePlans } from '../exampleRun.ts';
import { collapsedOverview, overview } from './overview.ts';

const cwd = path.resolve('/work space');

/** Changes that make a run one of a program that a config started. */
function ofProgram(command: readonly string[], keys: Record<string, unknown> = {}) {
  const [plan] = examplePlans(cwd, { trainer: 'command', command, ...keys });
  assert.ok(plan);
  const { config } = plan;
  return { config, cwd, command: command.map((argument) => argument.replaceAll('${estimator}', 'x')) };
}

const passing = ofProgram(['bash', 'run.sh', 'algorithm.adv_estimator=${estimator}']);
const fixed = ofProgram(['bash', 'run.sh']);

function underlined(text: string, ...runs: readonly OwnRun[]): readonly string[] {
  const outline = new ScriptOutline(text, 'shell');
  return collapseProblems(outline, new ConfigRuns(runs)).map(
    ({ estimator, span }) => `${estimator}: ${text.slice(span.offset, span.offset + span.length)}`,
  );
}

describe('problems of a script', () => {
  it('are where it names the estimator that collapsed, and not where it names another', () => {
    const text = 'if a; then main_ppo algorithm.adv_estimator=grpo; else main_ppo algorithm.adv_estimator=rloo; fi';
    const runs = [collapsedOverview('grpo', 1, 181, {}, passing), overview('rloo', 1, {}, passing)];
    assert.deepEqual(underlined(text, ...runs), ['grpo: algorithm.adv_estimator=grpo']);
  });

  it('are on the line that passes the estimator on, for each that collapsed', () => {
    const runs = [collapsedOverview('grpo', 1, 181, {}, passing), collapsedOverview('opo', 1, 181, {}, passing)];
    assert.deepEqual(underlined('main_ppo algorithm.adv_estimator=${ADV:-grpo}', ...runs), [
      'grpo: algorithm.adv_estimator=${ADV:-grpo}',
      'opo: algorithm.adv_estimator=${ADV:-grpo}',
    ]);
  });

  it('are where the only estimator stands, where the command says nothing of it and the run has a name of its own', () => {
    const text = 'main_ppo algorithm.adv_estimator=grpo';
    assert.deepEqual(underlined(text, collapsedOverview('mine', 1, 181, {}, fixed)), ['mine: algorithm.adv_estimator=grpo']);
    assert.deepEqual(underlined(text, collapsedOverview('mine', 1, 181, {}, passing)), []);
  });

  it('go when the script has come to name another estimator', () => {
    const text = 'main_ppo algorithm.adv_estimator=optimal_token_baseline';
    assert.deepEqual(underlined(text, collapsedOverview('grpo', 1, 181, {}, fixed)), []);
  });
});

describe('the scripts of a run', () => {
  it('are those of its command, from the folder in which it works', () => {
    assert.deepEqual(scriptsOf(overview('grpo', 1, {}, ofProgram(['bash', 'run.sh'], { cwd: 'verl' }))), [path.join(cwd, 'verl/run.sh')]);
    const ray = ofProgram(['bash', 'run.sh'], { trainer: 'ray', runtimeEnv: { working_dir: 'jobs' } });
    assert.deepEqual(scriptsOf(overview('grpo', 1, {}, ray)), [path.join(cwd, 'jobs/run.sh')]);
  });

  it('are none of the built-in trainer', () => {
    assert.deepEqual(scriptsOf(overview('grpo', 1, {}, { command: ['bash', 'run.sh'] })), []);
  });
});
