import assert from 'node:assert/strict';
import { appendFileSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import type { Sensitivity } from '../../../src/core/collapse/sensitivity.ts';
import { RunCatalog } from '../../../src/runs/catalog/runCatalog.ts';
import type { CatalogOptions } from '../../../src/runs/catalog/runCatalog.ts';
import type { RunAssignment } from '../../../src/runs/sources/foreignIdentity.ts';
import { exampleRecord, eventually, temporaryFolder } from '../exampleRun.ts';

function line(step: number, collapsedAt = Infinity): string {
  const since = step - collapsedAt;
  const norm = since < 0 ? 0.3 + 0.02 * Math.sin(7 * step) : 30 + step;
  return `step:${step} - actor/grad_norm:${norm} - critic/score/mean:${since < 0 ? 0.5 : 0.5 * 0.8 ** (since + 1)}\n`;
}

function lines(from: number, to: number, collapsedAt?: number): string {
  return Array.from({ length: to - from + 1 }, (_, index) => line(from + index, collapsedAt)).join('');
}

function catalogOf(t: TestContext, places: readonly string[], options: Partial<CatalogOptions> = {}): RunCatalog {
  const catalog = new RunCatalog({ onChange: () => undefined, gatherMs: 5, checkMs: 20, ...options });
  t.after(() => catalog.close());
  catalog.setFolders([], places);
  return catalog;
}

describe('runs of other programs in a catalog', () => {
  it('have what other runs have: where they stand, their collapse, a picture', async (t) => {
    const folder = temporaryFolder();
    const file = path.join(folder, 'big.log');
    writeFileSync(file, lines(1, 140, 100));
    const catalog = catalogOf(t, [folder]);
    await catalog.ready;
    const [run] = catalog.runs;
    assert.deepEqual([run?.dir, run?.step, run?.process, run?.collapse], [file, 140, 'running', 'collapsed']);
    assert.deepEqual([run?.identity.kind, run?.identity.name, run?.identity.seed], ['foreign', 'big', null]);
    assert.ok(Math.abs((run?.onsetStep ?? 0) - 100) <= 5, String(run?.onsetStep));
    assert.ok((run?.sparkline.length ?? 0) > 5);
    assert.equal(run?.gradNorm, 170);
    assert.equal(run?.notJudged, '');
  });

  it('stay at their last step when a metric of an earlier one is written late', async (t) => {
    const file = path.join(temporaryFolder(), 'late.log');
    writeFileSync(file, lines(1, 20).replaceAll('\n', ' - a:1 - b:2 - c:3\n'));
    appendFileSync(file, 'step:3 - actor/grad_norm:0.5\n');
    const catalog = catalogOf(t, [file]);
    await catalog.ready;
    assert.equal(catalog.get(file)?.step, 20);
  });

  it('appear in a folder beside run directories, grow, and go', async (t) => {
    const folder = temporaryFolder();
    const catalog = catalogOf(t, [folder]);
    await catalog.ready;
    assert.equal(catalog.runs.length, 0);
    mkdirSync(path.join(folder, 'deep', 'ours'), { recursive: true });
    writeFileSync(path.join(folder, 'deep', 'ours', 'run.json'), JSON.stringify(exampleRecord({ id: 'ours' })));
    const file = path.join(folder, 'deep', 'theirs.log');
    writeFileSync(file, lines(1, 3));
    await catalog.ready;
    assert.deepEqual(catalog.runs.map(({ identity }) => identity.kind).sort(), ['builtin', 'foreign']);
    appendFileSync(file, lines(4, 9));
    await eventually(() => catalog.get(file)?.step === 9, 'the ninth step');
    rmSync(file);
    await catalog.ready;
    assert.deepEqual(
      catalog.runs.map(({ identity }) => identity.id),
      ['ours'],
    );
  });

  it('can be named by their file, and opened', async (t) => {
    const file = path.join(temporaryFolder(), 'train.log');
    writeFileSync(file, lines(1, 3));
    const catalog = catalogOf(t, [file]);
    await catalog.ready;
    let rows = 0;
    const open = catalog.openMetrics(file, () => rows++);
    await open.caughtUp;
    assert.deepEqual(Array.from(open.table.steps), [1, 2, 3]);
    appendFileSync(file, lines(4, 4));
    await eventually(() => open.table.length === 4 && catalog.get(file)?.step === 4, 'the fourth step');
    assert.ok(rows > 1);
    open.close();
    appendFileSync(file, lines(5, 5));
    await eventually(() => catalog.get(file)?.step === 5, 'the fifth step');
  });

  it('are told as a problem where a place cannot be looked at, and the others are there', async (t) => {
    const folder = temporaryFolder();
    const loop = path.join(folder, 'loop');
    symlinkSync('loop', loop);
    const file = path.join(folder, 'train.log');
    writeFileSync(file, lines(1, 3));
    const problems: string[] = [];
    const catalog = catalogOf(t, [loop, file], { onProblem: (message) => problems.push(message) });
    await catalog.ready;
    assert.equal(catalog.get(file)?.step, 3);
    assert.match(problems.join(), /loop.*symbolic link/);
  });

  it('are what somebody decided that they are', async (t) => {
    const file = path.join(temporaryFolder(), 'train.log');
    writeFileSync(file, lines(1, 30).replaceAll('critic/score/mean', 'my_reward'));
    const decisions: RunAssignment[] = [];
    const catalog = catalogOf(t, [file], { assigned: () => decisions.at(-1) });
    await catalog.ready;
    assert.match(catalog.get(file)?.notJudged ?? '', /score/);
    decisions.push({ estimator: 'grpo', seed: 3, group: 'mine', metricKeys: { score: 'my_reward' } });
    catalog.reassign();
    await eventually(() => catalog.get(file)?.identity.estimator === 'grpo', 'its estimator');
    const { identity, score, notJudged } = catalog.get(file) ?? {};
    assert.deepEqual([identity?.seed, identity?.group, score, notJudged], [3, 'mine', 0.5, '']);
  });

  it('are judged here where a run directory has no events, and its metrics other names', async (t) => {
    const dir = path.join(temporaryFolder(), 'run');
    mkdirSync(dir);
    writeFileSync(path.join(dir, 'run.json'), JSON.stringify(exampleRecord({ id: 'run' })));
    const records = Array.from({ length: 140 }, (_, index) => {
      const [, norm, score] = /grad_norm:(\S+) - critic\/score\/mean:(\S+)/.exec(line(index + 1, 100)) ?? [];
      return `{"step":${index + 1},"data":{"train/grad_norm":${norm},"train/reward":${score}}}\n`;
    });
    writeFileSync(path.join(dir, 'metrics.jsonl'), records.join(''));
    const catalog = catalogOf(t, [dir]);
    await catalog.ready;
    const run = catalog.get(dir);
    assert.deepEqual([run?.collapse, run?.gradNorm, run?.notJudged], ['collapsed', 170, '']);
  });

  it('are judged at the level that is usual here, and anew at once when that changes; a run that judges itself stays as it is', async (t) => {
    const folder = temporaryFolder();
    const file = path.join(folder, 'train.log');
    writeFileSync(file, lines(1, 140, 100));
    const [own, silent] = [path.join(folder, 'own'), path.join(folder, 'silent')];
    for (const dir of [own, silent]) {
      const { collapseSensitivity, ...config } = exampleRecord().config;
      assert.equal(collapseSensitivity, 'normal');
      mkdirSync(dir);
      writeFileSync(path.join(dir, 'run.json'), JSON.stringify({ ...exampleRecord({ id: path.basename(dir) }), config }));
    }
    writeFileSync(path.join(own, 'events.jsonl'), '');
    let usualSensitivity: Sensitivity = 'normal';
    const catalog = catalogOf(t, [folder], {
      assigned: () => ({ usualSensitivity }),
    });
    await catalog.ready;
    const level = (id: string) => catalog.get(id)?.identity.sensitivity;
    assert.deepEqual([level(file), level(silent)], ['normal', 'normal']);
    const open = catalog.openMetrics(file, () => undefined);
    await open.caughtUp;
    usualSensitivity = 'high';
    catalog.reassign();
    await eventually(() => level(file) === 'high' && level(silent) === 'high', 'the other level');
    await eventually(() => catalog.get(file)?.collapse === 'collapsed', 'the collapse, judged anew');
    assert.equal(level(own), 'normal');
    open.close();
  });
});
