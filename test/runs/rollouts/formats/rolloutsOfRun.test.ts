import assert from 'node:assert/strict';
import path from 'node:path';
import { describe, it } from 'node:test';
import { rolloutsOfRun } from '../../../../src/runs/rollouts/formats/rolloutsOfRun.ts';
import { folderOf, jsonl } from './readStep.ts';

const producers = path.resolve('test/data/producers');

describe('the rollouts of a run of another program', () => {
  it("are where verl's config says, from any of the folders that it may mean", async () => {
    const run = {
      source: '/nowhere/log.jsonl',
      parameters: { 'trainer.rollout_data_dir': 'verl-rollouts' },
      roots: ['/nowhere', producers],
    };
    assert.deepEqual(await rolloutsOfRun(run), { format: 'verl', path: path.join(producers, 'verl-rollouts') });
  });

  it("are in the folder of TRL's output", async () => {
    const source = path.join(producers, 'trl-completions', 'trainer_state.json');
    const place = { format: 'trl', path: path.join(producers, 'trl-completions', 'completions') };
    assert.deepEqual(await rolloutsOfRun({ source, parameters: null, roots: [] }), place);
  });

  it('that are none say what to set', async () => {
    const said = (parameters: unknown): Promise<unknown> =>
      rolloutsOfRun({ source: '/nowhere/run/log.jsonl', parameters, roots: ['/nowhere'] });
    assert.match(String(await said({ 'trainer.rollout_data_dir': 'dumps' })), /names dumps for its rollouts .* Copy it here/);
    assert.match(
      String(await said({ 'trainer.rollout_data_dir': null, 'actor_rollout_ref.model.path': 'x' })),
      /^verl has written no rollouts of this run: set/,
    );
    assert.match(String(await said({ log_completions: false })), /^TRL has written no completions of this run: set log_completions=True/);
    assert.match(String(await said(null)), /^No rollouts of this run were found beside log\.jsonl\. verl writes them with/);
  });

  it('that nobody knows have to be opened by hand', async () => {
    const folder = folderOf({ '1.jsonl': jsonl({ q: 'x', a: 'y' }) });
    const run = { source: folder, parameters: { 'trainer.rollout_data_dir': folder }, roots: [] };
    assert.match(String(await rolloutsOfRun(run)), /is neither of verl nor of TRL\. Open it with OTB: Open rollouts/);
  });
});
