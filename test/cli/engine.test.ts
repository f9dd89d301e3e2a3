import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { writeFakeNpm } from '../runs/tensorflow/fakeNpm.ts';
import { otb, startOtb, temporaryFolder, until } from './otb.ts';

const posix = { skip: process.platform === 'win32' && 'npm is another program on Windows' };
const install = ['engine', 'install', 'tensorflow'];

/** A user with nothing installed, whose npm downloads nothing. */
function user(
  t: TestContext,
  how: string,
): { readonly env: Readonly<Record<string, string>>; readonly data: string; readonly calls: string } {
  const folder = temporaryFolder(t);
  const { calls } = writeFakeNpm(path.join(folder, 'bin'), 'throw new Error("libtensorflow.so.2: cannot open shared object file");');
  const PATH = `${path.join(folder, 'bin')}${path.delimiter}${process.env['PATH']}`;
  const data = path.join(folder, 'data');
  return { env: { PATH, FAKE_NPM: how, XDG_DATA_HOME: data, OTB_TENSORFLOW: '' }, data: path.join(data, 'otb-run-inspector'), calls };
}

test('an engine that does not load here is not kept, and the reason is the whole message', posix, async (t) => {
  const { env, data } = user(t, 'ok');
  const { code, stdout, stderr } = await otb([...install, '--gpu'], { env });
  assert.deepEqual([code, stdout], [1, '']);
  assert.match(
    stderr,
    /^Installing @tensorflow\/tfjs-node-gpu 4\.22\.0…\nDownloading libtensorflow…\nChecking that it works…\notb: the TensorFlow engine/,
  );
  assert.match(stderr, /was not installed: .*libtensorflow\.so\.2: cannot open shared object file/);
  assert.deepEqual(readdirSync(data), []);
});

test('what could not be reached is named, and Ctrl-C cancels', posix, async (t) => {
  const unreachable = user(t, 'unreachable');
  const { code, stderr } = await otb(install, { env: unreachable.env });
  assert.equal(code, 1);
  assert.match(stderr, /storage\.googleapis\.com cannot be reached \(ENOTFOUND\)/);

  const { env, data, calls } = user(t, 'hangs');
  const { child, finished } = startOtb(install, { env });
  await until(() => existsSync(calls) && /"pids"/.test(readFileSync(calls, 'utf8')));
  child.kill('SIGINT');
  const end = await finished;
  assert.equal(end.code, 1);
  assert.match(end.stderr, /the TensorFlow engine was not installed: It was cancelled\.\n$/);
  assert.deepEqual(readdirSync(data), []);
});

test('an engine that nobody can install is bad usage', async () => {
  const { code, stderr } = await otb(['engine', 'install', 'torch']);
  assert.equal(code, 2);
  assert.match(stderr, /tensorflow/);
});
