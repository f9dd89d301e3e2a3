import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { runFiles } from '../../src/core/records/run.ts';
import { vscodeTest } from './harness/vscodeTest.ts';
import { begun, endlessConfig, stopAll } from './runsOnDisk.ts';

const one = { estimators: ['reinforce'] };
const files = {
  '.vscode/settings.json': JSON.stringify({ 'otb.collapse.sensitivity': 'high' }),
  'tiny.otb.json': endlessConfig(one),
  'own.otb.json': endlessConfig({ ...one, name: 'own', collapseSensitivity: 'low' }),
};

vscodeTest('runs keep the level of sensitivity of their workspace, or that of their config', { files }, async (window) => {
  const levels: Record<string, unknown> = {};
  for (const [index, file] of ['tiny.otb.json', 'own.otb.json'].entries()) {
    await window.open(file);
    await window.run('OTB: Start OTB run');
    for (const { dir } of await begun(window, index + 1)) {
      const { name, config } = JSON.parse(readFileSync(path.join(dir, runFiles.run), 'utf8')) as {
        name: string;
        config: { collapseSensitivity: unknown };
      };
      levels[name] = config.collapseSensitivity;
    }
  }
  assert.deepEqual(levels, { tiny: 'high', own: 'low' });
  await stopAll(window);
});
