import { existsSync, statSync } from 'node:fs';
import path from 'node:path';
import { Range, Uri, commands, env, window, workspace } from 'vscode';
import type { QuickPickItem, TextDocument } from 'vscode';
import { runFiles } from '../../core/records/run.ts';
import { hasFailed } from '../../core/records/runState.ts';
import type { OwnRun, RunOverview } from '../../runs/catalog/runOverview.ts';
import { isOwn, runName } from '../../runs/catalog/runOverview.ts';
import { ConfigOutline } from '../../runs/inline/configOutline.ts';
import { queueLog } from '../../runs/launcher/queueFile.ts';
import { rangeOf } from '../inline/runDocuments.ts';
import { configUri } from '../panel/configDiff.ts';
import { openFile } from './messages.ts';

/** Opens the config that a run came from, where it names the run's estimator; what the run was started with, where that is gone. */
export async function openConfig(run: OwnRun): Promise<void> {
  const { configFile } = run.identity.record;
  if (configFile !== null && existsSync(configFile)) {
    const document = await workspace.openTextDocument(Uri.file(configFile));
    await window.showTextDocument(document, { selection: estimatorRange(document, run) });
    return;
  }
  await window.showTextDocument(configUri(run));
  const gone = configFile === null ? 'The run was not started from a file' : `${configFile} is gone`;
  void window.showInformationMessage(`${gone}, so this is the config that the run was started with.`);
}

interface LogItem extends QuickPickItem {
  readonly open: () => Thenable<unknown>;
}

/** Lets the user choose among the files of a run; what tells why it ended comes first. */
export async function openLog(run: RunOverview): Promise<void> {
  if (!isOwn(run)) return openSourceFile(run);
  const group = queueLog(path.dirname(run.dir), run.identity.group);
  const errorsFirst = hasFailed(run);
  const logs = [...(errorsFirst ? [runFiles.stderr, runFiles.stdout] : [runFiles.stdout, runFiles.stderr]), runFiles.console];
  const files = [...logs, runFiles.metrics, runFiles.events, runFiles.run, runFiles.exit].map((name) => path.join(run.dir, name));
  const items: readonly LogItem[] = [
    ...[...files, group].flatMap((file) => fileItem(file) ?? []),
    { label: '$(folder-opened) Reveal folder', description: run.dir, open: () => revealFolder(run.dir) },
  ];
  const placeHolder = run.note ?? 'Choose a file';
  const picked = await window.showQuickPick(items, { title: `Files of ${runName(run)}`, placeHolder, matchOnDescription: true });
  await picked?.open();
}

/** Opens what a run said on standard error, where a traceback is; where there is nothing, lets the user choose among its files. */
export async function openErrors(run: RunOverview): Promise<void> {
  const file = path.join(run.dir, runFiles.stderr);
  if (isOwn(run) && (statSync(file, { throwIfNoEntry: false })?.size ?? 0) > 0) await openFile(file);
  else await openLog(run);
}

/** The file of a run of another program; the folder, where it has one of its own. */
async function openSourceFile({ dir }: RunOverview): Promise<void> {
  const file = existsSync(dir) ? dir : dir.slice(0, dir.lastIndexOf('#'));
  if (statSync(file, { throwIfNoEntry: false })?.isFile()) await openFile(file);
  else await revealFolder(file);
}

/** Where the estimator stands now; where the config does not name it any more, where it did. */
function estimatorRange(document: TextDocument, { identity }: OwnRun): Range {
  const found = new ConfigOutline(document.getText()).estimators.find(({ name }) => name === identity.estimator);
  if (found) return rangeOf(document, found.span);
  const line = Math.min(Math.max(0, (identity.record.configLines['estimator'] ?? 1) - 1), document.lineCount - 1);
  return new Range(line, 0, line, 0);
}

function fileItem(file: string): LogItem | undefined {
  const size = sizeOf(file);
  return size === undefined ? undefined : { label: `$(file) ${path.basename(file)}`, description: size, open: () => openFile(file) };
}

/** "empty", "3 kB"; undefined where there is no such file, or one that is no regular one. */
function sizeOf(file: string): string | undefined {
  const status = statSync(file, { throwIfNoEntry: false });
  const size = status?.isFile() ? status.size : undefined;
  if (size === undefined || size === 0) return size === 0 ? 'empty' : undefined;
  const [amount, unit] = size < 1e6 ? [size / 1e3, 'kB'] : [size / 1e6, 'MB'];
  return `${amount < 10 ? Math.ceil(amount * 10) / 10 : Math.ceil(amount)} ${unit}`;
}

/** In the system's file manager; over a remote connection, where that is elsewhere, in the explorer. */
function revealFolder(dir: string): Thenable<unknown> {
  return commands.executeCommand(env.remoteName === undefined ? 'revealFileInOS' : 'revealInExplorer', Uri.file(dir));
}
