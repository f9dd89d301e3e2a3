import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { parse } from '../../../src/core/records/json.ts';
import { isProgram } from '../../../src/core/config/programConfig.ts';
import { ConfigError } from '../../../src/runs/config/configError.ts';
import { parseConfig } from '../../../src/runs/config/loadConfig.ts';
import { claimGroup } from '../../../src/runs/launcher/queueFile.ts';
import { sizeLimits } from '../../../src/runs/directory/regularFile.ts';
import { readGit } from '../../../src/runs/planning/git.ts';
import { planRuns, withOwnGroup } from '../../../src/runs/planning/planRuns.ts';
import type { PlanOptions } from '../../../src/runs/planning/planRuns.ts';
import { temporaryFolder } from '../exampleRun.ts';

const text = '{\n"name": "Größe: a/b?",\n"estimators": ["opo",\n "grpo"],\n"seeds": [3,\n 1]\n}';
const loaded = parseConfig(text, 'a.otb.json');

function options(changes: Partial<PlanOptions> = {}): PlanOptions {
  return { now: new Date(2026, 0, 2, 3, 4, 5), cwd: '/nowhere', git: null, ...changes };
}

describe('planned runs', () => {
  it('are one for each estimator and seed, all seeds of an estimator together, and share a group', () => {
    const plans = planRuns(loaded, options());
    assert.deepEqual(
      plans.map(({ estimator, seed }) => [estimator, seed]),
      [
        ['opo', 3],
        ['opo', 1],
        ['grpo', 3],
        ['grpo', 1],
      ],
    );
    assert.equal(new Set(plans.map(({ group }) => group)).size, 1);
    assert.deepEqual(
      plans.map(({ config }) => [config.estimator, config.seed]),
      plans.map(({ estimator, seed }) => [estimator, seed]),
    );
  });

  it('are named by local time, a name that is safe for file systems, estimator and seed', () => {
    assert.equal(planRuns(loaded, options())[0]?.id, '20260102-030405-Größe-a-b-opo-s3');
  });

  it('carry the level at which they are judged: asked for, else of the config, else usual, else normal', () => {
    const level = (keys: Record<string, unknown>, changes: Partial<PlanOptions> = {}) => {
      const config = parseConfig(JSON.stringify({ name: 'a', estimators: ['opo'], ...keys }), 'a.otb.json');
      return planRuns(config, options(changes))[0]?.config.collapseSensitivity;
    };
    assert.equal(level({}), 'normal');
    assert.equal(level({}, { usualSensitivity: 'low' }), 'low');
    assert.equal(level({ collapseSensitivity: 'high' }, { usualSensitivity: 'low' }), 'high');
    assert.equal(level({ collapseSensitivity: 'high' }, { sensitivity: 'normal' }), 'normal');
    assert.equal(level({ trainer: 'command', command: ['./train'] }, { usualSensitivity: 'low' }), 'low');
  });

  it('never take the directory of another run', () => {
    const runsDir = temporaryFolder();
    mkdirSync(path.join(runsDir, '20260102-030405-Größe-a-b-grpo-s1'));
    const ids = planRuns(loaded, options({ runsDir })).map(({ id }) => id);
    assert.equal(ids[0], '20260102-030405-Größe-a-b-2-opo-s3');
    assert.equal(ids[3], '20260102-030405-Größe-a-b-2-grpo-s1');
  });

  it('are a group of their own, also where others plan the same at this very moment', () => {
    const runsDir = path.join(temporaryFolder(), 'runs');
    const claim = (group: string): boolean => claimGroup(runsDir, group);
    const plans = Array.from({ length: 4 }, () => planRuns(loaded, options({ runsDir })));
    const own = plans.map((plan) => withOwnGroup(plan, claim)[3]);
    assert.deepEqual(
      own.map((run) => [run?.group.replace(/^.*a-b/, ''), run?.id.replace(/^.*a-b/, '')]),
      [
        ['', '-grpo-s1'],
        ['-2', '-2-grpo-s1'],
        ['-3', '-3-grpo-s1'],
        ['-4', '-4-grpo-s1'],
      ],
    );
  });

  it('are planned also where no name can be reserved', () => {
    const file = path.join(temporaryFolder(), 'no-folder');
    writeFileSync(file, '');
    for (const runsDir of [path.join(file, 'runs'), file]) assert.ok(claimGroup(runsDir, 'a'));
  });

  it('are a group of their own, whatever else was started in the same second', () => {
    const runsDir = temporaryFolder();
    const taken = options({ runsDir });
    const first = planRuns(loaded, { ...taken, estimators: ['opo'] });
    mkdirSync(path.join(runsDir, first[0]?.id ?? ''), { recursive: true });
    const second = planRuns(loaded, { ...taken, estimators: ['grpo'] });
    assert.equal(second[0]?.group, `${first[0]?.group}-2`);
    writeFileSync(path.join(runsDir, `${second[0]?.group}.queue.json`), '{}');
    assert.equal(planRuns(loaded, { ...taken, estimators: ['rloo'] })[0]?.group, `${first[0]?.group}-3`);
  });

  it('know the lines of their own estimator and seed', () => {
    const plans = planRuns(loaded, options());
    assert.deepEqual(
      plans.map(({ configLines }) => [configLines['estimator'], configLines['seed']]),
      [
        [3, 5],
        [3, 6],
        [4, 5],
        [4, 6],
      ],
    );
  });

  it('fit into the file of their queue, all thousand of them', () => {
    const seeds = Array.from({ length: 1000 }, (_, index) => index);
    const many = parseConfig(JSON.stringify({ name: 'a', estimators: ['opo'], seeds }, null, 1), 'a.otb.json');
    const plans = planRuns(many, options());
    assert.equal(plans.length, 1000);
    assert.ok(JSON.stringify(plans).length < sizeLimits.queue / 4);
    assert.equal(plans[7]?.configLines['seed'], many.lines['seeds[7]']);
    assert.notEqual(parse(JSON.stringify(plans)), undefined);
  });

  it('follow the command line where it says otherwise', () => {
    const plans = planRuns(loaded, options({ estimators: ['rloo'], seeds: [9], steps: 7 }));
    assert.deepEqual(
      plans.map(({ estimator, seed, config }) => [estimator, seed, config.steps]),
      [['rloo', 9, 7]],
    );
  });

  it('are refused where the command line does not fit, and the message names the option', () => {
    const refused = (changes: Partial<PlanOptions>, expected: RegExp): void => {
      assert.throws(
        () => planRuns(loaded, options(changes)),
        (error: Error) => error instanceof ConfigError && expected.test(error.message),
      );
    };
    refused({ estimators: ['otb'] }, /^--estimator: unknown estimator "otb"/);
    refused({ seeds: [1, 1] }, /^--seed: 1 is there twice/);
    refused({ steps: 0 }, /^--steps: expected an integer ≥ 1, found 0/);
  });

  it('are refused where an estimator of the command line needs a group and the config has none', () => {
    const single = parseConfig('{"name": "a", "estimators": ["reinforce"],\n "rollout": {"groupSize": 1}}', 'a.otb.json');
    assert.throws(
      () => planRuns(single, options({ estimators: ['grpo'] })),
      /^ConfigError: a\.otb\.json:2:14: rollout\.groupSize: grpo compares/,
    );
  });

  it('of a program have names that no file system takes for a path, and no two have the same', () => {
    const estimators = ['a/b', 'a-b', '../x', 'A b', '..'];
    const text = JSON.stringify({ name: 'n', trainer: 'command', command: ['x'], estimators });
    const runs = planRuns(parseConfig(text, 'a.otb.json'), options());
    const names = runs.map(({ id }) => id.replace(/^.*-n-/, ''));
    assert.deepEqual(names, ['a-b-s1', 'a-b-2-s1', 'x-s1', 'A-b-3-s1', 'run-s1']);
    assert.deepEqual(
      runs.map(({ estimator }) => estimator),
      estimators,
    );
  });

  it('of a program have its command and what belongs to it, and steps where somebody said how many', () => {
    const text = '{"name": "a", "trainer": "command", "command": ["x", "${seed}"], "estimators": ["y"], "seeds": [3]}';
    const [run] = planRuns(parseConfig(text, 'a.otb.json'), options());
    assert.ok(run && isProgram(run.config));
    assert.deepEqual(
      [run.config.trainer, run.config.command, run.config.steps, run.estimator, run.seed],
      ['command', ['x', '${seed}'], null, 'y', 3],
    );
    assert.ok(!('task' in run.config));
    const [limited] = planRuns(parseConfig(text, 'a.otb.json'), options({ steps: 7 }));
    assert.equal(limited?.config.steps, 7);
  });
});

describe('the state of the repository', () => {
  it('is the commit, and whether tracked files have changed', async () => {
    const dir = temporaryFolder();
    const git = (...args: string[]): void =>
      void execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b.c', ...args], { cwd: dir, stdio: 'ignore' });
    git('init');
    writeFileSync(path.join(dir, 'a'), '1');
    git('add', 'a');
    git('commit', '-m', 'a');
    const clean = await readGit(dir);
    assert.match(clean?.commit ?? '', /^[0-9a-f]{40}$/);
    assert.equal(clean?.dirty, false);
    writeFileSync(path.join(dir, 'a'), '2');
    assert.equal((await readGit(dir))?.dirty, true);
  });

  it('is null where there is none', async () => {
    assert.equal(await readGit(temporaryFolder()), null);
    assert.equal(await readGit('/no/such/folder'), null);
  });
});
