import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { packageRoot } from '../../src/cli/packageRoot.ts';

export const root = packageRoot();

export function readText(file: string): string {
  return readFileSync(path.join(root, file), 'utf8');
}

/** The Markdown files of the repository, by their paths in it. */
export function markdownFiles(): readonly string[] {
  const skipped = ['node_modules', 'dist', '.cache', '.git', '.otb'];
  const inFolder = (folder: string): string[] =>
    readdirSync(path.join(root, folder), { withFileTypes: true }).flatMap((entry) => {
      const file = path.posix.join(folder, entry.name);
      if (entry.isDirectory()) return skipped.includes(entry.name) ? [] : inFolder(file);
      return entry.name.endsWith('.md') ? [file] : [];
    });
  return inFolder('');
}

/** Addresses of the links and pictures in a Markdown text, without those in code. */
export function linksOf(markdown: string): readonly string[] {
  const prose = markdown.replace(/^```[\s\S]*?^```/gm, '').replace(/`[^`\n]*`/g, '');
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target ?? '');
}

/** What a heading is called in the address of a link, as GitHub makes it. */
export function anchorsOf(markdown: string): readonly string[] {
  const headings = [...markdown.replace(/^```[\s\S]*?^```/gm, '').matchAll(/^#+ (.*)$/gm)].map(([, text]) => text ?? '');
  return headings.map((text) =>
    text
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\- _]/gu, '')
      .replaceAll(' ', '-'),
  );
}
