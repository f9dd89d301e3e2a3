import { exactText } from '../../src/core/notation.ts';
import { html, setText } from '../dom.ts';
import type { Control } from './toolkit.ts';

export interface SliderOptions {
  readonly label: string;
  readonly title: string;
  readonly min: number;
  readonly max: number;
  readonly step: number;
  readonly value: number;
  readonly onChange: (value: number) => void;
}

/** A slider: the browser's own, since the toolkit has none. */
export function slider({ label, title, min, max, step, value, onChange }: SliderOptions): Control<number> {
  const input = html('input', { type: 'range', min, max, step, value, 'aria-label': label });
  const shown = html('output', { class: 'slider-value' }, exactText(value));
  input.addEventListener('input', () => {
    setText(shown, exactText(input.valueAsNumber));
    onChange(input.valueAsNumber);
  });
  return {
    element: html('label', { class: 'control', title }, html('span', { class: 'control-label' }, label), input, shown),
    set(next) {
      if (input.valueAsNumber === next) return;
      input.valueAsNumber = next;
      setText(shown, exactText(next));
    },
  };
}
