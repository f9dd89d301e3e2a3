import path from 'node:path';
import { ProgressLocation, Uri, window, workspace } from 'vscode';
import type { RunOverview } from '../../runs/catalog/runOverview.ts';
import { writeLinesAtomically } from '../../runs/directory/atomicFile.ts';
import { panelCsv } from '../../runs/panel/panelCsv.ts';
import { note } from '../commands/messages.ts';
import type { WorkspaceRuns } from '../runs/workspaceRuns.ts';

const kinds = { png: 'PNG picture', svg: 'SVG picture', csv: 'CSV table' } as const;

/** Saves a picture that a panel drew where the user says. */
export async function savePicture(title: string, format: 'png' | 'svg', content: Uint8Array | string): Promise<void> {
  const file = await chooseFile(title, format);
  if (!file) return;
  await workspace.fs.writeFile(file, typeof content === 'string' ? Buffer.from(content) : content);
  note(`Saved ${path.basename(file.fsPath)}`);
}

/** Saves everything that the runs of a panel logged, as one table. */
export async function saveCsv(title: string, chosen: readonly RunOverview[], runs: WorkspaceRuns): Promise<void> {
  const file = await chooseFile(title, 'csv');
  if (!file) return;
  const open = chosen.map((run) => ({ identity: run.identity, metrics: runs.openMetrics(run.dir, () => undefined) }));
  try {
    await window.withProgress({ location: ProgressLocation.Window, title: `Saving ${path.basename(file.fsPath)}` }, async () => {
      await Promise.all(open.map(({ metrics }) => metrics.caughtUp));
      const lines = panelCsv(open.map(({ identity, metrics }) => ({ identity, metrics: metrics.table })));
      await writeLinesAtomically(file.fsPath, lines);
    });
  } finally {
    for (const { metrics } of open) metrics.close();
  }
  note(`Saved ${path.basename(file.fsPath)}`);
}

async function chooseFile(title: string, format: keyof typeof kinds): Promise<Uri | undefined> {
  const folder = workspace.workspaceFolders?.find(({ uri }) => uri.scheme === 'file')?.uri;
  const name = `${title.replaceAll(/[^\p{L}\p{N}_.,() -]+/gu, '-')}.${format}`;
  return window.showSaveDialog({
    title: 'Export',
    filters: { [kinds[format]]: [format] },
    ...(folder && { defaultUri: Uri.joinPath(folder, name) }),
  });
}
