import { window } from 'vscode';
import type { WebviewPanel } from 'vscode';
import type { PanelSubject } from '../../core/panel/view.ts';
import { registerCommands } from '../commands/registerCommand.ts';
import { Disposables } from '../disposable.ts';
import { late } from '../late.ts';
import { ConfigDiff } from './configDiff.ts';
import { viewType } from './panelPage.ts';
import type { RunPanelsOptions } from './runPanels.ts';

const failures = {
  'otb.openPanel': 'The run panel was not opened',
  'otb.overlayRuns': 'The runs were not shown',
  'otb.compareRuns': 'The runs were not compared',
  'otb.diffConfigs': 'The configs were not compared',
} as const;

export type PanelCommand = keyof typeof failures;

/** The run panels of this window, whose code is loaded with the first of them. Registers the commands that are about panels. */
export class LatePanels extends Disposables {
  private readonly panels = late(async () => {
    const { RunPanels } = await import('./runPanels.ts');
    return this.register(new RunPanels(this.options, this.diff));
  });
  private readonly diff: ConfigDiff;

  constructor(private readonly options: RunPanelsOptions) {
    super();
    this.diff = this.register(new ConfigDiff(options.runs));
    const deserializeWebviewPanel = async (panel: WebviewPanel, state: unknown): Promise<void> =>
      (await this.panels()).restore(panel, state);
    this.register(window.registerWebviewPanelSerializer(viewType, { deserializeWebviewPanel }));
    this.register(registerCommands(options.log, failures, async () => (await this.panels()).commands));
  }

  /** Opens a panel, or shows the one that is open for the same subject. Beside a text that is being edited, not over it. */
  async open(subject: PanelSubject, options: { readonly preserveFocus?: boolean } = {}): Promise<void> {
    await (await this.panels()).open(subject, options);
  }
}
