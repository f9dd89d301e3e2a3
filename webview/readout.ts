import { integerText, quantityText } from '../src/core/notation.ts';
import type { XAxisKind } from '../src/core/panel/view.ts';
import type { Reading, Readout } from './chart/chartModel.ts';
import { html, setText, setVisible } from './dom.ts';
import { KeyedList } from './keyedList.ts';
import type { ItemView } from './keyedList.ts';

/** More would cover the chart. */
const mostLines = 10;

/** The values at the crosshair, in the order in which the lines lie. */
export class ReadoutBox {
  private readonly heading = html('div', { class: 'muted' });
  private readonly lines = html('div', {});
  private readonly more = html('div', { class: 'muted' });
  readonly element = html('div', { class: 'readout', hidden: true }, this.heading, this.lines, this.more);
  private readonly list = new KeyedList<Readout>(this.lines, ({ series, run }) => `${series}\n${run ?? ''}`, readoutLine);

  hide(): void {
    setVisible(this.element, false);
  }

  show(x: XAxisKind, { x: at, isRight, readouts }: Reading): void {
    setVisible(this.element, readouts.length > 0);
    if (readouts.length === 0) return;
    // It must not cover the values that it lists.
    this.element.classList.toggle('to-the-left', isRight);
    const lines = readouts.toSorted((a, b) => b.value - a.value);
    setText(this.heading, positionText(x, at));
    this.list.update(lines.slice(0, mostLines));
    setVisible(this.more, lines.length > mostLines);
    setText(this.more, `and ${lines.length - mostLines} more`);
  }
}

function readoutLine({ color, label }: Readout): ItemView<Readout> {
  const swatch = html('span', { class: 'swatch' });
  const name = html('span', {}, label);
  const value = html('span', {});
  const range = html('span', { class: 'readout-band muted' });
  swatch.style.background = color;
  let shown = color;
  return {
    element: html('div', { class: 'readout-line' }, swatch, name, value, range),
    update(readout) {
      if (readout.color !== shown) swatch.style.background = shown = readout.color;
      setText(name, readout.label);
      setText(value, quantityText(readout.value));
      setText(range, readout.band === null ? '' : `${quantityText(readout.band[0])} to ${quantityText(readout.band[1])}`);
    },
  };
}

/** "Step 181", "1.2·10⁶ tokens", "3:07 min". */
function positionText(x: XAxisKind, at: number): string {
  if (x === 'step') return `Step ${integerText(Math.round(at))}`;
  if (x === 'tokens') return `${quantityText(at)} tokens`;
  const seconds = Math.floor(at % 60);
  const minutes = Math.floor(at / 60) % 60;
  const hours = Math.floor(at / 3600);
  const two = (count: number): string => String(count).padStart(2, '0');
  return `${hours > 0 ? `${hours}:${two(minutes)}` : minutes}:${two(seconds)}${hours > 0 ? ' h' : ' min'}`;
}
