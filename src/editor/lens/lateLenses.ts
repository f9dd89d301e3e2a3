import { window } from 'vscode';
import type { WebviewPanel } from 'vscode';
import { registerCommands } from '../commands/registerCommand.ts';
import { Disposables } from '../disposable.ts';
import { late } from '../late.ts';
import { lensViewType } from '../panel/panelPage.ts';
import type { LensPanelsOptions } from './lensPanels.ts';

const failures = {
  'otb.showRollouts': 'The rollouts were not opened',
  'otb.openRollouts': 'The rollouts were not opened',
} as const;

export type LensCommand = keyof typeof failures;

/** The token lenses of this window, whose code is loaded with the first of them. Registers the commands that are about rollouts. */
export class LateLenses extends Disposables {
  constructor(options: LensPanelsOptions) {
    super();
    const panels = late(async () => {
      const { LensPanels } = await import('./lensPanels.ts');
      return this.register(new LensPanels(options));
    });
    const deserializeWebviewPanel = async (panel: WebviewPanel, state: unknown): Promise<void> => (await panels()).restore(panel, state);
    this.register(window.registerWebviewPanelSerializer(lensViewType, { deserializeWebviewPanel }));
    this.register(registerCommands(options.log, failures, async () => (await panels()).commands));
  }
}
