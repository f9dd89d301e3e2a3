import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import type { ExitRecord } from '../../src/core/records/run.ts';
import { isResumable } from '../../src/core/records/runState.ts';
import { RunWriter } from '../../src/runs/directory/runWriter.ts';
import { readRunStatus } from '../../src/runs/directory/runStatus.ts';
import { everyEnd, exitOf } from '../runs/everyEnd.ts';
import { examplePlans, exampleRecord } from '../runs/exampleRun.ts';
import { otb, temporaryFolder } from './otb.ts';
import { tinyConfig } from './tinyConfig.ts';

/** A run that took none of its steps and ended so; null: without a word. */
function endedRun(runsDir: string, reason: ExitRecord['reason'] | null): string {
  const { estimators, name, ...keys } = tinyConfig;
  const [plan] = examplePlans(runsDir, { ...keys, name: `${name}-${reason ?? 'lost'}`, estimators: [estimators[0]], steps: 2 });
  assert.ok(plan);
  const dir = path.join(runsDir, plan.id);
  const writer = RunWriter.create(dir, exampleRecord({ ...plan, engine: 'auto', cwd: runsDir, configFile: null, configLines: {} }));
  const exit = exitOf(reason);
  if (exit) writer.writeExit(exit);
  writer.close();
  return dir;
}

test('of a folder those runs go on that can, and the others are left as they are, which is said', { timeout: 600_000 }, async (t) => {
  const runsDir = path.join(temporaryFolder(t), 'runs');
  mkdirSync(runsDir);
  const runs = everyEnd.map(([reason, resumes]) => ({ reason, resumes, dir: endedRun(runsDir, reason) }));
  for (const { reason, resumes, dir } of runs) {
    const { state, exit } = await readRunStatus(dir);
    assert.equal(isResumable({ process: state }), resumes, String(reason));
    assert.equal(exit?.reason ?? null, reason);
  }
  const { code, stdout, stderr } = await otb(['resume', runsDir, '--json', '--threads', '1'], { cwd: runsDir });
  assert.equal(code, 0, stderr);
  const result = JSON.parse(stdout) as { runs: { dir: string; process: string; steps: number }[]; skipped: { dir: string; why: string }[] };
  const dirsThat = (resume: boolean): string[] => runs.flatMap(({ resumes, dir }) => (resumes === resume ? [dir] : [])).sort();
  assert.deepEqual(result.runs.map(({ dir }) => dir).sort(), dirsThat(true));
  assert.deepEqual([...new Set(result.runs.map(({ process, steps }) => `${process} ${steps}`))], ['finished 2']);
  assert.deepEqual(result.skipped.map(({ dir }) => dir).sort(), dirsThat(false));
  for (const { dir, reason } of runs.filter(({ resumes }) => !resumes))
    assert.equal(stderr.includes(`Left as it is: ${dir} `), reason !== 'completed', String(reason));
});

test('a run that cannot go on is bad input, with the reason and what to do instead', async (t) => {
  const runsDir = path.join(temporaryFolder(t), 'runs');
  mkdirSync(runsDir);
  const expected = {
    completed: /has taken all its steps/,
    collapsed: /"onCollapse": "warn"/,
    diverged: /would come to the same numbers/,
    dead: /"earlyStop"/,
  };
  for (const [reason, message] of Object.entries(expected)) {
    const { code, stdout, stderr } = await otb(['resume', endedRun(runsDir, reason as ExitRecord['reason'])]);
    assert.deepEqual([code, stdout], [2, ''], reason);
    assert.match(stderr, message);
  }
  const { code, stderr } = await otb(['resume', runsDir]);
  assert.equal(code, 2);
  assert.match(stderr, /none of these runs can be resumed/);
});
