import path from 'node:path';
import { commands, window, workspace } from 'vscode';
import type { Memento, Uri } from 'vscode';
import { counted } from '../core/notation.ts';
import { glimpse } from '../runs/sources/glimpse.ts';
import { Disposables } from './disposable.ts';
import type { WorkspaceRuns } from './runs/workspaceRuns.ts';

const saidKey = 'otb.sourceHint';
/** Names that only logs of training have. */
const telling = '{**/trainer_state.json,**/events.out.tfevents.*,**/*.wandb,**/mlruns/*/*/meta.yaml}';
const excluded = '**/{node_modules,.git,.venv,venv,site-packages,.otb}/**';
/** Most files that are looked for, and logs that are looked into. */
const most = { files: 50, logs: 20 } as const;
/** Milliseconds after the start of the window: it has other things to do first. */
const patience = 5000;

/** Says once that the workspace holds logs of other programs that could be shown. Looks for file names only, and into a few logs. */
export class SourceHint extends Disposables {
  constructor(
    private readonly runs: WorkspaceRuns,
    private readonly memory: Memento,
  ) {
    super();
    if (memory.get(saidKey) === true) return;
    const timer = setTimeout(() => void this.look(), patience);
    this.register({ dispose: () => clearTimeout(timer) });
  }

  private async look(): Promise<void> {
    await this.runs.ready;
    const known = this.runs.all.map(({ dir }) => dir);
    const found = await this.found();
    const isKnown = (file: string): boolean =>
      known.some((dir) => file === dir || file.startsWith(dir + path.sep) || dir.startsWith(path.dirname(file) + path.sep));
    if (found.length === 0 || found.some(({ fsPath }) => isKnown(fsPath))) return;
    await this.memory.update(saidKey, true);
    const [show, never] = ['Show Runs', 'Not Here'];
    const names = [...new Set(found.map((uri) => workspace.asRelativePath(uri)))];
    const some = names.length === 1 ? names[0] : `${names[0]} and ${counted(names.length - 1, 'other file')}`;
    const said = await window.showInformationMessage(
      `This workspace has logs of training runs (${some}). Show them beside the runs of OTB?`,
      show,
      never,
    );
    if (said === show) await commands.executeCommand('otb.openSource', [...new Set(found.map(({ fsPath }) => placeOf(fsPath)))]);
  }

  private async found(): Promise<readonly Uri[]> {
    const files = await workspace.findFiles(telling, excluded, most.files);
    const logs = await workspace.findFiles('**/*.{log,out}', excluded, most.logs);
    const telled = await Promise.all(logs.map(async (uri) => ((await isVerlLog(uri.fsPath)) ? [uri] : [])));
    return [...files, ...telled.flat()];
  }
}

/** What to open for a file: its folder, where later runs come to lie as well; of W&B and MLflow the folder of all runs; a log itself. */
function placeOf(file: string): string {
  const folder = path.dirname(file);
  if (file.endsWith('.wandb')) return path.dirname(folder);
  if (path.basename(file) === 'meta.yaml') return path.dirname(path.dirname(folder));
  return /\.(?:log|out)$/.test(file) ? file : folder;
}

async function isVerlLog(file: string): Promise<boolean> {
  try {
    return (await glimpse(file)).head.includes('actor/grad_norm');
  } catch {
    return false;
  }
}
