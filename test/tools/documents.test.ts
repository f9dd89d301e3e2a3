import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { anchorsOf, linksOf, markdownFiles, readText, root } from './repository.ts';

interface Manifest {
  readonly repository: { readonly url: string };
  readonly bugs: { readonly url: string };
  readonly homepage: string;
  readonly scripts: Readonly<Record<string, string>>;
}
const manifest = JSON.parse(readText('package.json')) as Manifest;
const repository = manifest.repository.url.replace(/^git\+/, '').replace(/\.git$/, '');

test('there is a document for whoever comes first', () => {
  const files = ['README.md', 'CONTRIBUTING.md', 'ARCHITECTURE.md', 'CHANGELOG.md', 'LICENSE'];
  for (const file of files) assert.ok(existsSync(path.join(root, file)), file);
});

/** Commands of otb that a text names, as code or as a line of a shell, and otb does not have. */
function unknownCommands(text: string): readonly string[] {
  const named = Array.from(text.matchAll(/(?:^|`)(?:npx )?otb ([a-z]+)\b/gm), ([, name = '']) => name);
  return named.filter((name) => !existsSync(path.join(root, `src/cli/commands/${name}.ts`)));
}

for (const file of markdownFiles()) {
  test(`the links of ${file} lead somewhere`, () => {
    for (const link of linksOf(readText(file)).filter((each) => !/^[a-z]+:/.test(each))) {
      const [target = '', anchor] = link.split('#');
      const linked = target === '' ? file : path.posix.join(path.posix.dirname(file), target);
      assert.ok(existsSync(path.join(root, linked)), `${link}: there is no ${linked}`);
      if (anchor !== undefined) assert.ok(anchorsOf(readText(linked)).includes(anchor), `${link}: ${linked} has no such heading`);
    }
  });

  test(`the commands of ${file} exist`, () => {
    const text = readText(file);
    for (const [, script = ''] of text.matchAll(/\bnpm run ([\w:-]+)/g)) assert.ok(script in manifest.scripts, `npm run ${script}`);
    for (const [, program = ''] of text.matchAll(/\bnode ((?:tools\/)?[\w/]+\.mjs)/g)) {
      assert.ok(program.startsWith('dist/') || existsSync(path.join(root, program)), `node ${program}`);
    }
    assert.deepEqual(unknownCommands(text), []);
  });

  test(`the source files that ${file} names exist`, () => {
    for (const [, name = ''] of readText(file).matchAll(/`((?:src|webview|test|tools|media|presets|bench|study)\/[\w./-]+)`/g)) {
      if (!name.includes('NAME')) assert.ok(existsSync(path.join(root, name)), name);
    }
  });
}

test('the presets and the Python package name no command of otb that there is not', () => {
  for (const folder of ['presets', 'python/otb_trl']) {
    for (const name of readdirSync(path.join(root, folder)).filter((each) => /\.(json|py)$/.test(each))) {
      assert.deepEqual(unknownCommands(readText(`${folder}/${name}`)), [], name);
    }
  }
});

test('the repository has one address, and only package.json knows it', () => {
  assert.equal(manifest.bugs.url, `${repository}/issues`);
  assert.equal(manifest.homepage, `${repository}#readme`);
  for (const file of markdownFiles()) assert.ok(!readText(file).includes(repository), file);
});

test('what the debugger starts first is a task, and what tasks run are scripts', () => {
  const { configurations } = JSON.parse(readText('.vscode/launch.json')) as {
    configurations: { preLaunchTask?: string; program?: string }[];
  };
  const { tasks } = JSON.parse(readText('.vscode/tasks.json')) as { tasks: { label: string; type: string; script?: string }[] };
  for (const { preLaunchTask, program } of configurations) {
    if (preLaunchTask !== undefined) {
      assert.ok(
        tasks.some(({ label }) => label === preLaunchTask),
        preLaunchTask,
      );
    }
    const file = program?.replace('${workspaceFolder}/', '');
    if (file !== undefined && !file.startsWith('dist/')) assert.ok(existsSync(path.join(root, file)), file);
  }
  for (const { script } of tasks) if (script !== undefined) assert.ok(script in manifest.scripts, script);
});
