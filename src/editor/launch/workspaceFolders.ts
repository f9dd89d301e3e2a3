import { commands, window, workspace } from 'vscode';
import type { Uri, WorkspaceFolder } from 'vscode';

/** The folder that a config's runs belong to: the one it is in, else the first. */
export function folderOf(config: Uri): WorkspaceFolder | undefined {
  return workspace.getWorkspaceFolder(config) ?? workspace.workspaceFolders?.[0];
}

/** Lets the user choose a folder of the workspace where there are several. Says so where there is none. */
export async function chooseFolder(): Promise<WorkspaceFolder | undefined> {
  const folders = workspace.workspaceFolders ?? [];
  if (folders.length === 0) askForFolder();
  return folders.length <= 1 ? folders[0] : window.showWorkspaceFolderPick({ placeHolder: 'Folder for the config and its runs' });
}

export function askForFolder(): void {
  const open = 'Open Folder';
  void window.showErrorMessage('OTB keeps runs in .otb/runs of the folder that is open, and no folder is open.', open).then((choice) => {
    if (choice === open) void commands.executeCommand('vscode.openFolder');
  });
}
