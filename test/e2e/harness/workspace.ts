import { cpSync, mkdirSync, mkdtempSync, realpathSync, writeFileSync } from 'node:fs';
import path from 'node:path';

export interface WorkspaceContent {
  /** Texts by path in the workspace. */
  readonly files?: Readonly<Record<string, string>>;
  /** Folder or file of the repository by path in the workspace; "." is the workspace itself. */
  readonly copies?: Readonly<Record<string, string>>;
}

/** A new folder in `parent` with the given content. */
export function createWorkspace(parent: string, { files = {}, copies = {} }: WorkspaceContent): string {
  mkdirSync(parent, { recursive: true });
  const folder = realpathSync(mkdtempSync(path.join(parent, 'ws-')));
  for (const [name, source] of Object.entries(copies)) cpSync(source, path.join(folder, name), { recursive: true });
  for (const [name, text] of Object.entries(files)) {
    const file = path.join(folder, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  return folder;
}
