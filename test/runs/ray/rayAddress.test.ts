import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { rayAddress } from '../../../src/runs/ray/rayAddress.ts';
import { RayError } from '../../../src/runs/ray/rayError.ts';

function problemOf(written: string | null, env: Record<string, string> = {}): string {
  try {
    rayAddress(written, env);
  } catch (error) {
    assert.ok(error instanceof RayError && error.problem === 'address');
    return error.message;
  }
  return 'no problem';
}

describe('the address of a Ray cluster', () => {
  it('is that of the config, else of the environment, else the one Ray uses', () => {
    const env = { RAY_API_SERVER_ADDRESS: 'http://head:8265', RAY_ADDRESS: 'http://other:8265' };
    assert.equal(rayAddress('http://mine:8265', env).url, 'http://mine:8265');
    assert.equal(rayAddress(null, env).url, 'http://head:8265');
    assert.equal(rayAddress(null, { RAY_ADDRESS: 'http://other:8265' }).url, 'http://other:8265');
    assert.equal(rayAddress(null, { RAY_ADDRESS: '' }).url, 'http://127.0.0.1:8265');
    assert.equal(rayAddress('auto', {}).url, 'http://127.0.0.1:8265');
  });

  it('is taken with a path, without a scheme, as https, with an IPv6 host, and as it was copied from a browser', () => {
    assert.equal(rayAddress('https://gate.example.org/clusters/a/', {}).url, 'https://gate.example.org/clusters/a');
    assert.equal(rayAddress('head:8265', {}).url, 'http://head:8265');
    assert.equal(rayAddress(' http://127.0.0.1:8265/ ', {}).url, 'http://127.0.0.1:8265');
    assert.equal(rayAddress('http://[::1]:8265', {}).url, 'http://[::1]:8265');
    assert.equal(rayAddress('[fe80::1]:8265', {}).url, 'http://[fe80::1]:8265');
    assert.equal(rayAddress('http://head:8265/#/overview', {}).url, 'http://head:8265');
  });

  it('is answered by what to write where it is one for something else', () => {
    assert.match(problemOf('ray://head:10001'), /^The "address" in the config is ray:\/\/head:10001, .* write http:\/\/head:8265\.$/);
    assert.match(problemOf('ray://[::1]:10001'), /write http:\/\/\[::1\]:8265\.$/);
    assert.match(problemOf(null, { RAY_ADDRESS: 'ray://head:10001' }), /^The environment variable RAY_ADDRESS is ray:/);
    assert.match(
      problemOf(null, { RAY_ADDRESS: '10.0.0.2:6379' }),
      /where the nodes of the cluster meet.* write http:\/\/10\.0\.0\.2:8265\./,
    );
    assert.match(problemOf('anyscale://cluster'), /by http or https: write http:\/\/cluster:8265\./);
    assert.match(problemOf('::1'), /An IPv6 address stands in brackets/);
    assert.match(problemOf('fe80::1:8265'), /An IPv6 address stands in brackets/);
    assert.match(problemOf('http://head:8265/?cluster=a'), /Leave out what begins with "\?"/);
    for (const text of ['', 'http://', 'http://:8265', 'http://a b', 'head:port', 'http://[::1', '\0'])
      assert.match(problemOf(text), /Write one like/);
  });

  it('never repeats a password', () => {
    for (const text of ['http://me:hunter2@head:8265', 'me:hunter2@head:8265', 'ray://me:hunter2@head', 'http://hunter2@head']) {
      assert.match(problemOf(text), /holds a user name or a password/);
      assert.doesNotMatch(problemOf(text), /hunter2/);
    }
  });
});
