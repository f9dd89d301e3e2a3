import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { SecretMask, leastLength } from '../../src/supervisor/secretMask.ts';

/** What comes out of chunks, at once and at the end; `paused`: after each chunk nothing has followed for a while. */
function masked(secrets: readonly string[], chunks: readonly string[], paused = false): readonly string[] {
  const mask = new SecretMask(secrets);
  const out = chunks.map((chunk) => {
    const { bytes } = mask.feed(Buffer.from(chunk));
    return paused ? bytes.toString() + mask.flush().toString() : bytes.toString();
  });
  return [...out, mask.end().toString()];
}

/** A text in pieces of so many characters. */
function cut(text: string, size: number): readonly string[] {
  return Array.from({ length: Math.ceil(text.length / size) }, (_, index) => text.slice(index * size, (index + 1) * size));
}

const token = 'hf_0123456789abcdef';

describe('secrets in an output', () => {
  it('are replaced wherever the chunks are cut, and all else is left as it is', () => {
    const text = `login with ${token}, then ${token}${token} and hf_0123, \u001b[1mhf_\u001b[0m\n`;
    const expected = 'login with ***, then ****** and hf_0123, \u001b[1mhf_\u001b[0m\n';
    for (let size = 1; size <= text.length; size++) assert.equal(masked([token], cut(text, size)).join(''), expected, `size ${size}`);
  });

  it('are left as they are where they are short, from the length on that the documentation says', () => {
    const [short, long] = ['x'.repeat(leastLength - 1), 'y'.repeat(leastLength)];
    assert.equal(masked([short, long], [`${short} ${long}`]).join(''), `${short} ***`);
    assert.match(readFileSync('docs/launching.md', 'utf8'), new RegExp(`A value of fewer than ${leastLength} bytes`));
  });

  it('are found where one begins within another that turns out to be none', () => {
    for (let size = 1; size < 20; size++) {
      assert.equal(masked(['password-and-more', 'word-and-less'], cut('a password-and-less b', size)).join(''), 'a pass*** b');
      assert.equal(masked(['abababab'], cut('xabababababab!', size)).join(''), 'x***abab!');
    }
  });

  it('are found where one is the beginning of another', () => {
    for (let size = 1; size < 20; size++)
      assert.equal(masked(['password', 'password-and-more'], cut('a password-and-more b password c', size)).join(''), 'a *** b *** c');
  });

  it('hold back nothing but what they may begin with', () => {
    assert.deepEqual(masked([token], ['step 1\n', 'user h', 'f_x\n']), ['step 1\n', 'user ', 'hf_x\n', '']);
    assert.equal(new SecretMask([token]).feed(Buffer.from('step 1\n')).holdsBack, false);
  });

  it('are not given away by a pause within them', () => {
    assert.deepEqual(masked([token], ['a hf_', token.slice(3), ' b'], true), ['a hf_', '***', ' b', '']);
    assert.deepEqual(masked([token], ['a hf_', 'token', ' b'], true), ['a hf_', 'token', ' b', '']);
    assert.equal(masked([token], [token.slice(0, 12), token.slice(12), '\n'], true).join(''), '***\n');
    assert.equal(masked([token], [token.slice(0, 12), '!\n'], true).join(''), `${token.slice(0, 12)}!\n`);
    assert.equal(masked([token], [token.slice(0, 12)]).join(''), '***');
  });

  it('that are shorter than eight characters are words like others', () => {
    assert.equal(masked(['secret', ''], ['a secret\n']).join(''), 'a secret\n');
  });
});
