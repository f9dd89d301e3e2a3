import type { PanelShare } from '../src/core/panel/share.ts';
import type { Charts } from './charts.ts';
import type { PanelState } from './panelState.ts';

/** Milliseconds in which what a column needs is gathered. */
const shareMs = 150;

/** Tells the other columns of a comparison what this one needs, where that has changed: at once where they know nothing, then gathered. */
export class ColumnShare {
  private told = '';
  private timer: ReturnType<typeof setTimeout> | null = null;

  constructor(
    private readonly state: PanelState,
    private readonly charts: Charts,
    private readonly tell: (share: PanelShare) => void,
  ) {}

  tellSoon(): void {
    if (this.state.link === null || this.timer !== null) return;
    this.timer = setTimeout(() => this.tellNow(), this.told === '' ? 0 : shareMs);
  }

  private tellNow(): void {
    this.timer = null;
    const { view, ownExtent, choice } = this.state;
    const share: PanelShare = {
      extents: ownExtent === null ? {} : { [view.x]: ownExtent },
      axes: this.charts.needs,
      series: choice.all.flatMap(({ name: series, counted: [first] }) =>
        first === undefined ? [] : [{ series, name: first.name, run: first.id }],
      ),
    };
    const text = JSON.stringify(share);
    if (text === this.told) return;
    this.told = text;
    this.tell(share);
  }
}
