import type { Memento } from 'vscode';
import { isObject } from '../../core/records/json.ts';
import { validChoices } from '../../core/panel/parseMessages.ts';
import type { PanelSettings } from '../../core/panel/messages.ts';
import type { ViewChoices } from '../../core/panel/view.ts';
import type { Settings } from '../settings.ts';

const memoryKey = 'otb.panelChoices';

/** How a new panel looks at its runs: as it was chosen last in this workspace, else as the settings say. */
export class PanelChoices {
  constructor(
    private readonly settings: Settings,
    private readonly memory: Memento,
  ) {}

  /** What pages are told of settings and choices. */
  get settingsOfPages(): PanelSettings {
    return { onsets: this.settings.get('collapse.onsetLine'), defaults: this.defaults, chosen: this.chosen };
  }

  /** Keeps choices for the next panel; null: forgets all. */
  async keep(choices: ViewChoices | null): Promise<void> {
    await this.memory.update(memoryKey, choices === null ? undefined : { ...this.chosen, ...choices });
  }

  private get chosen(): ViewChoices {
    const kept = this.memory.get<unknown>(memoryKey);
    return isObject(kept) ? validChoices(kept) : {};
  }

  /** A value that a setting must not have, which VS Code points out itself, leaves the panel as it is built. */
  private get defaults(): ViewChoices {
    const { settings } = this;
    const metrics = settings.get('panel.metrics');
    return validChoices({
      x: settings.get('panel.xAxis'),
      yScale: settings.get('panel.normScale'),
      smoothing: { by: 'range', share: settings.get('panel.smoothing') / 100 },
      robust: settings.get('panel.ignoreOutliers'),
      band: settings.get('panel.meanAndBand'),
      multiples: metrics.length === 0 ? null : metrics,
      columns: settings.get('panel.columns'),
      layout: settings.get('panel.layout'),
    });
  }
}
