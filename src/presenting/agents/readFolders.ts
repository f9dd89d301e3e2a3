import { readdir, realpath } from 'node:fs/promises';
import path from 'node:path';
import { runFiles } from '../../core/records/run.ts';
import { isWithin } from '../../runs/directory/pathWithin.ts';
import type { RunPlace } from '../../runs/sources/format.ts';
import { runDirectoryFormat } from '../../runs/sources/runPlace.ts';
import { AgentError } from './agentError.ts';
import { plainLine } from './untrustedText.ts';

/** How far below the folder of a run links are looked for; the logs of other programs nest no deeper below it. */
const levels = 3;
/** Never read for an agent; they may lie on another disk. */
const unread = new Set<string>([runFiles.checkpoints]);

/** The folders and files outside of which nothing is read for an agent, whatever is named, and wherever links lead. */
export class ReadFolders {
  /** @param roots absolute paths; those that are not there count as soon as they are. */
  constructor(readonly roots: readonly string[]) {}

  /** Whether a path, with its links followed, lies in one of them. */
  async holds(file: string): Promise<boolean> {
    const [real, ...roots] = await Promise.all([file, ...this.roots].map(realPath));
    return real !== undefined && roots.some((root) => root !== undefined && isWithin(real, root));
  }

  /** Throws an AgentError where the run, or a file of it, lies elsewhere than it seems to. `name`: what the run is called in the message. */
  async require({ source, format }: RunPlace, name: string): Promise<void> {
    if (!(await this.holds(source))) throw outside(`${name} is reached through a link that leads out of the folders with runs`);
    const isOwn = format === runDirectoryFormat;
    const link = await linkOut(source, isOwn ? new ReadFolders([source]) : this, levels);
    if (link !== undefined)
      throw outside(
        `"${plainLine(link, 80)}" in ${name} is a link that leads out of ${isOwn ? 'the directory of the run' : 'the folders with runs'}`,
      );
  }

  /** Why a path that somebody named may not be read; undefined: it may, it is no path, or there is nothing there. */
  async refusal(text: string): Promise<AgentError | undefined> {
    if (!/[/\\]/.test(text)) return undefined;
    const paths = this.roots.map((root) => path.resolve(root, text));
    const inside = paths.filter((one) => this.roots.some((root) => isWithin(one, root)));
    const folders = this.roots.map((root) => plainLine(root, 100)).join(', ');
    if (inside.length === 0)
      return new AgentError('refused', `"${plainLine(text, 80)}" is not read: it is outside of the folders with runs, ${folders}.`);
    for (const one of inside) {
      if ((await realPath(one)) === undefined) continue;
      return (await this.holds(one))
        ? undefined
        : outside(`"${plainLine(text, 80)}" is reached through a link that leads out of the folders with runs`);
    }
    return undefined;
  }

  /** The path of a file from the root that it is in. */
  relative(file: string): string {
    const root = this.roots.find((one) => isWithin(file, one)) ?? path.dirname(file);
    return path.relative(root, file).split(path.sep).join('/') || path.basename(file);
  }
}

function outside(problem: string): AgentError {
  return new AgentError(
    'refused',
    `Not read: ${problem}. Somebody has to name the folder it leads to: as an argument of "otb mcp", or in the setting otb.runs.folders.`,
  );
}

/** The first link in a folder, or in those in it, that leads out; by its name. A file has none in it. */
async function linkOut(folder: string, folders: ReadFolders, deep: number): Promise<string | undefined> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  for (const entry of entries) {
    if (unread.has(entry.name)) continue;
    const full = path.join(folder, entry.name);
    if (entry.isSymbolicLink()) {
      if (!(await folders.holds(full)) && (await realPath(full)) !== undefined) return entry.name;
    } else if (entry.isDirectory() && deep > 0) {
      const link = await linkOut(full, folders, deep - 1);
      if (link !== undefined) return `${entry.name}/${link}`;
    }
  }
  return undefined;
}

/** Undefined: there is no such file, so nothing of it can be read. */
async function realPath(file: string): Promise<string | undefined> {
  return realpath(file).catch(() => undefined);
}
