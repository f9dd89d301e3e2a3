import { constants } from 'node:fs';
import { copyFile, readFile, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { configEnding } from '../../core/config/config.ts';
import type { Config } from '../../core/config/config.ts';
import { parseConfig } from '../config/loadConfig.ts';
import { RunWriteError } from '../directory/runDirectoryError.ts';

/** A config that comes with the product. */
export interface Preset {
  readonly name: string;
  readonly file: string;
  /** Who trains. */
  readonly trainer: Config['trainer'];
  /** What it shows: the comment at the beginning of the file. */
  readonly description: string;
}

/** What a newcomer is to see first. */
const first = ['demo', 'figure1'];

/** The presets in a folder, those for newcomers first. */
export async function readPresets(folder: string): Promise<readonly Preset[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith(configEnding)).map((name) => name.slice(0, -configEnding.length));
  const rank = (name: string): number => (first.includes(name) ? first.indexOf(name) : first.length);
  const sorted = names.toSorted((a, b) => rank(a) - rank(b) || a.localeCompare(b));
  return Promise.all(
    sorted.map(async (name) => {
      const file = path.join(folder, `${name}${configEnding}`);
      const text = await readFile(file, 'utf8');
      const { trainer } = parseConfig(text, file).config;
      return { name, file, trainer, description: leadingComment(text) };
    }),
  );
}

/** Copies a preset into a folder under a name that is free there, and returns the copy. Throws a RunWriteError. */
export function copyPreset({ name, file }: Preset, folder: string): Promise<string> {
  return underFreeName(folder, name, (copy) => copyFile(file, copy, constants.COPYFILE_EXCL));
}

/** Writes the text of a config into a folder under a name that is free there, and returns the file. Throws a RunWriteError. */
export function writeConfig(text: string, name: string, folder: string): Promise<string> {
  return underFreeName(folder, name, (file) => writeFile(file, text, { flag: 'wx' }));
}

/** @param make makes the file, and fails with EEXIST where it is there already. */
async function underFreeName(folder: string, name: string, make: (file: string) => Promise<void>): Promise<string> {
  for (let number = 1; ; number++) {
    const file = path.join(folder, `${name}${number === 1 ? '' : `-${number}`}${configEnding}`);
    try {
      await make(file);
      return file;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw new RunWriteError(file, error);
    }
  }
}

function leadingComment(text: string): string {
  const lines = text.split(/\r?\n/);
  const end = lines.findIndex((line) => !line.startsWith('//'));
  return lines
    .slice(0, end)
    .map((line) => line.slice(2).trim())
    .join(' ');
}
