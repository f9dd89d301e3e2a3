import { commands, window, workspace } from 'vscode';

/**
 * Whether programs that the workspace names may be run; if not, says so. Checked by the commands themselves, because another
 * extension can call them where the menus hide them.
 */
export function isTrustedTo(what: string): boolean {
  if (workspace.isTrusted) return true;
  const manage = 'Manage Workspace Trust';
  const message = `OTB does not ${what} in a workspace that is not trusted: a run executes programs that the workspace names.`;
  void window.showWarningMessage(message, manage).then((choice) => {
    if (choice === manage) void commands.executeCommand('workbench.trust.manage');
  });
  return false;
}
