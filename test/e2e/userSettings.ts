import type { Window } from './harness/window.ts';

/** Changes a setting as the settings editor does. */
export async function setForUser(window: Window, name: string, value: boolean): Promise<void> {
  await window.host.evaluate(
    async (vscode, setting, wanted) =>
      void (await vscode.workspace.getConfiguration().update(setting, wanted, vscode.ConfigurationTarget.Global)),
    name,
    value,
  );
}
