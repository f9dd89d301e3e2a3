import assert from 'node:assert/strict';
import { readdirSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { NotificationClaims } from '../../../src/editor/warnings/notificationClaims.ts';
import { temporaryFolder } from '../../runs/exampleRun.ts';

test('of many windows that want to show a notification, exactly one does', async () => {
  const folder = path.join(temporaryFolder(), 'not', 'there', 'yet');
  const windows = Array.from({ length: 20 }, () => new NotificationClaims(folder));
  const claimed = await Promise.all(windows.map((window) => window.claim('a run')));
  assert.equal(claimed.filter((isOurs) => isOurs).length, 1);
  assert.equal(await windows[0]?.claim('a run'), false);
  assert.equal(await windows[0]?.claim('another run'), true);
});

test('a folder that cannot be written shows a notification rather than none', async () => {
  const file = path.join(temporaryFolder(), 'file');
  writeFileSync(file, '');
  assert.equal(await new NotificationClaims(path.join(file, 'claims')).claim('a run'), true);
});

test('old claims are removed', async () => {
  const folder = temporaryFolder();
  const claims = new NotificationClaims(folder);
  await claims.claim('new');
  writeFileSync(path.join(folder, 'old'), '');
  utimesSync(path.join(folder, 'old'), 0, 0);
  await claims.prune();
  assert.equal(readdirSync(folder).length, 1);
  assert.equal(await claims.claim('new'), false);
});
