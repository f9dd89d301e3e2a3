import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { otb, temporaryFolder } from './otb.ts';
import { writeConfig } from './tinyConfig.ts';

test('several otb run of one config in one second are groups of their own, and all of them train', async (t) => {
  const cwd = temporaryFolder(t);
  writeConfig(cwd, { estimators: ['grpo'], steps: 3 });
  const finished = await Promise.all(Array.from({ length: 4 }, () => otb(['run', 'tiny.otb.json', '--json', '--threads', '1'], { cwd })));
  const dirs = finished.flatMap(({ code, stdout, stderr }) => {
    assert.equal(code, 0, stderr);
    return (JSON.parse(stdout) as { runs: { dir: string; process: string }[] }).runs.map(({ dir, process }) => {
      assert.equal(process, 'finished', stderr);
      return dir;
    });
  });
  assert.equal(new Set(dirs).size, 4);
  const groups = dirs.map((dir) => (JSON.parse(readFileSync(path.join(dir, 'run.json'), 'utf8')) as { group: string }).group);
  assert.equal(new Set(groups).size, 4);
  assert.deepEqual(
    readdirSync(path.join(cwd, '.otb', 'runs')).sort(),
    dirs.map((dir) => path.basename(dir)).sort(),
    'nothing is left beside',
  );
});

test('a run leaves its directory in order: no lock, no unfinished file', async (t) => {
  const cwd = temporaryFolder(t);
  writeConfig(cwd, { estimators: ['grpo'], steps: 6 });
  assert.equal((await otb(['run', 'tiny.otb.json'], { cwd })).code, 0);
  const runsDir = path.join(cwd, '.otb', 'runs');
  const [name] = readdirSync(runsDir);
  const dir = path.join(runsDir, name ?? '');
  assert.deepEqual(readdirSync(dir).sort(), [
    'checkpoints',
    'control',
    'events.jsonl',
    'exit.json',
    'metrics.jsonl',
    'rollouts',
    'run.json',
    'stderr.log',
    'stdout.log',
  ]);
  assert.ok(existsSync(path.join(dir, 'checkpoints', 'step-000006')));
});
