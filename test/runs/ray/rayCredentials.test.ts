import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { rayCredentials, secretsOf } from '../../../src/runs/ray/rayCredentials.ts';
import { RayError } from '../../../src/runs/ray/rayError.ts';
import { temporaryFolder } from '../exampleRun.ts';

/** A home with a token where Ray keeps it. */
function homeWith(token: string): string {
  const home = temporaryFolder();
  mkdirSync(path.join(home, '.ray'));
  writeFileSync(path.join(home, '.ray', 'auth_token'), token);
  return home;
}

async function tokenOf(env: Record<string, string>, home = temporaryFolder()): Promise<string | undefined> {
  return (await rayCredentials({}, env, home)).headers['Authorization'];
}

async function problemOf(headers: Record<string, string>, env: Record<string, string>, home = temporaryFolder()): Promise<string> {
  return rayCredentials(headers, env, home).then(
    () => 'no problem',
    (error: unknown) => {
      assert.ok(error instanceof RayError && error.problem === 'unauthorized');
      return error.message;
    },
  );
}

describe('what requests to a Ray cluster carry', () => {
  it('is the token where Ray looks for it: the environment, the file that it names, the file in the home', async () => {
    const home = homeWith('in-home\nsecond line\n');
    const file = path.join(temporaryFolder(), 'token');
    writeFileSync(file, '  in-file \r\n');
    assert.equal(await tokenOf({ RAY_AUTH_TOKEN: 'in-env', RAY_AUTH_TOKEN_PATH: file }, home), 'Bearer in-env');
    assert.equal(await tokenOf({ RAY_AUTH_TOKEN: '', RAY_AUTH_TOKEN_PATH: file }, home), 'Bearer in-file');
    assert.equal(await tokenOf({}, home), 'Bearer in-home');
    assert.equal(await tokenOf({ RAY_AUTH_MODE: 'token' }, home), 'Bearer in-home');
  });

  it('is no token where there is none, or where authentication is switched off', async () => {
    assert.equal(await tokenOf({}), undefined);
    assert.equal(await tokenOf({ RAY_AUTH_MODE: 'disabled', RAY_AUTH_TOKEN: 'in-env' }), undefined);
  });

  it('has the headers of the config, filled in from the environment, with an Authorization of their own in place of the token', async () => {
    const { headers, tokenFrom } = await rayCredentials(
      { 'X-Key': 'k ${env:KEY}' },
      { KEY: 'abc', RAY_AUTH_TOKEN: 'token' },
      temporaryFolder(),
    );
    assert.deepEqual(headers, { 'X-Key': 'k abc', Authorization: 'Bearer token' });
    assert.equal(tokenFrom, 'RAY_AUTH_TOKEN');
    const own = await rayCredentials({ authorization: 'Basic ${env:KEY}' }, { KEY: 'abc', RAY_AUTH_TOKEN: 'token' }, temporaryFolder());
    assert.deepEqual(own.headers, { authorization: 'Basic abc' });
  });

  it('says what is missing, without a value in it', async () => {
    assert.match(await problemOf({}, { RAY_AUTH_MODE: 'token' }), /set RAY_AUTH_TOKEN, or RAY_AUTH_TOKEN_PATH to a file/);
    assert.match(
      await problemOf({}, { RAY_AUTH_TOKEN_PATH: '/nowhere/token' }),
      /^The file \/nowhere\/token, which RAY_AUTH_TOKEN_PATH names, cannot be read/,
    );
    assert.match(await problemOf({}, { RAY_AUTH_TOKEN_PATH: '/dev/null' }), /\/dev\/null.*cannot be read/);
    assert.match(
      await problemOf({ 'X-Key': '${env:KEY}' }, {}),
      /^The header X-Key takes its value from the environment variable KEY, which is not set/,
    );
    const secret = 'hunter2\r\nX-Other: 1';
    for (const message of [
      await problemOf({ 'X-Key': '${env:KEY}' }, { KEY: secret }),
      await problemOf({ 'X-K y': '${env:KEY}' }, { KEY: 'hunter2' }),
      await problemOf({}, { RAY_AUTH_TOKEN: 'hunter2 hunter2' }),
    ]) {
      assert.doesNotMatch(message, /hunter2|no problem/);
    }
  });

  it('tells its secrets, so that they can be taken out of what a cluster says', async () => {
    const credentials = await rayCredentials({ 'X-Key': 'k ${env:KEY}' }, { KEY: 'abcdef', RAY_AUTH_TOKEN: 'token-1' }, temporaryFolder());
    assert.deepEqual(secretsOf(credentials), ['Bearer token-1', 'k abcdef', 'token-1', 'abcdef']);
  });
});
