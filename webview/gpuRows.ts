import { gpuRowText, gpusSummary } from '../src/core/gpus/panelGpu.ts';
import type { PanelGpu } from '../src/core/gpus/panelGpu.ts';
import { html, setAttribute, setText, setVisible, svg } from './dom.ts';
import { icon } from './icons.ts';
import { KeyedList } from './keyedList.ts';
import type { ItemView } from './keyedList.ts';

/** More rows than these are folded, until somebody unfolds them. */
const mostUnfolded = 2;
/** Looks that a sparkline goes back: five minutes. */
const mostLooks = 60;
/** Of a sparkline, in CSS pixels. */
const [width, height] = [72, 14];

/** The GPUs of the machine, a line each, with how busy each was in the last minutes. */
export class GpuRows {
  private readonly summary = html('span', {});
  private readonly list = html('ul', {});
  private readonly details = html('details', {}, html('summary', {}, icon('chevron'), this.summary), this.list);
  readonly element = html('section', { class: 'gpus', 'aria-label': 'GPUs of this machine', hidden: true }, this.details);
  private readonly rows = new KeyedList<PanelGpu>(this.list, ({ index }) => String(index), gpuRow);
  private isEmpty = true;

  update(gpus: readonly PanelGpu[]): void {
    setVisible(this.element, gpus.length > 0);
    if (this.isEmpty) this.details.open = gpus.length <= mostUnfolded;
    this.isEmpty = gpus.length === 0;
    setText(this.summary, gpusSummary(gpus));
    this.rows.update(gpus);
  }
}

function gpuRow(): ItemView<PanelGpu> {
  const text = html('span', { class: 'gpu-text' });
  const line = svg('polyline', {});
  // What it shows stands beside it as a number.
  const sparkline = svg('svg', { class: 'gpu-sparkline', viewBox: `0 0 ${width} ${height}`, 'aria-hidden': 'true' }, line);
  const looks: (number | null)[] = [];
  const element = html('li', { class: 'gpu' }, sparkline, text);
  return {
    element,
    update(gpu) {
      looks.push(gpu.utilization);
      if (looks.length > mostLooks) looks.shift();
      setAttribute(line, 'points', pointsOf(looks));
      setText(text, gpuRowText(gpu));
      setAttribute(element, 'title', gpu.name);
    },
  };
}

/** The newest look is at the right end. What is not known leaves no gap: the line goes on from the last that is. */
function pointsOf(looks: readonly (number | null)[]): string {
  const first = mostLooks - looks.length;
  const known = looks.flatMap((value, at) => (value === null ? [] : [[first + at, Math.min(100, Math.max(0, value))] as const]));
  const points = known.map(
    ([at, value]) => `${((at / (mostLooks - 1)) * width).toFixed(1)},${(1 + (1 - value / 100) * (height - 2)).toFixed(1)}`,
  );
  return points.join(' ');
}
