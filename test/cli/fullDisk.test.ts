import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { otb } from './otb.ts';
import { endless, writeConfig } from './tinyConfig.ts';

/** A folder with a `disk` of so many kilobytes in it; undefined where this machine lets nobody make one. */
function folderWithDisk(test: TestContext, kilobytes: number): string | undefined {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'otb-cli-'));
  const disk = path.join(folder, 'disk');
  mkdirSync(disk);
  const made = process.platform === 'linux' && spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${kilobytes}k`, 'tmpfs', disk]).status === 0;
  test.after(() => {
    if (made) spawnSync('umount', [disk]);
    rmSync(folder, { recursive: true, force: true });
  });
  return made ? folder : undefined;
}

for (const [when, kilobytes] of [
  ['before the run has said that it began', 36],
  ['within a step', 60],
] as const) {
  test(`a disk that is full to the last byte ${when} leaves a run that failed, and says why`, async (t) => {
    const cwd = folderWithDisk(t, kilobytes);
    if (cwd === undefined) return t.skip('no disk can be mounted here');
    writeConfig(cwd, { ...endless, estimators: ['reinforce'], checkpoint: { every: 5 } });
    const { code, stdout, stderr } = await otb(['run', 'tiny.otb.json', '--json', '--out', path.join('disk', 'runs')], { cwd });
    assert.equal(code, 1);
    const [run] = (JSON.parse(stdout) as { runs: { dir: string; process: string; message: string }[] }).runs;
    assert.equal(run?.process, 'failed', stderr);
    assert.match(run.message, /no space left on the device/);
    const exit = JSON.parse(readFileSync(path.join(run.dir, 'exit.json'), 'utf8')) as { lastStep: number; reason: string };
    const steps = readFileSync(path.join(run.dir, 'metrics.jsonl'), 'utf8').split('\n').length - 1;
    assert.deepEqual([exit.reason, exit.lastStep], ['failed', steps]);
  });
}

test('a disk that is full before the run begins is named, and nothing is left of what was begun', async (t) => {
  const cwd = folderWithDisk(t, 16);
  if (cwd === undefined) return t.skip('no disk can be mounted here');
  writeConfig(cwd, { estimators: ['reinforce'] });
  const { code, stderr } = await otb(['run', 'tiny.otb.json', '--out', path.join('disk', 'runs')], { cwd });
  assert.equal(code, 1);
  assert.match(stderr, /No space is left on the device that holds .*disk\/runs/);
  assert.doesNotMatch(stderr, /started in|at step 0/);
  const left = readdirSync(path.join(cwd, 'disk', 'runs'), { recursive: true }).map(String);
  assert.deepEqual(
    left.filter((name) => /tmp|reserve|json$/.test(name)),
    [],
  );
});
