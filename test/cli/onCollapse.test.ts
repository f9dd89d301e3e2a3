import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import type { ExitRecord } from '../../src/core/records/run.ts';
import { packageRoot } from '../../src/cli/packageRoot.ts';
import { listCheckpoints } from '../../src/runs/directory/checkpoints.ts';
import { otb, temporaryFolder } from './otb.ts';

test('a run with onCollapse "stop" ends at its collapse, and keeps a checkpoint to go on from', { timeout: 600_000 }, async (t) => {
  const cwd = temporaryFolder(t);
  const preset = readFileSync(path.join(packageRoot(), 'presets', 'demo.otb.json'), 'utf8');
  writeFileSync(path.join(cwd, 'stop.otb.json'), preset.replace('"steps": 600,', '"steps": 600, "onCollapse": "stop",'));
  const { code, stdout, stderr } = await otb(
    ['run', 'stop.otb.json', '--estimator', 'dr_grpo', '--seed', '1', '--json', '--fail-on-collapse'],
    { cwd },
  );
  assert.equal(code, 3, stderr);
  const { runs } = JSON.parse(stdout) as { runs: { dir: string; steps: number; detectedStep: number }[] };
  const [run] = runs;
  assert.ok(run);
  assert.equal(run.steps, run.detectedStep);
  assert.ok(run.steps < 600);
  const exit = JSON.parse(readFileSync(path.join(run.dir, 'exit.json'), 'utf8')) as ExitRecord;
  assert.equal(exit.reason, 'collapsed');
  assert.match(exit.message, /Stopped at step \d+, because onCollapse is "stop"/);
  assert.equal(listCheckpoints(run.dir).at(-1)?.step, run.steps);
});
