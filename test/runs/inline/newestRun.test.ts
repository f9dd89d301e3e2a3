import assert from 'node:assert/strict';
import { symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { newestRunOf } from '../../../src/runs/inline/newestRun.ts';
import { temporaryFolder } from '../exampleRun.ts';
import { overview } from './overview.ts';

test('the newest run of a config is found, also where the two know the file by different links', async () => {
  const folder = temporaryFolder();
  const file = path.join(folder, 'a.otb.json');
  const link = path.join(folder, 'link.otb.json');
  writeFileSync(file, '{}');
  symlinkSync(file, link);
  const [other, newest, older] = [
    overview('grpo', 1, {}, { configFile: '/b.otb.json' }),
    overview('grpo', 2, {}, { configFile: file }),
    overview('grpo', 3, {}, { configFile: file }),
  ];
  const none = overview('grpo', 4, {}, { configFile: null });
  for (const config of [file, link]) assert.equal(await newestRunOf(config, [none, other, newest, older]), newest);
  assert.equal(await newestRunOf('/gone.otb.json', [none, other, newest]), undefined);
});
