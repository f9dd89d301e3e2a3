import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { before, describe, it } from 'node:test';
import { linksOf, readText, root } from './repository.ts';
import { packedFiles } from './vsix.ts';
import type { PackedFile } from './vsix.ts';

const walkthrough = ['collapse', 'compare', 'config', 'own', 'start'].map((name) => `media/walkthrough/${name}.md`);
const pictures = ['overview', 'side-by-side', 'walkthrough-config', 'walkthrough-own', 'walkthrough-start'];
/** What the package may hold, and nothing else. */
const expected = [
  '[Content_Types].xml',
  'extension.vsixmanifest',
  ...[
    'LICENSE.txt',
    'changelog.md',
    'package.json',
    'readme.md',
    ...[
      'ended.mjs',
      'extension.cjs',
      'mcp.mjs',
      'otb.mjs',
      'lens-style.css',
      'lens.js',
      'panel-style.css',
      'panel.js',
      'reader.mjs',
      'rollouts.mjs',
      'supervisor.mjs',
      'trainer.mjs',
      'worker.mjs',
    ].map((name) => `dist/${name}`),
    ...['kernels-relaxed.wasm', 'kernels.wasm', 'reader.wasm', 'sql-wasm.wasm', 'tfjs-backend-wasm-simd.wasm'].map(
      (name) => `dist/${name}`,
    ),
    ...['activity.svg', 'icon.png', 'panel-dark.svg', 'panel-light.svg'].map((name) => `media/${name}`),
    'media/otb-config.schema.json',
    'media/trl-config.schema.json',
    ...pictures.map((name) => `media/screenshots/${name}.png`),
    ...walkthrough,
    ...readdirSync(path.join(root, 'presets')).map((name) => `presets/${name}`),
    // What is run, and what pip needs to install it; no tests, and nothing that Python has compiled.
    ...['python/README.md', 'python/pyproject.toml', ...pythonFiles()],
  ].map((name) => `extension/${name}`),
];

/** Of what starts with every run, and of the pages. */
const mostBytes = { 'trainer.mjs': 550_000, 'supervisor.mjs': 500_000, 'panel.js': 355_000, 'lens.js': 190_000 };

function pythonFiles(): readonly string[] {
  const names = readdirSync(path.join(root, 'python/otb_trl'), { recursive: true }).map(String);
  return names.filter((name) => name.endsWith('.py')).map((name) => `python/otb_trl/${name.replaceAll(path.sep, '/')}`);
}

describe('the package', () => {
  let file: string;
  let files: readonly PackedFile[];
  const text = (name: string): string => {
    const found = files.find((each) => each.name === name);
    assert.ok(found, name);
    return found.content().toString('utf8');
  };
  before(() => {
    // Fails where vsce warns of anything.
    const made = "import { packageExtension } from './tools/package.mjs'; process.stdout.write(await packageExtension());";
    file = execFileSync(process.execPath, ['--input-type=module', '--eval', made], { cwd: root, encoding: 'utf8' });
    files = packedFiles(file);
  });

  it('holds what it must, and nothing else', () => {
    // Parts of the extension, which are loaded late, have names that change with what is in them.
    const names = files.map(({ name }) => name).filter((name) => !/^extension\/dist\/extension\/[\w-]+\.cjs$/.test(name));
    assert.deepEqual(names.sort(), [...expected].sort());
  });

  it('is smaller than 3 MiB', () => {
    assert.ok(statSync(file).size < 3 << 20, `${statSync(file).size} bytes`);
  });

  for (const [name, most] of Object.entries(mostBytes)) {
    it(`has a ${name} of at most ${most / 1000} kB: no parts of libraries that nothing calls`, () => {
      const { length } = files.find((each) => each.name === `extension/dist/${name}`)?.content() ?? assert.fail(name);
      assert.ok(length <= most, `${length} bytes`);
    });
  }

  for (const name of ['readme.md', 'changelog.md']) {
    it(`has no link in its ${name} that leads nowhere, and no SVG picture`, () => {
      const links = linksOf(text(`extension/${name}`));
      for (const link of links) assert.match(link, /^(https:\/\/|#)/);
      assert.deepEqual(
        links.filter((link) => link.endsWith('.svg')),
        [],
      );
    });
  }

  it('has every picture that its walkthrough shows, and every file that its manifest names', () => {
    for (const page of walkthrough) {
      for (const link of linksOf(text(`extension/${page}`))) {
        if (!/^[a-z]+:/.test(link)) text(path.posix.join('extension', path.posix.dirname(page), link));
      }
    }
    for (const [, name = ''] of text('extension/package.json').matchAll(/"\.?\/?((?:media|dist)\/[\w./-]+)"/g)) text(`extension/${name}`);
  });

  it('has no source maps and no paths of the machine that built it', () => {
    for (const { name, content } of files.filter((each) => each.name.startsWith('extension/dist/'))) {
      assert.ok(!content().includes('sourceMappingURL='), name);
      assert.ok(!content().includes(root), name);
    }
  });

  it('tells the marketplaces what it is', () => {
    const manifest = text('extension.vsixmanifest');
    for (const part of ['Links.Source', 'Links.Support', 'Links.Learn', 'Branding.Color', 'GitHubFlavoredMarkdown', 'Icons.Default']) {
      assert.ok(manifest.includes(part), part);
    }
    const { version } = JSON.parse(text('extension/package.json')) as { version: string };
    assert.ok(readText('CHANGELOG.md').includes(`## [${version}]`), `CHANGELOG.md says nothing of ${version}`);
  });
});
