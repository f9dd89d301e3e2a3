import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { ConfigError } from '../../../src/runs/config/configError.ts';
import type { ConfigProblem } from '../../../src/runs/config/configError.ts';
import { loadConfig, parseConfig } from '../../../src/runs/config/loadConfig.ts';
import { ConfigOutline } from '../../../src/runs/inline/configOutline.ts';
import { temporaryFolder } from '../exampleRun.ts';

function problemsOf(error: unknown): readonly ConfigProblem[] {
  assert.ok(error instanceof ConfigError, String(error));
  return error.problems;
}

/** The only problem of a text. */
function problemOf(text: string): ConfigProblem {
  try {
    parseConfig(text, 'a.otb.json');
  } catch (error) {
    const [first, ...others] = problemsOf(error);
    assert.ok(first && others.length === 0, JSON.stringify(others.slice(0, 3)));
    return first;
  }
  throw new Error('the text is a config');
}

async function problemOfFile(content: string | Uint8Array): Promise<ConfigProblem> {
  const file = path.join(temporaryFolder(), 'a.otb.json');
  writeFileSync(file, content);
  const error: unknown = await loadConfig(file).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  const [first, ...others] = problemsOf(error);
  assert.ok(first && others.length === 0);
  return first;
}

const tooMuch = {
  'a hundred thousand brackets': '['.repeat(100_000),
  'a hundred thousand objects in each other': `{"name": "a", "task": ${'{"a":'.repeat(100_000)}`,
  'a million keys': `{"name": "a", ${Array.from({ length: 1_000_000 }, (_, index) => `"k${index}": 1`).join()}}`,
  'five million seeds': `{"name": "a",\n "seeds": [${'12345,'.repeat(5_000_000)}1]}`,
  'a text of 20 million characters': `{"name": "${'a'.repeat(20_000_000)}"}`,
  'a comment of 20 million characters': `{"name": "a" /* ${'a'.repeat(20_000_000)} */}`,
};

describe('a text that is too much for a config', () => {
  for (const [what, text] of Object.entries(tooMuch)) {
    it(`is refused with one place, by the command line and by the editor: ${what}`, () => {
      const { line, column, message, remedy } = problemOf(text);
      assert.ok(line >= 1 && column >= 1);
      assert.match(message, /^(?:more than 32 brackets|too many values|the file is too long)/);
      assert.ok(remedy.endsWith('.'));
      const outline = new ConfigOutline(text);
      assert.equal(outline.isComplete, false);
      assert.deepEqual([outline.config, outline.estimators, outline.value(['name'])], [undefined, [], undefined]);
    });
  }

  it('is told at the section that is too much', () => {
    assert.deepEqual([problemOf(tooMuch['five million seeds']).line, problemOf(tooMuch['five million seeds']).key], [2, 'seeds']);
    assert.equal(problemOf(tooMuch['a hundred thousand objects in each other']).key, 'task');
  });

  it('is read no further than a config may reach', async () => {
    const { key, message } = await problemOfFile(`{"name": "${'ü'.repeat(5_000_000)}"}`);
    assert.equal(key, 'name');
    assert.match(message, /too long/);
  });
});

describe('a text in which every line is wrong', () => {
  it('is told by its first places', () => {
    const wrong = `{"name": "a", "steps": 600,\n${Array.from({ length: 3000 }, (_, index) => `"k${index}": 1`).join(',\n')}}`;
    assert.throws(
      () => parseConfig(wrong, 'a.otb.json'),
      (error) => problemsOf(error).length === 50,
    );
    const broken = Array.from({ length: 3000 }, () => ']').join('\n');
    assert.throws(
      () => parseConfig(broken, 'a.otb.json'),
      (error) => problemsOf(error).length <= 20,
    );
  });
});

describe('bytes that are no text', () => {
  it('are told with the place of the first', async () => {
    const { line, column, message } = await problemOfFile(Buffer.from('{\r\n"name": "\u00fc\ufffd\xff"}', 'latin1'));
    assert.deepEqual([line, column], [2, 10]);
    assert.match(message, /UTF-8/);
  });

  it('do not include the character that stands for such bytes elsewhere', async () => {
    const { column } = await problemOfFile(Buffer.concat([Buffer.from('{"name": "\uFFFD'), Buffer.from([0xc3]), Buffer.from('"}')]));
    assert.equal(column, 12);
  });

  it('may be UTF-16, which is said', async () => {
    assert.match((await problemOfFile(Buffer.from('\uFEFF{"name": "a"}', 'utf16le'))).message, /UTF-16/);
  });

  it('may be NUL, in a text or outside of one', async () => {
    assert.deepEqual([problemOf('{"name":\n "a\0"}').line, problemOf('{"name":\n "a\0"}').column], [2, 2]);
    assert.equal((await problemOfFile('\0\0\0')).line, 1);
  });
});

describe('a key that objects have anyway', () => {
  it('is unknown like any other', () => {
    for (const key of ['__proto__', 'constructor', 'toString']) {
      const { message } = problemOf(`{"name": "a", "${key}": {"steps": 3}}`);
      assert.equal(message, 'unknown key', key);
    }
  });
});

describe('what is no regular file', () => {
  it('is refused without waiting for it', async () => {
    const folder = path.join(temporaryFolder(), 'folder.otb.json');
    mkdirSync(folder);
    await assert.rejects(loadConfig(folder), /a directory, not a regular file/);
    if (process.platform !== 'win32') await assert.rejects(loadConfig('/dev/zero'), /a device, not a regular file/);
  });
});
