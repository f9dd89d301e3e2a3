import { Uri, window, workspace } from 'vscode';
import { misfit } from '../../runs/rollouts/formats/guessMapping.ts';
import { MappingsFile } from '../../runs/rollouts/formats/mappingsFile.ts';
import { recogniseRollouts } from '../../runs/rollouts/formats/recognise.ts';
import type { RolloutPlace } from '../../runs/rollouts/rolloutSource.ts';
import { askMapping } from './askMapping.ts';

/** What a lens is opened on. `step`: null: the last one. */
export interface OpenedRollouts {
  readonly place: RolloutPlace;
  readonly step: number | null;
}

/**
 * The rollouts that the command was called on, or that the user chooses, with a mapping asked for where nothing else tells what they are.
 * Undefined: the user wants none after all. Throws a RunDirectoryError.
 */
export async function chosenRollouts(uri: Uri | undefined): Promise<OpenedRollouts | undefined> {
  const chosen = uri ?? (await pick());
  if (chosen === undefined) return undefined;
  const recognised = await recogniseRollouts(chosen.fsPath);
  if (recognised.kind === 'place') return recognised;
  const { path, rows, step } = recognised;
  const folder = workspace.getWorkspaceFolder(Uri.file(path)) ?? workspace.workspaceFolders?.[0];
  // Without a workspace there is no place to keep it in.
  const mappings = folder && new MappingsFile(folder.uri.fsPath);
  const known = await mappings?.read(path);
  if (known && rows.some((row) => misfit([row], known) === null)) return { place: { format: 'mapped', path, mapping: known }, step };
  const mapping = await askMapping(path, rows, known);
  if (mapping === undefined) return undefined;
  await mappings?.write(path, mapping);
  return { place: { format: 'mapped', path, mapping }, step };
}

/** Dialogs of most systems let one choose files or folders, not both. */
async function pick(): Promise<Uri | undefined> {
  const kinds = [
    { label: '$(file) File…', isFolder: false, detail: 'a dump of verl, completions of TRL, or JSON lines with a response in each' },
    {
      label: '$(folder) Folder…',
      isFolder: true,
      detail: "with a file for each step: verl's trainer.rollout_data_dir, TRL's completions, or others",
    },
  ];
  const title = 'Open rollouts';
  const kind = await window.showQuickPick(kinds, { title, placeHolder: 'Nothing in it is changed or copied' });
  if (!kind) return undefined;
  const chosen = await window.showOpenDialog({
    canSelectFiles: !kind.isFolder,
    canSelectFolders: kind.isFolder,
    openLabel: 'Open',
    title,
    ...(!kind.isFolder && { filters: { Rollouts: ['jsonl', 'parquet', 'json', 'ndjson'], 'All files': ['*'] } }),
  });
  return chosen?.[0];
}
