import { existsSync } from 'node:fs';
import path from 'node:path';
import { ProgressLocation, Uri, window, workspace } from 'vscode';
import { counted } from '../../core/notation.ts';
import type { RunOverview } from '../../runs/catalog/runOverview.ts';
import { runName } from '../../runs/catalog/runOverview.ts';
import { eventFileIn } from '../../runs/export/eventFolder.ts';
import { fileNames } from '../../runs/export/fileNames.ts';
import type { Programs } from '../programs.ts';
import { note } from './messages.ts';
import { runOtb } from './otbProgram.ts';

const formats = [
  { to: 'csv', label: 'CSV', description: 'a row for each step, a column for each metric' },
  { to: 'jsonl', label: 'JSON lines', description: 'a record for each step, as in metrics.jsonl' },
  { to: 'tensorboard', label: 'TensorBoard', description: 'an event file, in a folder for each run' },
] as const;

type Format = (typeof formats)[number];

/** Writes the metrics of runs for other tools, in a process of its own: a long run takes a while. A file for each run, or a folder with one. */
export async function exportRuns(runs: readonly RunOverview[], programs: Programs): Promise<void> {
  const [only] = runs;
  if (only === undefined) return;
  const what = runs.length === 1 ? runName(only) : counted(runs.length, 'run');
  const format = await window.showQuickPick(formats, { title: `Export ${what}`, placeHolder: 'Choose a format' });
  if (format === undefined) return;
  const targetOf = runs.length === 1 && format.to !== 'tensorboard' ? await chooseFile(only, format) : await chooseFolder(runs, format);
  if (targetOf === undefined) return;
  await window.withProgress({ location: ProgressLocation.Window, title: `Exporting ${what}` }, async () => {
    for (const run of runs) await runOtb(programs, ['export', run.dir, '--to', format.to, '--out', targetOf(run)]);
  });
  note(`${what} exported`);
}

/** What a run is written to: a file, or the folder of an event file. */
type TargetOf = (run: RunOverview) => string;

async function chooseFile(run: RunOverview, { label, to }: Format): Promise<TargetOf | undefined> {
  const defaultUri = Uri.file(path.join(startFolder(run), `${path.basename(run.dir)}.${to}`));
  const file = await window.showSaveDialog({ defaultUri, filters: { [label]: [to] }, title: 'Export run' });
  return file && (() => file.fsPath);
}

/** Asks before it writes over files that are there, as the dialog for a single file does. */
async function chooseFolder(runs: readonly RunOverview[], { to }: Format): Promise<TargetOf | undefined> {
  const title =
    to === 'tensorboard' ? 'Folder for the event files, each in a folder named after its run' : 'Folder for the files, one per run';
  const dialog = { canSelectFiles: false, canSelectFolders: true, openLabel: 'Export Here', title };
  const [folder] = (await window.showOpenDialog(dialog)) ?? [];
  if (folder === undefined) return undefined;
  const names = fileNames(runs.map(({ dir }) => dir));
  const targetOf: TargetOf = ({ dir }) => path.join(folder.fsPath, `${names.get(dir)}${to === 'tensorboard' ? '' : `.${to}`}`);
  const files = runs.map((run) => (to === 'tensorboard' ? eventFileIn(targetOf(run)) : targetOf(run)));
  const present = files.filter((file) => existsSync(file));
  return present.length === 0 || (await replaces(present, folder)) ? targetOf : undefined;
}

async function replaces(files: readonly string[], folder: Uri): Promise<boolean> {
  const replace = 'Replace';
  const [are, them] = files.length === 1 ? ['is', 'it'] : ['are', 'them'];
  const question = `${counted(files.length, 'file')} ${are} already in ${folder.fsPath}. Replace ${them}?`;
  const detail = files.map((file) => path.relative(folder.fsPath, file)).join('\n');
  return (await window.showWarningMessage(question, { modal: true, detail }, replace)) === replace;
}

function startFolder(run: RunOverview): string {
  return workspace.workspaceFolders?.[0]?.uri.fsPath ?? path.dirname(run.dir);
}
