import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ESLint } from 'eslint';
import { objection } from '../../tools/lint/rooms.mjs';

const refused: readonly (readonly [file: string, source: string, why: RegExp])[] = [
  ['src/core/a/b.ts', '../../runs/c.ts', /src\/core must not import src\/runs\/c\.ts/],
  ['src/core/a.ts', 'node:fs', /must not use Node/],
  ['src/core/a.ts', 'fs', /must not use Node/],
  ['src/core/a.ts', 'vscode', /must not import the package vscode/],
  ['src/core/a.ts', 'chart.js', /must not import the package chart\.js/],
  ['src/runs/a.ts', 'fs', /Write "node:fs"/],
  ['src/runs/a.ts', 'path/posix', /Write "node:path\/posix"/],
  ['src/runs/a.ts', '../trainer/main.ts', /src\/runs must not import src\/trainer/],
  ['src/trainer/loss.ts', '@tensorflow/tfjs-core', /used in src\/trainer\/engines\/tfjs only/],
  ['src/cli/a.ts', '../extension.ts', /must not import src\/extension\.ts/],
  ['src/editor/a.ts', '../extension.ts', /must not import src\/extension\.ts/],
  ['src/extension.ts', './runs/a.ts', /it may import src\/editor only/],
  ['webview/a.ts', '../src/runs/a.ts', /webview must not import src\/runs/],
  ['webview/page.ts', '@vscode/webview-ui-toolkit', /used in webview\/controls\/toolkit\.ts only/],
  ['webview/bench/a.ts', 'node:fs', /must not use Node/],
  ['bench/a.ts', '../src/cli/a.ts', /bench must not import src\/cli/],
  ['test/core/a.test.ts', '../../src/editor/a.ts', /test\/core must not import src\/editor/],
  ['somewhere/a.ts', './b.ts', /belongs to no room/],
];
for (const [file, source, why] of refused) {
  test(`${file} may not import ${source}`, () => assert.match(objection(file, source) ?? 'it may', why));
}

const allowed: readonly (readonly [file: string, source: string])[] = [
  ['src/core/a/b.ts', '../c/d.ts'],
  ['src/core/a.ts', 'd3-array'],
  ['src/runs/a.ts', '../core/a.ts'],
  ['src/runs/a.ts', 'node:fs'],
  ['src/trainer/engines/tfjs/a.ts', '@tensorflow/tfjs-core/dist/register_all_gradients'],
  ['src/extension.ts', './editor/a.ts'],
  ['src/editor/a.ts', 'vscode'],
  ['webview/controls/toolkit.ts', '@vscode/webview-ui-toolkit'],
];
for (const [file, source] of allowed) {
  test(`${file} may import ${source}`, () => assert.equal(objection(file, source), undefined));
}

const eslint = new ESLint();

/** The rules of the repository's own lint that are broken by a text that stands for a file of it. */
async function lint(file: string, text: string): Promise<readonly string[]> {
  const [result] = await eslint.lintText(text, { filePath: file });
  return result?.messages.map(({ ruleId }) => ruleId ?? 'no rule') ?? [];
}

test('every way to import is looked at', async () => {
  const ways = [
    "import { a } from '../runs/a.ts';\nexport const b = a;",
    "import type { A } from '../runs/a.ts';\nexport type B = A;",
    "export { a } from '../runs/a.ts';",
    "export const a = (): unknown => import('../runs/a.ts');",
    "export type A = import('../runs/a.ts').A;",
    "declare const require: (name: string) => unknown;\nexport const a = require('../runs/a.ts');",
    'export const a = (name: string): unknown => import(name);',
  ];
  for (const text of ways) assert.ok((await lint('src/core/random.ts', text)).includes('otb/rooms'), text);
});

test('a promise that nobody awaits is an error', async () => {
  const text = 'async function work(): Promise<void> {}\nexport function start(): void {\n  work();\n}\n';
  assert.deepEqual(await lint('src/core/random.ts', text), ['@typescript-eslint/no-floating-promises']);
});

test('a switch that leaves out a case of its union is an error', async () => {
  const text = "export function f(x: 'a' | 'b'): number {\n  switch (x) {\n    case 'a':\n      return 1;\n  }\n  return 2;\n}\n";
  assert.deepEqual(await lint('src/core/random.ts', text), ['@typescript-eslint/switch-exhaustiveness-check']);
});
