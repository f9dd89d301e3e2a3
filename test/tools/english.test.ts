import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { test } from 'node:test';
import type typescript from 'typescript';
import { readText, root } from './repository.ts';

/** Not bundled into the tests: it looks for its own place. */
const ts = createRequire(import.meta.url)('typescript') as typeof typescript;

/** What is written one way in everything that users read, by the way it is written. */
const others: readonly (readonly [word: string, others: RegExp])[] = [
  [
    'American spelling',
    /\b\w*colour\w*|\bcent(?:re|red|res)\b|\bgrey\b|\b\w*behaviour\w*|\blearnt\b|\b\w*(?:recognis|normalis|labell(?!edby))\w*/i,
  ],
  ['math', /\bmaths\b/i],
  ['resume', /\bto go on with\b|\bgo on with it\b/],
  ['active', /\bgoing on\b/],
  ['limits', /\bend of the [xy] axis\b/],
  ['visible', /\bin sight\b/],
  ['From the files', /\bas the files tell\b/],
  ['not a number', /(?<!there )\bis no (?:number|text|object|list|JSON)\b/],
];

/** The texts of a program: its string literals, and those of templates without what is put into them. */
function textsOf(file: string): readonly string[] {
  const program = readText(file);
  // To parse all of them takes seconds, and few have one of these words even in a comment or a name.
  if (!others.some(([, other]) => other.test(program))) return [];
  const texts: string[] = [];
  const visit = (node: typescript.Node): void => {
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node) || ts.isLiteralTypeNode(node)) return;
    if (ts.isStringLiteralLike(node) || ts.isTemplateLiteralToken(node)) texts.push(node.text);
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(file, program, ts.ScriptTarget.Latest, true));
  return texts;
}

/** The lines of a document that are prose and not a picture or a block of code. */
function proseOf(file: string): string[] {
  return readText(file)
    .replaceAll(/^```[^]*?^```/gm, '')
    .split('\n');
}

function filesOf(folder: string, ending: string): readonly string[] {
  const found = readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' });
  return found.filter((file) => file.endsWith(ending)).map((file) => path.posix.join(folder, file.split(path.sep).join('/')));
}

const documents = ['README.md', ...filesOf('media/walkthrough', '.md')];
const manifests = ['package.json', 'media/otb-config.schema.json'];
const programs = ['webview', 'src'].flatMap((folder) => filesOf(folder, '.ts')).filter((file) => !file.startsWith('webview/bench/'));

test('what users read calls one thing by one word and spells it one way', () => {
  assert.ok(programs.length > 300, `${programs.length} files`);
  const read: readonly (readonly [file: string, texts: readonly string[]])[] = [
    ...documents.map((file) => [file, proseOf(file)] as const),
    ...manifests.map((file) => [file, readText(file).split('\n')] as const),
    ...programs.map((file) => [file, textsOf(file)] as const),
  ];
  const found = read.flatMap(([file, texts]) =>
    texts.flatMap((text) => others.flatMap(([word, other]) => (other.test(text) ? [`${file}: ${text.trim()} (${word})`] : []))),
  );
  assert.deepEqual(found, []);
});
