import assert from 'node:assert/strict';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { loadConfig } from '../../../src/runs/config/loadConfig.ts';
import { copyPreset, readPresets } from '../../../src/runs/launcher/presets.ts';
import { makeRunsFolder } from '../../../src/runs/launcher/runsFolder.ts';
import { temporaryFolder } from '../exampleRun.ts';

describe('the presets', () => {
  it('can be started as they are, and say what they show; the demo comes first', async () => {
    const presets = await readPresets('presets');
    assert.equal(presets[0]?.name, 'demo');
    assert.equal(presets.length, readdirSync('presets').length);
    for (const { name, file, description } of presets) {
      assert.equal((await loadConfig(file)).config.name, name);
      assert.match(description, /^[A-Z][^/]+\.$/, name);
    }
  });

  it('are copied under a name that is free', async () => {
    const [demo] = await readPresets('presets');
    assert.ok(demo);
    const folder = temporaryFolder();
    writeFileSync(path.join(folder, 'demo.otb.json'), 'mine');
    assert.equal(await copyPreset(demo, folder), path.join(folder, 'demo-2.otb.json'));
    assert.equal(await copyPreset(demo, folder), path.join(folder, 'demo-3.otb.json'));
    assert.equal(readFileSync(path.join(folder, 'demo-3.otb.json'), 'utf8'), readFileSync(demo.file, 'utf8'));
    assert.equal(readFileSync(path.join(folder, 'demo.otb.json'), 'utf8'), 'mine');
    await assert.rejects(copyPreset(demo, path.join(folder, 'nowhere')), /demo\.otb\.json/);
  });
});

describe('the folder of runs', () => {
  it('is kept out of git, unless the user has decided otherwise', async () => {
    const folder = temporaryFolder();
    await makeRunsFolder(folder);
    const ignore = path.join(folder, '.otb', '.gitignore');
    assert.equal(readFileSync(ignore, 'utf8'), '*\n');
    writeFileSync(ignore, 'cache\n');
    await makeRunsFolder(folder);
    assert.equal(readFileSync(ignore, 'utf8'), 'cache\n');
  });

  it('that cannot be made says where', async () => {
    const folder = temporaryFolder();
    writeFileSync(path.join(folder, '.otb'), '');
    await assert.rejects(makeRunsFolder(folder), /\.otb: cannot be written/);
  });
});
