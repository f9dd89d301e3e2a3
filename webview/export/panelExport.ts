import type { PanelMessage } from '../../src/core/panel/messages.ts';
import type { ChartModel } from '../chart/chartModel.ts';
import type { Charts } from '../charts.ts';
import { copyPicture, copyText } from '../clipboard.ts';
import type { MetricChart } from '../metricChart.ts';
import type { PanelState } from '../panelState.ts';
import type { Theme } from '../theme.ts';
import type { ExportFormat } from '../toolbar.ts';
import { renderPng } from './png.ts';
import { renderSvg } from './svg.ts';
import { chartTable } from './tsv.ts';

/** Takes what the panel shows out of it: into a file that the extension saves, or to the clipboard. */
export class PanelExport {
  constructor(
    private readonly state: PanelState,
    private readonly charts: Charts,
    private readonly theme: Theme,
    private readonly post: (message: Extract<PanelMessage, { type: 'export' }>) => void,
  ) {}

  save(format: ExportFormat): void {
    const { state, charts, theme } = this;
    switch (format) {
      case 'csv':
        this.post({ type: 'export', format, runs: state.shownRuns.map((run) => run.id) });
        break;
      case 'svg':
        this.post({ type: 'export', format, content: renderSvg(state, charts.all, theme) });
        break;
      case 'png':
        void renderPng(state, charts.all, theme).then((content) => this.post({ type: 'export', format, content }));
        break;
    }
  }

  /** Says what became of it. Where the clipboard takes no picture, it is saved instead. */
  async copyPicture(chart: MetricChart): Promise<string> {
    const drawn = renderPng(this.state, [chart], this.theme);
    if (await copyPicture(drawn)) return 'Picture copied';
    this.post({ type: 'export', format: 'png', content: await drawn });
    return 'The clipboard does not accept the picture: save it as a file';
  }

  /** Says what became of it. */
  async copyData(model: ChartModel): Promise<string> {
    const isCopied = await copyText(chartTable(model), this.charts.element);
    return isCopied ? 'Data copied' : 'The clipboard is not available';
  }
}
