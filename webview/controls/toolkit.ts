// First: the toolkit makes a style element while it is loaded.
import './styleNonce.ts';
import { provideVSCodeDesignSystem, vsCodeButton, vsCodeCheckbox, vsCodeDropdown, vsCodeOption } from '@vscode/webview-ui-toolkit';
import type { Button, Checkbox, Dropdown } from '@vscode/webview-ui-toolkit';
import { html, setAttribute } from '../dom.ts';

/** The one module that knows the widget library: whoever replaces the library replaces this file. */

provideVSCodeDesignSystem().register(vsCodeButton(), vsCodeCheckbox(), vsCodeDropdown(), vsCodeOption());

/** A widget that shows a value; `set` shows another one without calling back. */
export interface Control<T> {
  readonly element: HTMLElement;
  set(value: T): void;
}

export interface DropdownOptions<T extends string> {
  /** Stands in front of the control and names it. */
  readonly label: string;
  readonly title: string;
  /** Texts by value, in their order. */
  readonly options: Readonly<Record<T, string>>;
  readonly value: T;
  readonly onChange: (value: T) => void;
}

export function dropdown<T extends string>({ label, title, options, value, onChange }: DropdownOptions<T>): Control<T> {
  const control = document.createElement('vscode-dropdown') as Dropdown;
  for (const [name, text] of Object.entries<string>(options)) {
    const option = document.createElement('vscode-option');
    setAttribute(option, 'value', name);
    setAttribute(option, 'selected', name === value);
    option.textContent = text;
    control.append(option);
  }
  setAttribute(control, 'aria-label', label);
  let shown = value;
  control.addEventListener('change', () => {
    if (!Object.hasOwn(options, control.value) || control.value === shown) return;
    shown = control.value as T;
    onChange(shown);
  });
  return {
    element: html('span', { class: 'control', title }, html('span', { class: 'control-label', 'aria-hidden': 'true' }, label), control),
    set(next) {
      if (next === shown) return;
      shown = next;
      control.value = next;
    },
  };
}

export interface CheckboxOptions {
  readonly label: string;
  readonly title: string;
  readonly value: boolean;
  readonly onChange: (value: boolean) => void;
}

export function checkbox({ label, title, value, onChange }: CheckboxOptions): Control<boolean> {
  const control = document.createElement('vscode-checkbox') as Checkbox;
  control.textContent = label;
  control.checked = value;
  setAttribute(control, 'title', title);
  let shown = value;
  control.addEventListener('change', () => {
    if (control.checked === shown) return;
    shown = control.checked;
    onChange(shown);
  });
  return {
    element: control,
    set(next) {
      shown = next;
      if (control.checked !== next) control.checked = next;
    },
  };
}

export interface ButtonOptions {
  readonly label: string;
  /** What it does, where the label does not say it all. */
  readonly title?: string;
  readonly icon?: SVGElement;
  /** `icon`: the icon alone, named by the label. */
  readonly appearance: 'primary' | 'secondary' | 'icon';
  readonly onClick: () => void;
}

export function button({ label, title, icon, appearance, onClick }: ButtonOptions): Button {
  const control = document.createElement('vscode-button') as Button;
  setAttribute(control, 'aria-label', label);
  setAttribute(control, 'appearance', appearance);
  setAttribute(control, 'title', title ?? (appearance === 'icon' ? label : null));
  if (icon !== undefined) {
    setAttribute(icon, 'slot', appearance === 'icon' ? null : 'start');
    control.append(icon);
  }
  // Not a span: the toolkit gives these the size of an icon.
  if (appearance !== 'icon') control.append(html('div', { class: 'button-label' }, label));
  control.addEventListener('click', onClick);
  return control;
}
