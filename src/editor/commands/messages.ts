import { Uri, commands, window } from 'vscode';
import type { LogOutputChannel } from 'vscode';
import { RunDirectoryError } from '../../runs/directory/runDirectoryError.ts';
import { LaunchError } from '../../runs/launcher/launchError.ts';
import { InstallError } from '../../runs/tensorflow/installError.ts';

/** Longer messages do not fit a notification; all of it is in the log. */
const longestMessage = 400;

/** Shows a passing message where nothing needs to be done about it. */
export function note(text: string): void {
  window.setStatusBarMessage(`$(check) ${text}`, 5000);
}

/** Shows a file in an editor, of any size: an extension may not have the text of one above 50 MB, but VS Code shows it, or why it cannot. */
export function openFile(file: string): Thenable<unknown> {
  return commands.executeCommand('vscode.open', Uri.file(file), { preview: true });
}

/**
 * Shows why something could not be done, with the log where there is one. A failure that nobody foresaw is no sentence for users;
 * its stack goes into the extension's log.
 */
export function showFailure(what: string, error: unknown, log: LogOutputChannel): void {
  const message = error instanceof Error ? error.message : String(error);
  // What the process said last says most; where it stands is behind the button.
  const short = error instanceof LaunchError ? `${error.problem} ${error.words}` : message;
  const foreseen = [LaunchError, RunDirectoryError, InstallError].some((kind) => error instanceof kind);
  log.error(foreseen || !(error instanceof Error) ? `${what}: ${message}` : `${what}: ${error.stack ?? message}`);
  const file = error instanceof LaunchError ? error.log : null;
  const open = 'Open Log';
  // A notification has no line breaks.
  const words = short.trim().replaceAll(/\s*\n\s*/g, ' · ');
  void window
    .showErrorMessage(`${what}: ${words.length > longestMessage ? `… ${words.slice(-longestMessage)}` : words}`, open)
    .then((choice) => {
      if (choice !== open) return;
      if (file === null) log.show();
      else void openFile(file);
    });
}
