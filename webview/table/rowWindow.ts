import { html } from '../dom.ts';

/** Up to so many rows are all in the page: they can be searched, and cost little. */
const mostWhole = 150;
/** Rows above and below those in sight. */
const margin = 12;
/** Pixels, until a row has been measured. */
const usualHeight = 28;

/** Which of many rows of a scrolled table are in the page; two spacers stand for the others. */
export class RowWindow {
  private readonly spacers = ['before', 'after'].map((place) => {
    const cell = html('td', {});
    return { place, cell, body: html('tbody', { 'aria-hidden': 'true' }, html('tr', { class: 'spacer' }, cell)) };
  });
  private rowHeight = usualHeight;

  constructor(
    private readonly area: HTMLElement,
    private readonly body: HTMLElement,
  ) {}

  /** The first row and the one after the last that are to be in the page. */
  range(count: number): readonly [from: number, to: number] {
    if (count <= mostWhole) {
      this.space(0, count, count);
      return [0, count];
    }
    this.rowHeight = this.body.firstElementChild?.getBoundingClientRect().height || this.rowHeight;
    const { scrollTop, clientHeight } = this.area;
    const first = Math.floor(scrollTop / this.rowHeight);
    const last = Math.ceil((scrollTop + Math.max(clientHeight, window.innerHeight / 2)) / this.rowHeight);
    const from = Math.max(0, Math.min(first - margin, count - 2 * margin));
    const to = Math.min(count, last + margin);
    this.space(from, to, count);
    return [from, to];
  }

  private space(from: number, to: number, count: number): void {
    for (const { place, cell, body } of this.spacers) {
      const rows = place === 'before' ? from : count - to;
      if (rows === 0) body.remove();
      else {
        cell.style.height = `${rows * this.rowHeight}px`;
        if (body.parentElement === null) this.body[place === 'before' ? 'before' : 'after'](body);
      }
    }
  }
}
