import { Uri, commands, workspace } from 'vscode';
import { describedRun, seriesOf } from '../../core/comparison/groups.ts';
import { stringify } from '../../core/records/json.ts';
import { groupTitle } from '../../runs/catalog/groupTitles.ts';
import { runName } from '../../runs/catalog/runOverview.ts';
import type { RunOverview } from '../../runs/catalog/runOverview.ts';
import { Disposables } from '../disposable.ts';
import type { WorkspaceRuns } from '../runs/workspaceRuns.ts';

const scheme = 'otb-run-config';

/** What runs were started with, as documents that VS Code can compare: the configs themselves may have been edited since. */
export class ConfigDiff extends Disposables {
  constructor(private readonly runs: WorkspaceRuns) {
    super();
    this.register(workspace.registerTextDocumentContentProvider(scheme, { provideTextDocumentContent: (uri) => this.text(uri) }));
  }

  /** Shows how the configs of runs differ: two in an editor of their own, of more the first against each of the others. */
  async show(runs: readonly RunOverview[]): Promise<void> {
    const [first, ...others] = differing(runs);
    const [second] = others;
    if (!first || !second) return;
    const left = configUri(first);
    const title = (other: RunOverview): string => `${nameOf(first)} ↔ ${nameOf(other)}`;
    if (others.length === 1) await commands.executeCommand('vscode.diff', left, configUri(second), title(second));
    else
      await commands.executeCommand(
        'vscode.changes',
        `Configs against ${nameOf(first)}`,
        others.map((other) => [configUri(other), left, configUri(other)]),
      );
  }

  private async text(uri: Uri): Promise<string> {
    // After a reload of the window, a document may be asked for before the runs are known.
    await this.runs.ready;
    const run = this.runs.get(uri.query);
    return run ? `${stringify(run.identity.config, 2)}\n` : `The run ${uri.query} is gone.\n`;
  }
}

/** Two runs as they are; of more, one for each series: those of a series differ in nothing but their seed. */
function differing(runs: readonly RunOverview[]): readonly RunOverview[] {
  const series = seriesOf(runs, describedRun);
  return runs.length <= 2 || series.length === 1 ? runs.slice(0, 2) : series.flatMap((one) => one.runs[0] ?? []);
}

/** The document that shows what a run was started with. */
export function configUri(run: RunOverview): Uri {
  return Uri.from({ scheme, path: `/${nameOf(run)}.json`, query: run.dir });
}

function nameOf(run: RunOverview): string {
  return `${groupTitle(run)} ${runName(run)}`.replaceAll('/', '-');
}
